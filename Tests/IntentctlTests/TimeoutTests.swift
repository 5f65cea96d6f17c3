import Glibc
import Testing
import Wire

/// A daemon that is there and does not do its work.
@Suite struct TimeoutTests {
    @Test(arguments: [
        (["status"], "status"), (["chat", "hi"], "chat"), (["promote"], "models.promote"),
        (["retrain", "--wait"], "retrain"), (["export", "data"], "export"),
    ])
    func `a daemon that never answers is told from one that is away`(_ command: [String], _ name: String) throws {
        let daemon = try FakeDaemon { _, _, _ in [] }
        let arguments = command + ["--timeout", "200ms"]
        let outcome = try daemon.run(arguments)
        #expect(outcome.code == 7)
        #expect(outcome.output.isEmpty)
        #expect(
            outcome.errors.hasPrefix("intentctl: The daemon at \(daemon.path) has not answered \(name) for 200 ms.\n")
        )
        #expect(outcome.errors.contains("--timeout"))
        let json = try daemon.run(arguments + ["--json"])
        #expect(json.code == 7)
        #expect(json.json?["error"]?["data"]?["reason"] == "timeout")
    }

    /// A socket that nobody accepts connections from.
    private static func deaf(at path: String, backlog: Int32) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let status = withAddress(path) { bind(listener, $0, $1) }
        guard status == 0, listen(listener, backlog) == 0 else { throw SystemFailure(errno) }
        return listener
    }

    private static func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    @Test func `a daemon that takes no connection is told`() throws {
        let folder = try Folder()
        let path = folder.path + "/s"
        var open = [try Self.deaf(at: path, backlog: 0)]
        defer { for descriptor in open { close(descriptor) } }
        while true {
            let flags = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
            let client = socket(AF_UNIX, Int32(flags), 0)
            open.append(client)
            if Self.withAddress(path, { connect(client, $0, $1) }) != 0 { break }
        }
        let outcome = try Tool.run(["status", "--socket", path, "--timeout", "200ms"])
        #expect(outcome.code == 7)
        #expect(outcome.errors.hasPrefix("intentctl: The daemon at \(path) has not taken the connection for 200 ms.\n"))
    }

    @Test func `a daemon that does not read is told`() throws {
        let folder = try Folder()
        let path = folder.path + "/s"
        let listener = try Self.deaf(at: path, backlog: 8)
        defer { close(listener) }
        let texts = (0..<10).map { _ in String(repeating: "word ", count: 20_000) }
        let outcome = try Tool.run(["predict", "--socket", path, "--timeout", "200ms"] + texts)
        #expect(outcome.code == 7)
        #expect(outcome.errors.hasPrefix("intentctl: The daemon at \(path) has not read predict for 200 ms.\n"))
    }

    @Test(arguments: [["retrain", "--wait"], ["jobs", "wait", Answers.id]])
    func `a wait for a job has its limit, and the job goes on`(_ command: [String]) throws {
        let job: JSON = ["job": .string(Answers.id), "state": "running", "step": "train", "fraction": 0.4]
        let daemon = try FakeDaemon { method, _, _ in
            [.result(method == "retrain" ? ["job": .string(Answers.id)] : job)]
        }
        let outcome = try daemon.run(command + ["--timeout", "1"])
        #expect(outcome.code == 7)
        #expect(
            outcome.errors.contains(
                "intentctl: Job \(Answers.id) has not ended after 1 s (running, train 40 %). It goes on.\n"
            )
        )
        #expect(outcome.errors.contains("intentctl jobs wait \(Answers.id)"))
        #expect(!daemon.requests.contains { $0["method"] == "jobs.cancel" })
    }

    @Test(arguments: ["0", "-1", "x", "8d", "1w", "", "5 s", "99999999999999999999", "604800001ms"])
    func `what is no time is wrong usage`(_ time: String) throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.run("status", "--timeout=\(time)").code == 2)
        #expect(daemon.requests.isEmpty)
    }

    @Test(arguments: ["1ms", "30", "30s", "5m", "2h", "7d"])
    func `a time has a unit or is in seconds`(_ time: String) throws {
        #expect(try FakeDaemon.usual().run("status", "--timeout", time).code != 2)
    }

    @Test func `a second Ctrl-C leaves a daemon that does not stop`() throws {
        let daemon = try FakeDaemon { _, _, count in
            count == 0 ? [.notification("chat.delta", ["request": 1, "seq": 0, "text": "Hel"])] : []
        }
        // The daemon hears of the first one, and says nothing.
        let keys = [
            (after: "> ", type: "hi\r"), ("Hel", "\u{3}"), ("", "\u{3}"), ("has not said how chat ended", ""),
            ("> ", "\u{15}/quit\r"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0, "\(screen)")
        #expect(screen.contains("it stands at the prompt again"))
    }
}
