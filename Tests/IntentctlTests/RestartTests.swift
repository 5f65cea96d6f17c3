import Glibc
import Synchronization
import Testing
import Wire

/// A conversation whose daemon goes away: nothing that was typed is lost, and nothing is said twice that must not be.
@Suite struct RestartTests {
    private static func messages(_ daemon: FakeDaemon) -> [String?] {
        daemon.requests.map { $0["params"]?["message"]?.string ?? $0["method"]?.string }
    }

    /// A daemon that closes the connection after the first answers.
    private static func leaving(after count: Int) throws -> FakeDaemon {
        let answers = Atomic(0)
        return try FakeDaemon { method, _, _ in
            let number = answers.add(1, ordering: .relaxed).newValue
            return number == count ? [.result(Answers.of(method)), .hangUp] : [.result(Answers.of(method))]
        }
    }

    @Test func `a line that is typed after a restart is sent once, to the new daemon, in the same session`() throws {
        let daemon = try Self.leaving(after: 1)
        let keys = [
            (after: "> ", type: "one\r"), ("its way.", ""), ("> ", "/route llm\r"), ("> ", "two\r"),
            ("Connected again.", ""), ("its way.", ""), ("> ", "/quit\r"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0)
        #expect(Self.messages(daemon) == ["one", "two"])
        #expect(daemon.requests[0]["params"]?["session"] == daemon.requests[1]["params"]?["session"])
        #expect(!screen.contains("away"))
    }

    @Test(arguments: [("/why", ["hi", "explain"]), ("/forget", ["hi", "sessions.forget"])])
    func `what changes nothing when it is said twice is asked again`(_ line: String, _ asked: [String?]) throws {
        let calls = Atomic(0)
        let daemon = try FakeDaemon { method, _, _ in
            calls.add(1, ordering: .relaxed).newValue == 2 ? [.hangUp] : [.result(Answers.of(method))]
        }
        let keys = [
            (after: "> ", type: "hi\r"), ("its way.", ""), ("> ", line + "\r"), ("Connected again.", ""),
            ("> ", "/quit\r"),
        ]
        #expect(try daemon.onTerminal("chat", keys: keys).code == 0)
        #expect(Self.messages(daemon) == asked + asked.suffix(1))
    }

    @Test func `a rating is not given twice by itself: it stands at the prompt again`() throws {
        let calls = Atomic(0)
        let daemon = try FakeDaemon { method, _, _ in
            calls.add(1, ordering: .relaxed).newValue == 2 ? [.hangUp] : [.result(Answers.of(method))]
        }
        let keys = [
            (after: "> ", type: "hi\r"), ("its way.", ""), ("> ", "/label hours\r"),
            ("Nobody knows whether /label was noted", ""), ("> /label hours", "\r"), ("Noted", ""), ("> ", "/quit\r"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0, "\(screen)")
        #expect(Self.messages(daemon) == ["hi", "feedback.submit", "feedback.submit"])
        #expect(daemon.requests[1]["params"] == daemon.requests[2]["params"])
    }

    @Test func `a message whose answer broke off stands at the prompt again, with all its lines`() throws {
        let calls = Atomic(0)
        let daemon = try FakeDaemon { method, _, _ in
            let delta: JSON = ["request": 1, "seq": 0, "text": "It is"]
            let isFirst = calls.add(1, ordering: .relaxed).newValue == 1
            return isFirst ? [.notification("chat.delta", delta), .hangUp] : [.result(Answers.of(method))]
        }
        let keys = [
            (after: "> ", type: "one\u{F}two\r"), ("The answer broke off", ""), ("two", "\r"), ("its way.", ""),
            ("> ", "/quit\r"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0, "\(screen)")
        #expect(Self.messages(daemon) == ["one\ntwo", "one\ntwo"])
    }

    @Test func `who gives up waiting for the daemon has the line back`() throws {
        let path = Mutex("")
        let daemon = try FakeDaemon { _, _, _ in
            unlink(path.withLock { $0 })
            return [.hangUp]
        }
        path.withLock { $0 = daemon.path }
        let keys = [
            (after: "> ", type: "precious\r"), ("trying again", "\u{3}"), ("cannot be reached", ""),
            ("> precious", "\u{15}/quit\r"),
        ]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0, "\(screen)")
        #expect(Self.messages(daemon) == ["precious"])
    }
}
