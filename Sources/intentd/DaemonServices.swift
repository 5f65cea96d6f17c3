import Engine
import Glibc
import LanguageModel
import Learning
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals
import Wire
import World

/// Brings a model up and listens then, so that whoever can connect gets answers. At the stop it takes no new clients,
/// and then answers those who wait.
struct Sockets: Service {
    let engine: Engine
    let server: SocketServer
    let languageModel: LanguageModel
    let place: ListeningPlace
    let logger: Logger
    let ready: @Sendable () -> Void

    func run() async throws {
        let (engine, logger) = (engine, logger)
        let lastStep = Mutex("")
        let tell: @Sendable (String, Double) -> Void = { step, fraction in
            let isNew = lastStep.withLock { last in
                defer { last = step }
                return last != step
            }
            if isNew { logger.info("Training the first model: \(step), \(Int(fraction * 100)) %.") }
        }
        await withGracefulShutdownHandler {
            await engine.bringUp(progress: tell)
        } onGracefulShutdown: {
            // A stop does not wait for the first training.
            Task { await engine.jobs.stop() }
        }
        guard !Task.isShuttingDownGracefully else { return }
        let listener = try place.open()
        server.start(listener: listener)
        logger.notice(
            "intentd \(Software.version) answers on \(place.path).",
            metadata: JournalMessage.started.metadata(["model_version": "\(engine.champion.version ?? 0)"])
        )
        ready()
        try? await gracefulShutdown()
        // The path goes first, while no other daemon can have taken it over.
        place.remove()
        // An LLM that takes longer is cut off: its clients get what there is while there is still time to send it.
        let patience = Task { [languageModel] in
            try await Clock.host.sleep(6)
            await languageModel.shutDown()
        }
        await server.stop(within: 8, clock: .host)
        patience.cancel()
        close(listener)
    }
}

/// Does what is due once a second: it runs the chores, and gives memory back after something large has gone.
struct Maintenance: Service {
    let engine: Engine
    let server: SocketServer
    let journal: JournalQueue?
    let clock: Clock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var last = engine.condition
            var (crowd, held) = (0, 0)
            while !Task.isCancelled {
                engine.tick()
                let now = engine.condition
                let (connections, bytes) = (server.connections, engine.door.held.value)
                (crowd, held) = (max(crowd, connections), max(held, bytes))
                // A training, a new model, and a crowd or much work that has gone leave much free memory behind.
                let hasThinned = crowd > 32 && connections < crowd / 2 || held > 4 << 20 && bytes < held / 2
                if now.champion != last.champion || (now.job == nil && last.job != nil) || hasThinned {
                    Memory.giveBack()
                    (crowd, held) = (connections, bytes)
                }
                last = now
                if let journal {
                    let loss = journal.isLosing ? "the journal does not take its lines; \(journal.lost) are lost" : nil
                    engine.health.set(.journal, loss)
                }
                try? await clock.sleep(1)
            }
        }
    }
}

/// Reloads on SIGHUP. The log says what became of it.
struct ReloadOnHangup: Service {
    let engine: Engine

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = try? await engine.reload.run() }
        }
    }
}
