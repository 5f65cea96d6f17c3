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

    @Flag(help: "Make the folder of --root if it is not there.")
    var create = false

    @Flag(help: "Read the configuration, say what is wrong with it, and end; nothing is served.")
    var check = false

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
        if check { return try checkConfiguration() }
        let output = LogOutput(level: logLevel)
        defer { output.flush() }
        signal(SIGPIPE, SIG_IGN)
        // Our files hold what people said, also the files that SQLite makes.
        umask(0o077)
        Memory.configure()
        // A SIGHUP must not end the process while there is nothing yet that could reload.
        signal(SIGHUP) { _ in }
        raiseFileLimit()
        do {
            try await serve(output)
        } catch {
            let refusal = (error as? FileError).flatMap { $0.kind == .denied ? $0.path : nil }.map(HostUser.refusal)
            guard output.queue != nil else {
                throw CommandFailure(message: ["\(error)", refusal].compactMap { $0 }.joined(separator: ". "))
            }
            // The journal gets an entry with its priority instead of a line.
            output.logger.critical("\(error)")
            throw ExitCode(1)
        }
    }

    private func checkConfiguration() throws {
        do {
            let configuration = try ConfigurationSource(path: configurationPath, isRequired: config != nil).read()
            _ = try LLMSource().settings(configuration)
        } catch {
            throw CommandFailure(message: "\(error)")
        }
    }

    private func serve(_ output: LogOutput) async throws {
        let files = HostFileSystem()
        try root.require(creating: create, files)
        let folders = root.folders
        let reader = ConfigurationSource(path: configurationPath, isRequired: config != nil)
        let passed = PassedSocket.take(logger: output.logger)
        let place = passed ?? ListeningPlace(path: root.resolve(socket ?? "run/intentd.sock"))
        let llm = try LLMSource()
        let configuration = try reader.read()
        try files.makeDirectory(folders.data)
        let lock = try FolderLock(folders.lock)
        if passed == nil {
            if socket == nil { try files.makeDirectory(root.resolve("run")) }
            try ListeningSocket.checkFree(place.path)
        }
        let here = Self.workingFolder
        let daemon = try await Daemon(
            folders: folders,
            configuration: configuration,
            reader: reader,
            llm: llm,
            place: place,
            output: output,
            notifier: Notifier(),
            shown: Place(
                pid: Int(getpid()),
                socket: Self.absolute(place.path, here),
                // Under systemd everything lies in the folder that it hands over.
                root: firstFolder("STATE_DIRECTORY") ?? Self.absolute(root.root, here),
                configuration: Self.absolute(configurationPath, here)
            )
        )
        try await daemon.run()
        withExtendedLifetime(lock) {}
    }

    private static var workingFolder: String {
        let folder = getcwd(nil, 0)
        defer { free(folder) }
        return folder.map { String(cString: $0) } ?? "."
    }

    private static func absolute(_ path: String, _ folder: String) -> String {
        path == "." ? folder : path.hasPrefix("/") ? path : folder + "/" + path
    }

    private var configurationPath: String {
        if let config { return root.resolve(config) }
        let given = firstFolder("CONFIGURATION_DIRECTORY").map { $0 + "/intentd.yaml" }
        return given ?? root.resolve("deploy/intentd.yaml")
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
            return try ConfigurationFile.parse(
                try HostFileSystem().read(path, limit: FileLimit.configuration),
                path: path
            )
        } catch let error as FileError where error.kind == .notFound && !isRequired {
            return Configuration()
        }
    }
}
