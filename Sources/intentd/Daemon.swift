import Engine
import Glibc
import LanguageModel
import Logging
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
    private let engine: Engine
    private let server: SocketServer
    private let languageModel: LanguageModel
    private let place: ListeningPlace
    private let output: LogOutput
    private let notifier: Notifier?

    /// Opens the folders. Nothing serves yet.
    init(
        files: HostFileSystem,
        folders: Folders,
        configuration: Configuration,
        reader: ConfigurationSource,
        llm: LLMSource,
        place: ListeningPlace,
        output: LogOutput,
        notifier: Notifier?
    ) async throws {
        let logger = output.logger
        let holder = Holder()
        let languageModel: LanguageModel
        do {
            languageModel = try LanguageModel(llm.settings(configuration.llm), logger: logger)
        } catch {
            throw llm.explained(error)
        }
        self.languageModel = languageModel
        var environment = Environment(
            files: files,
            folders: folders,
            clock: .host,
            randomness: .system,
            process: .child,
            logger: logger,
            configuration: {
                let configuration = try reader.read()
                try llm.check(configuration)
                return configuration
            },
            changes: { ConfigurationFile.changes(from: $0, to: $1) },
            apply: { configuration in
                holder.server?.apply(admins: configuration.access.admins, limits: configuration.limits)
                do {
                    try languageModel.apply(llm.settings(configuration.llm))
                } catch {
                    logger.error("The LLM's settings were not taken over: \(error)")
                }
            },
            uid: geteuid()
        )
        environment.llm = languageModel.llm
        if let notifier {
            environment.reloading = { isUnderWay in
                guard !isUnderWay else { return notifier.reloadBegan() }
                notifier.reloadEnded(status: holder.engine?.condition.line() ?? "")
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
            admins: configuration.access.admins,
            limits: configuration.limits,
            logger: logger
        )
        holder.hold(engine, server)
        engine.champion.attach(server.eventLoops)
        self.place = place
        self.output = output
        self.notifier = notifier
    }

    /// Serves until SIGTERM or SIGINT; SIGHUP reloads. Signals are heeded from the first training on.
    func run() async throws {
        let logger = output.logger
        let watchdog = watchdog()
        // The services stop in reverse order.
        var services: [any Service] = [Maintenance(engine: engine, server: server, journal: output.queue, clock: .host)]
        if let notifier { services.append(StatusReport(engine: engine, notifier: notifier, clock: .host)) }
        services.append(ReloadOnHangup(engine: engine))
        services.append(
            Sockets(
                engine: engine,
                server: server,
                languageModel: languageModel,
                place: place,
                logger: logger
            ) { [engine, languageModel, notifier] in
                languageModel.prepare()
                notifier?.ready(status: engine.condition.line())
            }
        )
        services.append(
            StopNotice { [notifier] in
                notifier?.stopping()
                logger.notice("intentd stops.", metadata: JournalMessage.stopping.metadata())
            }
        )
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "lifecycle") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await group.run()
        notifier?.extendTimeout(seconds: 10)
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

/// The place where the daemon listens.
enum ListeningPlace: Sendable {
    case path(String)
    case passed(PassedSocket)

    var path: String {
        switch self {
        case .path(let path): path
        case .passed(let socket): socket.path
        }
    }

    func open() throws -> Int32 {
        switch self {
        case .path(let path): try ListeningSocket.listen(on: path, mode: 0o600)
        case .passed(let socket): socket.descriptor
        }
    }

    /// Removes a socket that the daemon made. A passed one stays, because its unit goes on listening.
    func remove() { if case .path(let path) = self { unlink(path) } }
}

/// Engine and server exist only after the environment that tells them of reloads.
private final class Holder: Sendable {
    private let held = Mutex<(engine: Engine, server: SocketServer)?>(nil)

    func hold(_ engine: Engine, _ server: SocketServer) { held.withLock { $0 = (engine, server) } }

    var engine: Engine? { held.withLock { $0?.engine } }

    var server: SocketServer? { held.withLock { $0?.server } }
}
