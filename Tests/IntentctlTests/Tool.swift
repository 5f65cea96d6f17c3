import Glibc
import Patience
import Synchronization
import Wire

/// The real executable as a child process.
enum Tool {
    struct Outcome: Sendable {
        /// The exit code; negative for a signal.
        var code: Int32
        var output: String
        var errors: String

        var json: JSON? { try? JSONParser.parse(output) }
    }

    /// It lies beside the test bundle.
    static let executable = program("intentctl")

    static func program(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/" + name
    }

    /// - Parameters:
    ///   - input: what stands in standard input.
    ///   - output: standard output, if not a file that is read afterwards.
    ///   - shell: the script of a shell that starts it as `"$0" "$@"`.
    ///   - program: another executable than the tool.
    static func run(
        _ arguments: [String],
        input: String = "",
        environment: [String: String] = [:],
        in directory: String = "/",
        output: Int32? = nil,
        shell: String? = nil,
        program: String = executable
    ) throws -> Outcome {
        let folder = try Folder()
        let files = (in: folder.path + "/in", out: folder.path + "/out", error: folder.path + "/error")
        let writer = open(files.in, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let bytes = Array(input.utf8)
        guard write(writer, bytes, bytes.count) == bytes.count else { throw SystemFailure(errno) }
        close(writer)

        let descriptors = [
            open(files.in, O_RDONLY | O_CLOEXEC), try output ?? made(files.out), try made(files.error),
        ]
        defer {
            for (index, descriptor) in descriptors.enumerated() where index != 1 || output == nil { close(descriptor) }
        }
        let child = try spawn(arguments, environment, directory, descriptors, shell: shell, program: program)
        return Outcome(
            code: try wait(for: child),
            output: String(decoding: contents(of: files.out), as: UTF8.self),
            errors: String(decoding: contents(of: files.error), as: UTF8.self)
        )
    }

    private static func made(_ path: String) throws -> Int32 {
        let file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemFailure(errno) }
        return file
    }

    /// - Parameters:
    ///   - descriptors: for the child's standard input, output and error.
    ///   - ownGroup: whether signals that it sends to its process group stay there.
    static func spawn(
        _ arguments: [String],
        _ environment: [String: String],
        _ directory: String,
        _ descriptors: [Int32],
        ownGroup: Bool = false,
        shell: String? = nil,
        program: String = executable
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(index))
        }

        let defaults = ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"]
        var variables = defaults.merging(environment) { $1 }
        // The runtime may lie beside the toolchain; a sanitizer's variables say where reports go (scripts/sanitize.sh).
        for name in ["LD_LIBRARY_PATH", "LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE"] {
            if let value = getenv(name) { variables[name] = String(cString: value) }
        }
        // The watchdog turns a tool that waits for ever into a failed expectation (exit code 137).
        let watchdog = ["/usr/bin/timeout", "--foreground", "--signal=KILL", "\(Patience.seconds)"]
        let script = shell.map { ["/bin/sh", "-c", $0] } ?? []
        let command = watchdog + ["/usr/bin/env", "-C", directory] + script + [program] + arguments
        var argv = command.map { strdup($0) } + [nil]
        var envp = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { for pointer in argv + envp { free(pointer) } }
        // The threads of a test run block signals, and some are ignored; the tool starts as from a shell.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigaddset(&signals, SIGPIPE)
        sigaddset(&signals, SIGINT)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (ownGroup ? POSIX_SPAWN_SETPGROUP : 0))
        )
        var child: pid_t = 0
        let status = Descriptors.inheritance.withLock { _ in
            posix_spawn(&child, command[0], &actions, &attributes, &argv, &envp)
        }
        guard status == 0 else { throw SystemFailure(status) }
        return child
    }

    static func wait(for child: pid_t) throws -> Int32 {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 { guard errno == EINTR else { throw SystemFailure(errno) } }
        let signal = status & 0x7F
        return signal == 0 ? status >> 8 & 0xFF : -signal
    }
}
