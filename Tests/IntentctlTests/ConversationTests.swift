import Glibc
import Synchronization
import Testing
import Wire

@Suite struct ConversationTests {
    private static let lines = [
        "grüße", "/why", "/good", "/bad", "/label delivery", "/nonsense", "/label", "/help", "second",
    ]

    /// What a chat with those lines asks the daemon.
    private static func expect(_ requests: [JSON]) {
        #expect(
            requests.map { $0["method"]?.string } == [
                "chat", "explain", "feedback.submit", "feedback.submit", "feedback.submit", "chat",
            ]
        )
        guard requests.count == 6 else { return }
        #expect(requests[0]["params"]?["message"] == "grüße")
        #expect(requests[1]["params"] == ["id": .string(Answers.id)])
        #expect(requests[2]["params"] == ["id": .string(Answers.id), "rating": "up"])
        #expect(requests[3]["params"] == ["id": .string(Answers.id), "rating": "down"])
        #expect(requests[4]["params"] == ["id": .string(Answers.id), "rating": "down", "intent": "delivery"])
        // All turns are of one session.
        let session = requests[0]["params"]?["session"]?.string
        #expect(session.map(Schema.Pattern.sessionName.matches) == true)
        #expect(requests[5]["params"]?["session"]?.string == session)
    }

    @Test func `piped lines are turns of one chat, and failures show in the exit code`() throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run("chat", input: Self.lines.joined(separator: "\n"))
        Self.expect(daemon.requests)
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("/nonsense"))
        #expect(outcome.output.hasPrefix("It is on its way.\norder_status 0.97 by v1\n"))
        #expect(outcome.output.contains("Learn from it now with: intentctl retrain --wait"))
    }

    @Test func `on a terminal there is editing, and a history that nobody else can read`() throws {
        let daemon = try FakeDaemon.usual()
        let state = try daemon.folder.make("state")
        var keys = Self.lines.map { (after: "> ", type: $0 + "\r") }
        // A prompt comes before the terminal is raw, and until then the kernel would swallow Ctrl-D. Only the editor can
        // bring back the last line; then it listens.
        keys += [(after: "> ", type: "\u{1B}[A"), (after: "second", type: "\u{15}\u{4}")]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys, environment: ["XDG_STATE_HOME": state])
        #expect(code == 0)
        #expect(screen.contains("local · order_status 0.97"))
        Self.expect(daemon.requests)

        var information = stat()
        try #require(stat(state + "/intentctl/history", &information) == 0)
        #expect(information.st_mode & 0o777 == 0o600)
        let history = String(decoding: contents(of: state + "/intentctl/history"), as: UTF8.self)
        #expect(history.contains("/nonsense\n"))

        // The arrow key brings the last line back in the next chat.
        let again = try daemon.onTerminal(
            "chat",
            keys: [("> ", "\u{1B}[A\r"), ("> ", "/quit\r")],
            environment: ["XDG_STATE_HOME": state]
        )
        #expect(again.code == 0)
        #expect(daemon.requests.last?["params"]?["message"] == "second")
    }

    @Test(arguments: ["/why", "/good", "/bad", "/label x"])
    func `there is nothing to question before the first answer`(_ line: String) throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run("chat", input: line + "\n")
        #expect(outcome.code == 2)
        #expect(outcome.errors.contains("no answer yet"))
        #expect(daemon.requests.isEmpty)
    }

    @Test func `the route, the session and the last message can be chosen anew`() throws {
        let daemon = try FakeDaemon.usual()
        let lines = ["a", "/route llm", "b", "/retry", "/session other", "c", "/forget", "/route auto", "d"]
        let outcome = try daemon.run("chat", "--session", "first", input: lines.joined(separator: "\n"))
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("Forgotten: 2 turns of 1 conversation.\n"))
        #expect(
            daemon.requests.map { $0["params"] } == [
                ["message": "a", "session": "first", "stream": true],
                ["message": "b", "mode": "llm", "session": "first", "stream": true],
                ["message": "b", "mode": "llm", "session": "first", "stream": true],
                ["message": "c", "mode": "llm", "session": "other", "stream": true], ["session": "other"],
                ["message": "d", "mode": "auto", "session": "other", "stream": true],
            ]
        )
    }

    @Test(arguments: ["/route", "/route both", "/session", "/session a b", "/retry", "a\n/session x\n/retry"])
    func `a command without what it needs says so`(_ lines: String) throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run("chat", input: lines + "\n")
        #expect(outcome.code == 2)
        #expect(daemon.requests.count == (lines.hasPrefix("a") ? 1 : 0))
    }

    @Test func `a turn that is refused does not end the chat`() throws {
        let daemon = try FakeDaemon { method, _, count in
            count == 0 ? [.failure(.noModel("training failed"))] : [.result(Answers.of(method))]
        }
        let outcome = try daemon.run("chat", input: "a\nb\n")
        #expect(outcome.code == 1)
        #expect(outcome.output == "It is on its way.\n")
    }

    @Test func `a daemon that goes away ends it`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.hangUp] }
        #expect(try daemon.run("chat", input: "a\nb\n").code == 3)
        #expect(daemon.requests.count == 1)
    }

    @Test func `on a terminal a conversation survives a restart of the daemon`() throws {
        let first = Atomic(true)
        let daemon = try FakeDaemon { method, _, _ in
            first.exchange(false, ordering: .relaxed) ? [.hangUp] : [.result(Answers.of(method))]
        }
        let keys = [(after: "> ", type: "hi\r"), ("Connected again.", ""), ("on its way.", ""), ("> ", "/quit\r")]
        let (screen, code) = try daemon.onTerminal("chat", keys: keys)
        #expect(code == 0)
        #expect(screen.contains("The daemon went away"))
        // The message that it left unanswered is asked again, in the same session.
        #expect(daemon.requests.compactMap { $0["params"]?["message"]?.string } == ["hi", "hi"])
        #expect(daemon.requests[0]["params"]?["session"] == daemon.requests[1]["params"]?["session"])
    }

    // The editor draws what is new alone: after "/lab", "el ".
    @Test func `Tab completes commands, and after them what they take`() throws {
        let daemon = try FakeDaemon { method, _, _ in
            switch method {
            case "models.show": [.result(["metadata": ["intents": ["delivery", "order_status"]]])]
            default: [.result(Answers.of(method))]
            }
        }
        let keys = [
            (after: "> ", type: "hi\r"), ("> ", "/lab\t"), ("el ", "del\t"), ("ivery", "\r"), ("Noted", ""),
            ("> ", "/rou\t"), ("te ", "loc\t"), ("al", "\r"), ("> ", "/quit\r"),
        ]
        let (_, code) = try daemon.onTerminal("chat", keys: keys, environment: ["NO_COLOR": "1"])
        #expect(code == 0)
        let feedback = daemon.requests.first { $0["method"] == "feedback.submit" }
        #expect(feedback?["params"]?["intent"] == "delivery")
    }

    @Test func `a command that is mistyped is asked about`() throws {
        let outcome = try FakeDaemon.usual().run("chat", input: "a\n/lable x\n/why me\n")
        #expect(outcome.errors.contains("There is no command /lable x; did you mean /label?"))
        #expect(outcome.errors.contains("/why takes nothing after it."))
    }

    @Test func `lines of a reply break between words`() throws {
        let words = (0..<40).map { "word\($0)" }
        let daemon = try FakeDaemon { _, _, _ in [.result(Answers.chat(words.joined(separator: " ")))] }
        let screen = try daemon.onTerminal("chat", "hi", environment: ["NO_COLOR": "1"]).screen
        let lines = screen.split(separator: "\r\n").dropLast()
        #expect(lines.count > 2 && lines.allSatisfy { $0.count <= 80 })
        #expect(lines.flatMap { $0.split(separator: " ") }.map(String.init) == words)
        // In a pipe a script gets the lines that the daemon sent.
        #expect(try daemon.run("chat", "hi").output == words.joined(separator: " ") + "\n")
    }

    @Test(arguments: [
        ("accepted", "/bad", "label it"), ("accepted", "/label x", "intentctl retrain --wait"),
        ("pending", "/label x", "(3 pending): intentctl review"), ("evaluation_only", "/label x", "never trains"),
        ("duplicate", "/good", "changes nothing"),
    ])
    func `feedback says what happens next`(_ state: String, _ line: String, _ words: String) throws {
        let daemon = try FakeDaemon { method, _, _ in
            method == "feedback.submit"
                ? [.result(["feedback_id": "f", "state": .string(state), "pending": 3])] : [.result(Answers.of(method))]
        }
        let outcome = try daemon.run("chat", input: "a\n\(line)\n")
        #expect(outcome.output.contains("Noted as f, \(state).\n"))
        #expect(outcome.output.contains(words))
    }

    @Test func `empty lines and a last one without an end are fine, and so is no line at all`() throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.run("chat", input: "\n \r\na").code == 0)
        #expect(daemon.requests.count == 1)
        #expect(try daemon.run("chat", input: "").code == 0)
    }
}
