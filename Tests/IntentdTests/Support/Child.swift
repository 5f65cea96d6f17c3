import Glibc
import Patience

/// A program that a test started, with its output in files, so that nobody blocks on a full pipe.
final class Child {
    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    struct NotStarted: Error, CustomStringConvertible {
        var path: String
        var code: Int32
        var description: String { "\(path) could not be started: \(String(cString: strerror(code)))" }
    }

    let pid: pid_t
    private let folder: String
    private var ending: Ending?

    /// - Parameters:
    ///   - folder: where `NAME.out` and `NAME.err` go.
    ///   - input: what the program reads; without it, its standard input is empty.
    ///   - passing: descriptors that the program finds as 3 and up.
    init(
        _ path: String,
        _ arguments: [String],
        folder: String,
        environment: [String: String] = [:],
        input: String? = nil,
        passing: [Int32] = []
    ) throws {
        self.folder = folder
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        var source = "/dev/null"
        if let input {
            source = folder + "/in"
            try Files.write(input, to: source)
        }
        let flags = O_WRONLY | O_CREAT | O_TRUNC
        posix_spawn_file_actions_addopen(&actions, 0, source, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, folder + "/out", flags, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, folder + "/err", flags, 0o600)
        // First out of the way of the numbers that are wanted.
        let copies = passing.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
        defer { for copy in copies { close(copy) } }
        for (index, copy) in copies.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, copy, Int32(3 + index))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What the test runner does with its signals is not the program's business.
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        // A sanitizer's variables say where a child's reports go (scripts/sanitize.sh).
        let names = ["LD_PRELOAD", "TSAN_OPTIONS", "ASAN_OPTIONS", "SWIFT_BACKTRACE"]
        let passed = names.compactMap { (name: String) -> String? in
            getenv(name).map { "\(name)=\(String(cString: $0))" }
        }
        let variables = ["PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8"] + passed
        var process = pid_t()
        let code = Self.withStrings([path] + arguments) { argv in
            Self.withStrings(variables + environment.map { "\($0.key)=\($0.value)" }) { envp in
                posix_spawn(&process, path, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else { throw NotStarted(path: path, code: code) }
        pid = process
    }

    deinit {
        if ending == nil {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
    }

    var output: String { Files.read(folder + "/out") }

    var errors: String { Files.read(folder + "/err") }

    var hasEnded: Bool { poll() != nil }

    func signal(_ number: Int32) {
        if poll() == nil { kill(pid, number) }
    }

    /// How the program ended; nil where it hangs.
    func wait() -> Ending? { Patience.wait { poll() } }

    /// The programs that this one has started and that have not ended.
    var children: [pid_t] { ProcessTable.children(of: pid) }

    private func poll() -> Ending? {
        if let ending { return ending }
        var status: Int32 = 0
        guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
        let signal = status & 0x7F
        ending = signal == 0 ? .exit((status >> 8) & 0xFF) : .signal(signal)
        return ending
    }

    private static func withStrings<Result>(
        _ strings: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}

/// What `/proc` knows.
enum ProcessTable {
    static func children(of parent: pid_t) -> [pid_t] {
        Files.list("/proc").compactMap { pid_t($0) }.filter { pid in
            guard let entry = status(of: pid) else { return false }
            return entry.parent == parent && entry.state != "Z"
        }
    }

    /// A zombie has ended; who collects it is not our business.
    static func isAlive(_ pid: pid_t) -> Bool {
        guard let entry = status(of: pid) else { return false }
        return entry.state != "Z" && entry.state != "X"
    }

    static func openFiles(of pid: pid_t) -> Int { Files.list("/proc/\(pid)/fd").count }

    /// Seconds of processor time that it has used.
    static func processorTime(of pid: pid_t) -> Double {
        let fields = fields(of: pid)
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func status(of pid: pid_t) -> (state: Substring, parent: pid_t)? {
        let fields = fields(of: pid)
        guard fields.count > 1, let parent = pid_t(fields[1]) else { return nil }
        return (fields[0], parent)
    }

    /// The fields of `stat` from the third on, which is the state.
    private static func fields(of pid: pid_t) -> [Substring] {
        // The command's name stands in parentheses and may hold anything.
        let text = Files.read("/proc/\(pid)/stat")
        guard let end = text.lastIndex(of: ")") else { return [] }
        return text[text.index(after: end)...].split(separator: " ")
    }
}
