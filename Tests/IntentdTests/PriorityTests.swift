import Glibc
import Patience
import Testing

@Suite struct `The priority of a training` {
    /// The scheduling policies of all threads: 3 is batch, 5 idle.
    private func policies(_ pid: pid_t) -> Set<Int> {
        var policies: Set<Int> = []
        for thread in Files.list("/proc/\(pid)/task") {
            // The name in parentheses may hold anything; the policy is the 39th field after it.
            let stat = Files.read("/proc/\(pid)/task/\(thread)/stat")
            let fields = stat[(stat.lastIndex(of: ")") ?? stat.startIndex)...].split(separator: " ")
            if fields.count > 39, let policy = Int(fields[39]) { policies.insert(policy) }
        }
        return policies
    }

    @Test func `gives way at once, and is raised a little where it would never get a turn`() throws {
        let root = try Root()
        try root.write(TrainingSet.small, to: "set.csv")
        func start(_ program: String, _ arguments: [String]) throws -> Child {
            let folder = root.path + "/run-\(root.nextNumber())"
            try Files.makeFolder(folder)
            return try Child("/usr/bin/env", ["taskset", "--cpu-list", "0", program] + arguments, folder: folder)
        }
        // Programs that never rest, all on the one processor that the training may use.
        let busy = try (0..<4).map { _ in try start("sh", ["-c", "while :; do :; done"]) }
        let training = try start(
            try Program.path(),
            ["train", "--data", root.file("set.csv"), "--out", root.file("version"), "--nice", "19"]
        )
        #expect(Patience.until { policies(training.pid) == [3] || training.hasEnded })
        #expect(policies(training.pid) == [3], "\(training.errors)")
        for program in busy { program.signal(SIGKILL) }
        #expect(training.wait() == .exit(0), "\(training.errors)")
    }
}
