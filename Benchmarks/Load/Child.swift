import Glibc

/// A process that was started here, and what it cost.
final class Child {
    struct End {
        var status: Int32
        /// Seconds of processor time.
        var cpu: Double
        /// Kilobytes at its largest moment.
        var peak: Int
    }

    let pid: pid_t

    /// - Parameter output: takes its standard output; nil throws away what it prints.
    init(_ command: [String], output: Int32? = nil) throws {
        guard let program = command.first else { throw Failure("a command is needed after --") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let output {
            posix_spawn_file_actions_adddup2(&actions, output, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        let environment = try bytes("/proc/self/environ").split(separator: 0).map {
            String(decoding: $0, as: UTF8.self)
        }
        var child: pid_t = 0
        let status = Self.withPointers(command) { arguments in
            Self.withPointers(environment) { posix_spawnp(&child, program, &actions, nil, arguments, $0) }
        }
        guard status == 0 else { throw Failure("cannot start \(program): \(String(cString: strerror(status)))") }
        pid = child
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// How it ended; nil while it runs.
    func ended() -> End? { wait(WNOHANG) }

    func end() throws -> End {
        guard let end = wait(0) else { throw explain("cannot wait for a process") }
        return end
    }

    private func wait(_ options: Int32) -> End? {
        var status: Int32 = 0
        var usage = rusage()
        guard wait4(pid, &status, options, &usage) == pid else { return nil }
        // A shell counts the same way: 128 and the signal, if a signal ended it.
        let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
        return End(status: code, cpu: seconds(usage.ru_utime) + seconds(usage.ru_stime), peak: Int(usage.ru_maxrss))
    }

    private static func withPointers<Result>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        pointers.append(nil)
        return pointers.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else {
                preconditionFailure("the list ends with nil, so it is not empty")
            }
            return body(base)
        }
    }
}
