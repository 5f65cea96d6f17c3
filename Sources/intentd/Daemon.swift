import Engine
import Glibc
import LanguageModel
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import UnixSignals
import Wire
import World

/// Puts the pieces together, and says in which order they start and stop.
///
/// The group stops its services in the reverse of the order in which they are listed. So the sockets stand late in the
/// list: they stop early, while everything that answers people still runs.
struct Daemon {
    let engine: Engine
    let server: SocketServer
    let languageModel: LanguageModel
    let listener: Listener
    let output: LogOutput
    let notifier: Notifier?

    /// Opens the folders. Nothing serves yet.
    init(
        folders: Folders,
        configuration: Configuration,
        reader: ConfigurationSource,
        llm: LLMSource,
        place: ListeningPlace,
        output: LogOutput,
        notifier: Notifier?,
        shown: Place
    ) async throws {
        let logger = output.logger
        let holder = Holder()
        let languageModel = try LanguageModel(llm.settings(configuration), logger: logger)
        var environment = Environment(
            files: HostFileSystem(within: [folders.models, folders.data, folders.logs]),
            folders: folders,
            clock: .host,
            randomness: .system,
            process: .child,
            logger: logger,
            configuration: {
                let configuration = try reader.read()
                _ = try llm.settings(configuration)
                return configuration
            },
            changes: ConfigurationFile.changes,
            apply: { configuration in
                let held = holder.held.withLock { $0 }
                held?.server.apply(Access(configuration.access), limits: configuration.limits)
                held?.listener.settle()
                do {
                    try languageModel.apply(llm.settings(configuration))
                } catch {
                    logger.error("The LLM's settings were not taken over: \(error)")
                }
            },
            uid: geteuid()
        )
        environment.llm = languageModel.llm
        environment.processors = System.coreCount
        environment.threads = Threads { name, nice, body in BackgroundThread.start(name, nice: nice, body) }
        environment.place = shown
        if let notifier {
            environment.reloading = { isUnderWay in
                guard !isUnderWay else { return notifier.reloadBegan() }
                notifier.reloadEnded(status: holder.held.withLock { $0 }?.engine.condition.line() ?? "")
            }
        }
        engine = try await Engine(environment, configuration)
        engine.champion.observe { _ in
            // At once: what was read and written for a new model lies free in all arenas, and the next answers would
            // settle in it.
            Memory.giveBack()
            return false
        }
        server = try await SocketServer(
            engine.service,
            Access(configuration.access),
            limits: configuration.limits,
            logger: logger
        )
        listener = Listener(place, logger: logger)
        (self.languageModel, self.output, self.notifier) = (languageModel, output, notifier)
        holder.held.withLock { [engine, server, listener] in $0 = (engine, server, listener) }
        engine.champion.attach(server.eventLoops)
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reloads. Signals are heeded from the first training on.
    func run() async throws {
        let logger = output.logger
        let watchdog = watchdog()
        // The services stop in reverse order.
        let services: [(any Service)?] = [
            Running { await maintain() }, notifier.map { StatusReport(engine: engine, notifier: $0) },
            Running { await reloadOnHangup() }, Running { try await listen() }, Running { await tellStop() },
        ]
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.compactMap { $0.map { .init(service: $0) } },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await group.run()
        notifier?.extendTimeout(seconds: 10)
        engine.ledger.hurry()
        await engine.jobs.stop()
        watchdog?.stop()
        // Some clients went away before their answers could leave; the lines of these answers still belong in the log.
        await server.eventLoops.onEach { $0.flush() }
        await server.shutDown()
        await languageModel.shutDown()
        engine.finish()
        logger.notice("intentd has stopped.")
    }

    /// The watchdog; nil where the service manager expects no pings.
    private func watchdog() -> Watchdog? {
        guard let notifier, let limit = Watchdog.limit else { return nil }
        let database = Watchdog.Part("database") { [engine] answered in
            engine.ledger.probe { answered($0.map { "\($0)" }) }
        }
        let watchdog = Watchdog(parts: server.watched + [database], logger: output.logger) { notifier.alive() }
        watchdog.start(limit: limit)
        return watchdog
    }
}

/// Engine and server exist only after the environment that tells them of reloads.
private final class Holder: Sendable {
    let held = Mutex<(engine: Engine, server: SocketServer, listener: Listener)?>(nil)
}

extension Access {
    fileprivate init(_ configured: Configuration.Access) {
        self.init(admins: configured.admins, services: configured.services)
    }
}
