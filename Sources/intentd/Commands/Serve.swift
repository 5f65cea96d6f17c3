import ArgumentParser
import Engine
import Glibc
import Logging
import World

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon in the foreground (the default command)."
    )

    @OptionGroup var root: RootOptions

    @Option(
        help: """
            The configuration file (default: $CONFIGURATION_DIRECTORY/intentd.yaml where that is set, else \
            deploy/intentd.yaml below the root, if it is there).
            """
    )
    var config: String?

    @Option(help: "Where to listen (default: the socket that systemd passed, else run/intentd.sock below the root).")
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The least level that is logged: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "level"
        ),
        transform: { name in
            guard let level = Logger.Level(rawValue: name) else {
                throw ValidationError("\(name) is not a level; use one of those that --help lists.")
            }
            return level
        }
    )
    var logLevel = Logger.Level.info

    mutating func run() async throws {
        let environment = ProcessEnvironment.all
        let output = LogOutput(level: logLevel, environment: environment)
        defer { output.flush() }
        signal(SIGPIPE, SIG_IGN)
        // Our files hold what people said, also the files that SQLite makes.
        umask(0o077)
        Memory.configure()
        // A SIGHUP must not end the process while there is nothing yet that could reload.
        signal(SIGHUP) { _ in }
        raiseFileLimit()
        do {
            try await serve(environment, output)
        } catch {
            let message = (error as? CommandFailure)?.message ?? "\(error)"
            guard output.queue != nil else { throw CommandFailure(message: message) }
            // The journal gets an entry with its priority instead of a line.
            output.logger.critical("\(message)")
            throw ExitCode(1)
        }
    }

    private func serve(_ environment: [String: String], _ output: LogOutput) async throws {
        let files = HostFileSystem()
        let folders = root.folders(environment: environment)
        let reader = ConfigurationSource(path: configurationPath(environment), isRequired: config != nil)
        let passed = PassedSocket.take(logger: output.logger)
        let place = passed.map { ListeningPlace.passed($0) } ?? .path(root.resolve(socket ?? "run/intentd.sock"))
        let llm = try LLMSource(environment: environment)
        let configuration = try reader.read()
        try files.makeDirectory(folders.data)
        let lock = try FolderLock(folders.lock)
        if case .path(let path) = place {
            if socket == nil { try files.makeDirectory(root.resolve("run")) }
            try ListeningSocket.checkFree(path)
        }
        let daemon = try await Daemon(
            files: files,
            folders: folders,
            configuration: configuration,
            reader: reader,
            llm: llm,
            place: place,
            output: output,
            notifier: Notifier(environment: environment)
        )
        try await daemon.run()
        withExtendedLifetime(lock) {}
    }

    private func configurationPath(_ environment: [String: String]) -> String {
        if let config { return root.resolve(config) }
        if let folder = environment["CONFIGURATION_DIRECTORY"] {
            return folder.prefix { $0 != ":" } + "/intentd.yaml"
        }
        return root.resolve("deploy/intentd.yaml")
    }

    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// The configuration file, read anew each time.
struct ConfigurationSource: Sendable {
    let path: String
    /// A file that was asked for by name must be there.
    let isRequired: Bool

    func read() throws -> Configuration {
        do {
            return try ConfigurationFile.parse(try HostFileSystem().read(path), path: path)
        } catch let error as FileError {
            if error.kind == .notFound, !isRequired { return Configuration() }
            throw error
        }
    }
}
