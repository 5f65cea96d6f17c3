import Testing
import Wire

@Suite struct SafetyTests {
    /// Every control character alone and in front of what makes terminals do things, and what reorders text.
    static let payloads: [String] = {
        let scalars = (Array(0..<0x20) + Array(0x7F..<0xA0)).compactMap(Unicode.Scalar.init(_:))
        let tails = ["[31mred", "]0;title", "]8;;http://evil.example\u{7}x", "[2J", "c", "P1$r", "_x\u{1B}\\"]
        let invisible: [Unicode.Scalar] = [
            "\u{61C}", "\u{200E}", "\u{200F}", "\u{2028}", "\u{2029}", "\u{202A}", "\u{202B}", "\u{202C}", "\u{202D}",
            "\u{202E}", "\u{2066}", "\u{2067}", "\u{2068}", "\u{2069}", "\u{FEFF}", "\u{E0041}",
        ]
        var all = scalars.flatMap { scalar in ["a\(scalar)b", "\(scalar)[31mred", "\(scalar)]0;title\u{7}"] }
        all += tails.map { "\u{1B}" + $0 } + tails.map { "\u{9B}" + $0 }
        all += invisible.map { "user\($0)nimda" }
        all += ["\r\n", "a\r\nb", "ok\rBAD", "e\u{301}\u{1B}[0m", "\u{1B}\u{1B}[[mm", "x\u{8}\u{8}y"]
        return all
    }()

