import Engine
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import UnixSignals
import Wire

/// The pieces, put together, and the order in which they start and stop.
struct Daemon {
    private let engine: Engine
    private let server: SocketServer
    private let socketPath: String
    private let logger: Logger

    /// Opens the folders; nothing serves yet.
    init(
        files: HostFileSystem,
        folders: Folders,
        configuration: Configuration,
        reader: ConfigurationSource,
        socketPath: String,
        logger: Logger
    ) async throws {
        let holder = ServerHolder()
        let world = Engine.World(
            files: files,
            folders: folders,
            clock: .host,
            randomness: .system,
            process: .child,
            logger: logger,
            configuration: { try reader.read() },
            changes: { ConfigurationFile.changes(from: $0, to: $1) },
            apply: { holder.server?.apply($0) },
            uid: geteuid()
        )
        engine = try await Engine.open(world: world, configuration: configuration)
        server = try await SocketServer(engine: engine, configuration: configuration, logger: logger)
        holder.server = server
        engine.attach(server.lanes)
        self.socketPath = socketPath
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reloads. Signals are heeded from the first training on.
    func run() async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [
                    .init(service: Maintenance(engine: engine, clock: .host)),
                    .init(service: ReloadOnHangup(engine: engine, logger: logger)),
                    .init(service: Sockets(engine: engine, server: server, path: socketPath, logger: logger)),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await group.run()
        await engine.jobs?.stop()
        await server.shutDown()
        engine.finish()
        logger.notice("intentd has stopped.")
    }
}

/// The server exists only after the engine, which wants to tell it of reloads.
private final class ServerHolder: Sendable {
    private let held = Mutex<SocketServer?>(nil)

    var server: SocketServer? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }
}

/// Makes something serve and listens then. Stops first (services stop in reverse order): no new clients, then answers
/// for those who wait.
private struct Sockets: Service {
    let engine: Engine
    let server: SocketServer
    let path: String
    let logger: Logger

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
            // Who wants to stop does not wait for the first training.
            Task { await engine.jobs?.stop() }
        }
        guard !Task.isShuttingDownGracefully else { return }
        let listener = try ListeningSocket.listen(on: path, mode: 0o600)
        server.start(listener: listener)
        logger.notice("intentd \(Software.version) answers on \(path).")
        try? await gracefulShutdown()
        // While nobody else can have taken the path over.
        unlink(path)
        await server.stop(within: 8, clock: .host)
        close(listener)
    }
}

/// What is due once a second: syncs, rotation.
private struct Maintenance: Service {
    let engine: Engine
    let clock: Clock

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                engine.maintain()
                try? await clock.sleep(1)
            }
        }
    }
}

private struct ReloadOnHangup: Service {
    let engine: Engine
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) {
                do {
                    let result = try await engine.reload()
                    logger.notice("Reloaded: \(result)")
                } catch {
                    logger.error("The reload was refused: \((error as? RPCError)?.message ?? "\(error)")")
                }
            }
        }
    }
}
