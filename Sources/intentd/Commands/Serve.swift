import ArgumentParser
import Engine
import Glibc
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Runs the daemon in the foreground (the default command)."
    )

    @OptionGroup var root: RootOptions

    @Option(help: "The configuration file (default: deploy/intentd.yaml below the root, if it is there).")
    var config: String?

    @Option(help: "Where to listen (default: run/intentd.sock below the root).")
    var socket: String?

    mutating func run() async throws {
        let logger = Logger(label: "intentd") { _ in LineLogHandler() }
        signal(SIGPIPE, SIG_IGN)
        // Texts of people lie in our files; also in those that SQLite makes.
        umask(0o077)
        // Until there is something that could reload, a reload must not be the end.
        signal(SIGHUP) { _ in }
        raiseFileLimit()
        let files = HostFileSystem()
        let folders = root.folders(environment: ProcessEnvironment.all)
        let reader = ConfigurationSource(
            path: root.resolve(config ?? "deploy/intentd.yaml"),
            isRequired: config != nil
        )
        let socketPath = root.resolve(socket ?? "run/intentd.sock")
        do {
            let configuration = try reader.read()
            try files.makeDirectory(folders.data)
            let lock = try FolderLock(folders.lock)
            if socket == nil { try files.makeDirectory(root.resolve("run")) }
            try ListeningSocket.checkFree(socketPath)
            let daemon = try await Daemon(
                files: files,
                folders: folders,
                configuration: configuration,
                reader: reader,
                socketPath: socketPath,
                logger: logger
            )
            try await daemon.run()
            withExtendedLifetime(lock) {}
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure(message: "\(error)")
        }
    }

    private func raiseFileLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}

/// The configuration file as it is whenever it is read.
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
