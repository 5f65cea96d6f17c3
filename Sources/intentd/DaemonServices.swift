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

/// A service that is one function.
struct Running: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws { try await body() }
}

extension Daemon {
    /// Brings a model up and listens then, so that whoever can connect gets answers. At the stop it takes no new clients,
    /// and then answers those who wait.
    func listen() async throws {
        let logger = output.logger
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
        try listener.begin { server.start(listener: $0) }
        logger.notice(
            "intentd \(Software.version) answers on \(listener.path).",
            metadata: JournalMessage.started.metadata(["model_version": "\(engine.champion.version ?? 0)"])
        )
        languageModel.prepare()
        notifier?.ready(status: engine.condition.line())
        try? await gracefulShutdown()
        // The path goes first, while no other daemon can have taken it over.
        listener.remove()
        // An LLM that takes longer is cut off: its clients get what there is while there is still time to send it.
        let patience = Task {
            try await Clock.host.sleep(6)
            await languageModel.shutDown()
        }
        await server.stop(within: 8)
        patience.cancel()
        listener.end()
    }

    /// Does what is due once a second: it runs the chores, and gives memory back after something large has gone.
    func maintain() async {
        await cancelWhenGracefulShutdown {
            var last = engine.condition
            var (crowd, held) = (0, 0)
            while !Task.isCancelled {
                engine.tick()
                engine.health.set(.socket, listener.look { server.restart(listener: $0) })
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
                if let journal = output.queue {
                    let loss = journal.isLosing ? "the journal does not take its lines; \(journal.lost) are lost" : nil
                    engine.health.set(.journal, loss)
                }
                try? await Clock.host.sleep(1)
            }
        }
    }

    /// Reloads on SIGHUP. The log says what became of it.
    func reloadOnHangup() async {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { _ = try? await engine.reload.run() }
        }
    }

    /// Tells that the stop has begun. It is the last service to start and so the first to stop.
    func tellStop() async {
        try? await gracefulShutdown()
        notifier?.stopping()
        output.logger.notice("intentd stops.", metadata: JournalMessage.stopping.metadata())
    }
}