    static func isHarmless(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x0A: true
            case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: false
            default: true
            }
        }
    }

    @Test func `there are enough payloads`() { #expect(Self.payloads.count >= 200) }

    /// Puts the payloads in every string of a value, names of members included.
    private static func poisoned(_ value: JSON, _ payload: String, names: Bool) -> JSON {
        switch value {
        case .string(let text): .string(text + payload)
        case .array(let elements): .array(elements.map { poisoned($0, payload, names: names) })
        case .object(let members):
            .object(
                members.map { Member(names ? $0.name + payload : $0.name, poisoned($0.value, payload, names: names)) }
            )
        default: value
        }
    }

    @Test(arguments: [
        (["chat", "x"], "chat"), (["predict", "x"], "predict"), (["explain", "x"], "explain"),
        (["feedback", "--id", "x", "--up"], "feedback.submit"), (["feedback", "list"], "feedback.list"),
        (["review"], "feedback.list"), (["review", "--accept", "x"], "feedback.review"),
        (["feedback", "revise", "x", "--comment", "c"], "feedback.revise"),
        (["feedback", "withdraw", "x"], "feedback.withdraw"), (["forget", "--yes"], "forget"), (["retrain"], "retrain"),
        (["jobs"], "jobs.list"), (["jobs", "show", "x"], "jobs.get"), (["models"], "models.list"),
        (["models", "show", "4"], "models.show"), (["promote"], "models.promote"), (["history"], "models.history"),
        (["metrics"], "metrics"), (["experiment"], "experiment.report"), (["status"], "status"), (["reload"], "reload"),
        (["session"], "sessions.list"), (["session", "show", "a"], "sessions.show"),
        (["session", "forget", "a"], "sessions.forget"), (["data", "check"], "data.check"),
        (["data", "show"], "data.show"),
        (["data", "diff", "v1", "v2"], "data.diff"), (["data", "import", "/dev/null"], "data.import"),
        (["intents", "rename", "a", "b"], "intents.rename"), (["intents", "undo", "m"], "intents.undo"),
    ])
    func `remote text cannot act on a terminal, in pipes neither`(_ arguments: [String], _ method: String) throws {
        let payload = Self.payloads.joined()
        let daemon = try FakeDaemon { _, _, _ in [.result(Self.poisoned(Answers.of(method), payload, names: false))] }
        let outcome = try daemon.run(arguments)
        #expect(outcome.code == 0)
        #expect(!outcome.output.isEmpty)
        // Through a pipe a reply is content: its tabs and carriage returns are its own.
        let output = outcome.output.unicodeScalars.filter { method != "chat" || $0 != "\t" && $0 != "\r" }
        #expect(Self.isHarmless(String(String.UnicodeScalarView(output)) + outcome.errors))
    }

    @Test(arguments: [["metrics"], ["models", "show", "4"]])
    func `names of members are remote text as well`(_ arguments: [String]) throws {
        let value: JSON = ["by_intent": ["a\u{1B}[31m": 3], "metadata": ["b\u{9B}2J\n": ["c\u{202E}": 1]]]
        let outcome = try FakeDaemon { _, _, _ in [.result(value)] }.run(arguments)
        #expect(outcome.code == 0)
        #expect(Self.isHarmless(outcome.output))
        #expect(!outcome.output.contains("2J\n"))
    }

    @Test func `errors, hints, verdicts and echoed arguments cannot act on a terminal`() throws {
        let payload = Self.payloads.joined()
        let verdict = Self.poisoned(Answers.verdict, payload, names: false)
        let daemon = try FakeDaemon { _, _, _ in
            [.failure(RPCError(.gateRefused, payload, hint: payload, extra: [Member("verdict", verdict)]))]
        }
        #expect(Self.isHarmless(try daemon.run("promote").errors))
        #expect(Self.isHarmless(try Tool.run(["status", "--no\u{1B}[31m"]).errors))
        #expect(Self.isHarmless(try Tool.run(["status", "--socket", "/\u{1B}[31m\u{9B}x"]).errors))
    }

    @Test func `progress cannot act on a terminal`() throws {
        let daemon = try FakeDaemon { method, _, _ in
            method == "retrain"
                ? [
                    .result(["job": "j"]),
                    .notification("job.progress", ["step": "\u{1B}[2J\nfake", "fraction": 0.5, "eta_ms": nil]),
                ] : [.result(Answers.of(method))]
        }
        let outcome = try daemon.run("retrain", "--wait")
        #expect(Self.isHarmless(outcome.errors))
        #expect(outcome.errors == "\\u{1b}[2J\\nfake 50 %\n")
    }

    @Test func `a reply keeps its lines, and what is neutralised can be seen`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.result(Answers.chat("one\ntwo \u{1B}[31m\u{9B}m\u{202E} ünï 日本"))] }
        #expect(try daemon.run("chat", "x").output == "one\ntwo \\u{1b}[31m\\u{9b}m\\u{202e} ünï 日本\n")
    }

    @Test func `a cell of a table stays on its line`() throws {
        let daemon = try FakeDaemon { _, _, _ in
            [
                .result([
                    "moves": [["at": "2026-11-23T13:20:01Z", "reason": "a\nb\r\nc\td", "from": nil, "to": 1, "uid": 0]]
                ])
            ]
        }
        let lines = try daemon.run("history").output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.last?.hasSuffix("a\\nb\\r\\nc\\td") == true)
    }

    @Test(arguments: ["=cmd()", "+1", "-1", "@x", " =x", "\t=x", "＝x", "＠x"])
    func `a spreadsheet takes no text for a formula`(_ text: String) throws {
        let daemon = try FakeDaemon { _, _, _ in [.result(["since": .string(text), "share": -0.5])] }
        let lines = try daemon.run("metrics", "--format", "csv").output.split(separator: "\r\n").map(String.init)
        #expect(lines.first == "metric,value")
        #expect(lines.contains { $0.hasPrefix("since,'") })
        #expect(lines.contains("share,-0.5"))
    }

    @Test func `figures as CSV have quotes where they need them`() throws {
        let output = try FakeDaemon.usual().run("metrics", "--format", "csv").output
        #expect(output.contains("\r\n\"by_intent.a,b\",4\r\n"))
        #expect(output.contains("\r\nlatency_us.local.p99,200\r\n"))
        #expect(output.contains("\r\ndrift,\r\n"))
    }
}
