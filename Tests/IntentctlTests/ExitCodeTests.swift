import Glibc
import Synchronization
import Testing
import Wire

@Suite struct ExitCodeTests {
    @Test(arguments: RPCError.Reason.allCases)
    func `a refusal has the exit code of its reason and shows message and hint`(_ reason: RPCError.Reason) throws {
        let daemon = try FakeDaemon { _, _, _ in [.failure(RPCError(reason, "It did not work.", hint: "do this"))] }
        let outcome = try daemon.run("status")
        let expected: Int32 =
            switch reason {
            case .forbidden: 4
            case .notFound: 5
            case .gateRefused: 6
            default: 1
            }
        #expect(outcome.code == expected)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors == "intentctl: It did not work.\nHint: do this\n")
    }

    @Test(arguments: [
        [], ["nonsense"], ["status", "--nonsense"], ["status", "extra"], ["predict"], ["predict", ""],
        ["predict", "a", "--top-k", "0"], ["predict", "a", "--top-k", "21"], ["predict", "a", "--top-k", "x"],
        ["chat", " \t"], ["chat", "a", "--mode", "x"], ["chat", "a", "--ab-prob", "1.5"],
        ["chat", "a", "--ab-prob", "nan"],
        ["chat", "a", "--session", "a b"], ["explain"], ["explain", "a", "--id", "b"],
        ["explain", ""], ["feedback"], ["feedback", "--id", "x"], ["feedback", "--id", "x", "--up", "--down"],
        ["feedback", "--text", "x"], ["feedback", "--text", "x", "--up", "--intent", "i"],
        ["feedback", "--id", "x", "--text", "y", "--up"], ["feedback", "--id", "x", "--up", "--new-intent"],
        ["feedback", "list", "--state", "x"], ["feedback", "list", "--limit", "0"], ["review", "--intent", "i"],
        ["review", "--accept", "a", "--reject", "b"], ["retrain", "--promote", "always"], ["jobs", "show"],
        ["jobs", "--limit", "1001"], ["models", "show", "x"], ["models", "show", "0"], ["promote", "1000000"],
        ["promote", "--reason", ""], ["rollback", "--force"], ["history", "--at", "yesterday"],
        ["history", "--at", "2026-11-02T10:00+01:00"], ["history", "--at", "2026-11-02Z"], ["diff"], ["diff", "1"],
        ["diff", "1", "x"],
        ["promote", "champoin"], ["reject", "--reason", ""], ["reject", "--force"], ["verify", "x"],
        ["metrics", "--window", "2h"], ["metrics", "--format", "xml"], ["metrics", "--format", "csv", "x"],
        ["status", "--socket", ""], ["status", "--socket", "/" + String(repeating: "s", count: 107)],
    ])
    func `what cannot be meant is a usage error, and nobody is asked`(_ arguments: [String]) throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run(arguments)
        if arguments.isEmpty {
            // The tool alone shows what it can do.
            #expect(outcome.code == 0)
            #expect(outcome.output.contains("SUBCOMMANDS"))
        } else {
            #expect(outcome.code == 2)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("intentctl: "))
        }
        #expect(daemon.requests.isEmpty)
    }

    @Test(arguments: [["--help"], ["chat", "--help"], ["help", "retrain"], ["feedback", "list", "-h"]])
    func `help is no failure`(_ arguments: [String]) throws {
        let outcome = try Tool.run(arguments)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("USAGE: intentctl"))
        #expect(outcome.errors.isEmpty)
    }

    @Test func `without a daemon the exit code is 3 and the ways to start it are named`() throws {
        let folder = try Folder()
        let outcome = try Tool.run(["status", "--socket", folder.path + "/none"])
        #expect(outcome.code == 3)
        #expect(outcome.errors.contains(folder.path + "/none"))
        #expect(outcome.errors.contains("sudo systemctl start intentd"))
        #expect(outcome.errors.contains("make run"))
    }

    @Test func `a socket that nobody listens on is not reachable`() throws {
        let folder = try Folder()
        let path = folder.path + "/stale"
        let stale = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(stale, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
        close(stale)
        #expect(try Tool.run(["status", "--socket", path]).code == 3)
    }

    @Test(.enabled(if: geteuid() != 0, "root may open everything"))
    func `a socket that the caller may not open is forbidden`() throws {
        let daemon = try FakeDaemon.usual()
        chmod(daemon.path, 0)
        #expect(try daemon.run("status").code == 4)
    }

    @Test func `a daemon that hangs up is not reachable any more`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.hangUp] }
        #expect(try daemon.run("status").code == 3)
    }

    @Test(arguments: ["garbage\n", "{}\n", "[]\n", "{\"id\":1,\"id\":1}\n", "\u{0}\n"])
    func `an answer that is none is a failure`(_ answer: String) throws {
        let daemon = try FakeDaemon { _, _, _ in [.raw(answer)] }
        #expect(try daemon.run("status").code == 1)
    }

    @Test func `an error without an id is the answer to the only request`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.namelessFailure(.lineTooLong(limit: 100)), .hangUp] }
        let outcome = try daemon.run("status")
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("at most 100 bytes"))
    }

    @Test func `answers to other requests and notifications are passed over`() throws {
        let daemon = try FakeDaemon { method, _, _ in
            [
                .raw("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}\n"), .notification("event", ["kind": "x"]),
                .result(Answers.of(method)),
            ]
        }
        #expect(try daemon.run("status").code == 0)
    }

    @Test func `a gate that refuses a promotion shows its verdict`() throws {
        let daemon = try FakeDaemon { _, _, _ in
            [.failure(.gateRefused("The gate refused version 4.", verdict: Answers.verdict))]
        }
        let outcome = try daemon.run("promote", "4")
        #expect(outcome.code == 6)
        #expect(outcome.errors.contains("accuracy"))
    }

    @Test func `a verification that finds something ends with 1 and says what, once`() throws {
        let broken = Answers.verification(
            event: [
                "seq": 17, "id": .string(Answers.id), "kind": "alias.moved", "at": .string(Answers.time),
                "problem": "its fields were changed",
            ],
            model: ["version": 3, "file": "model.safetensors", "problem": "it is missing"],
            table: [
                "table": "feedback", "key": .string(Answers.id), "column": "intent",
                "problem": "the events say something else",
            ]
        )
        let daemon = try FakeDaemon { _, _, _ in [.result(broken)] }
        let outcome = try daemon.run("verify")
        #expect(outcome.code == 1)
        #expect(outcome.output.contains("Record 17 of the audit trail (alias.moved, 2026-11-23 13:20:01 UTC"))
        #expect(outcome.output.contains("is the first broken one: its fields were changed."))
        #expect(outcome.output.contains("Version 3, model.safetensors: it is missing."))
        #expect(
            outcome.output.contains(
                "Table feedback, row \(Answers.id), column intent: the events say something else."
            )
        )
        #expect(outcome.errors.isEmpty)
        let machine = try daemon.run("verify", "--json")
        #expect(machine.code == 1)
        #expect(machine.json == broken)
        #expect(try FakeDaemon.usual().run("verify").output.hasPrefix("Everything is as it was recorded.\n"))
    }

    @Test func `a reader that went away is met with silence`() throws {
        let daemon = try FakeDaemon.usual()
        var ends: [Int32] = [0, 0]
        Descriptors.inheritance.withLock { _ in
            pipe(&ends)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        close(ends[0])
        defer { close(ends[1]) }
        let outcome = try Tool.run(["status"], environment: ["INTENTD_SOCKET": daemon.path], output: ends[1])
        #expect(outcome.code == 0)
        #expect(outcome.errors.isEmpty)
    }
}
