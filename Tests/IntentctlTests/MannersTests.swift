import Glibc
import Testing
import Wire

@Suite struct MannersTests {
    @Test func `the tool knows its version`() throws {
        let outcome = try Tool.run(["--version"])
        #expect(outcome.code == 0)
        #expect(outcome.output == "intentctl \(Software.version), protocol \(Software.protocolVersion)\n")
    }

    @Test(arguments: [
        (["chta", "hello"], "did you mean intentctl chat?"), (["retain"], "did you mean intentctl retrain?"),
        (["model"], "did you mean intentctl models?"), (["metrcis", "--json"], "did you mean intentctl metrics?"),
        (["jobs", "lst"], "did you mean intentctl jobs list?"),
        (["jobs", "canel", "j"], "did you mean intentctl jobs cancel?"),
        (["session", "forgt", "a"], "did you mean intentctl session forget?"),
        (["nonsense"], "There is no command intentctl nonsense; intentctl --help lists them."),
        (["status", "--jsno"], "Did you mean '--json'?"),
        (["chat", "x", "--sesion", "a"], "Did you mean '--session'?"),
        (["promote", "champoin"], "Did you mean champion?"),
        (["models", "show", "last-god"], "Did you mean last-good?"),
        (["diff", "1", "candidat"], "Did you mean candidate?"),
        (["promote", "seven"], "Name a version such as 7"),
    ])
    func `who mistypes a command, an option or an alias is asked what was meant`(_ arguments: [String], _ words: String)
        throws
    {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run(arguments)
        #expect(outcome.code == 2)
        #expect((outcome.errors + outcome.output).contains(words), "\(outcome.errors)")
        #expect(daemon.requests.isEmpty)
    }

    private static let listed: JSON = [
        "models": [
            ["version": 9, "aliases": ["candidate"]], ["version": 8, "aliases": ["champion"]],
            ["version": 5, "aliases": ["last-good"]], ["version": 4, "aliases": []],
        ]
    ]

    @Test(arguments: [
        Spoken("models", "show", "champion", says: "models.show", ["version": 8]),
        Spoken("diff", "champion", "candidate", says: "models.diff", ["from": 8, "to": 9]),
        Spoken("diff", "last-good", "9", says: "models.diff", ["from": 5, "to": 9]),
        Spoken("promote", "candidate", says: "models.promote", ["version": 9, "reason": "by hand"]),
        Spoken(
            "promote",
            "--expected",
            "champion",
            says: "models.promote",
            ["reason": "by hand", "expected": 8]
        ),
        Spoken("rollback", "last-good", says: "models.rollback", ["version": 5, "reason": "by hand"]),
        Spoken("reject", "candidate", says: "models.reject", ["version": 9, "reason": "by hand"]),
        Spoken("data", "show", "champion", says: "data.show", ["snapshot": "v8", "limit": 20]),
        Spoken("data", "diff", "last-good", "now", says: "data.diff", ["from": "v5", "to": "now", "limit": 20]),
    ])
    func `an alias stands wherever a version is asked for`(_ spoken: Spoken) throws {
        let daemon = try FakeDaemon { method, _, _ in
            [.result(method == "models.list" ? Self.listed : Answers.of(method))]
        }
        #expect(try daemon.run(spoken.arguments).code == 0)
        #expect(daemon.requests.map { $0["method"] } == ["models.list", .string(spoken.method)])
        #expect(daemon.requests.last?["params"] == spoken.params)
    }

    @Test func `an alias that names nothing is not found`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.result(["models": []])] }
        let outcome = try daemon.run("promote", "candidate")
        #expect(outcome.code == 5)
        #expect(outcome.errors == "intentctl: No version is candidate now.\nHint: `intentctl models` lists them\n")
    }

    @Test(arguments: [
        (RPCError.forbidden(.modelsPromote, role: .user), "This needs the role admin, and yours is user."),
        (.unknownMethod("intents.list"), "The daemon does not know this command: it is older than the tool."),
        (.invalidParams("intent must be a string.", field: "intent"), "--intent must be a string."),
        (.invalidParams("ab_prob must be 0 to 1.", field: "ab_prob"), "--ab-prob must be 0 to 1."),
        (.invalidParams("version must be 1 to 9.", field: "version"), "version must be 1 to 9."),
    ])
    func `a refusal speaks of options and commands, not of members and methods`(_ error: RPCError, _ words: String)
        throws
    {
        let outcome = try FakeDaemon { _, _, _ in [.failure(error)] }.run("promote")
        #expect(outcome.errors.hasPrefix("intentctl: \(words)\n"))
        #expect(!outcome.errors.contains("models.promote") && !outcome.errors.contains("rpc.discover"))
    }

    @Test func `a hint names the option, not the member`() throws {
        let error = RPCError.notFound(
            "There is no intent \"refnd\" yet. Did you mean refund?",
            field: "intent",
            hint: "check the spelling, or send it as a new example with new_intent: true"
        )
        let daemon = try FakeDaemon { _, _, _ in [.failure(error)] }
        let outcome = try daemon.run("feedback", "--text", "a", "--intent", "refnd")
        #expect(outcome.code == 5)
        #expect(outcome.errors.contains("Did you mean refund?\n"))
        #expect(outcome.errors.contains("--intent NAME --new-intent`\n"))
        #expect(!outcome.errors.contains("new_intent"))
    }

    @Test func `the status says where the daemon is, and how old what it knows of the LLM is`() throws {
        func status(_ llm: JSON) throws -> String {
            let daemon = try FakeDaemon { _, _, _ in
                [
                    .result([
                        "version": "0.1.0", "protocol": 1, "llm": llm, "degraded": [], "pid": 4711,
                        "socket": "/srv/run/intentd.sock", "root": "/srv", "configuration": "/srv/deploy/intentd.yaml",
                    ])
                ]
            }
            return try daemon.run("status").output.split(separator: " ", omittingEmptySubsequences: true)
                .joined(separator: " ")
        }
        let usual = try status([
            "state": "unreachable", "backend": "ollama", "model": "llama3.2", "configured": false, "age_s": 12,
        ])
        for line in [
            "socket /srv/run/intentd.sock", "root /srv", "configuration /srv/deploy/intentd.yaml", "pid 4711",
            "llm none is configured, the usual one is unreachable, ollama, llama3.2 (seen 12 s ago)",
        ] { #expect(usual.contains(line + "\n"), "\(line)") }
        let ready = try status(["state": "ready", "backend": "ollama", "model": "m", "configured": false, "age_s": 0])
        #expect(ready.contains("llm ready, ollama, m (seen just now)\n"))
    }

    @Test func `the history has one line for a promotion`() throws {
        func move(_ alias: String, _ from: JSON, _ to: JSON, at time: String = Answers.time, kind: String = "promote")
            -> JSON
        {
            [
                "at": .string(time), "kind": .string(kind), "alias": .string(alias), "from": from, "to": to, "uid": 0,
                "reason": "by hand", "verdict": "pass",
            ]
        }
        let moves: JSON = [
            "moves": [
                // The clock goes on within a commit.
                move("candidate", 4, nil, at: "2026-11-23T13:20:01.123458Z"),
                move("last-good", 2, 3, at: "2026-11-23T13:20:01.123457Z"), move("champion", 3, 4),
                move("candidate", nil, 4, at: "2026-11-23T13:19:01.1Z", kind: "nominate"),
                move("champion", 2, 3, at: "2026-11-22T13:19:01.1Z"),
            ]
        ]
        let daemon = try FakeDaemon { _, _, _ in [.result(moves)] }
        let lines = try daemon.run("history").output.split(separator: "\n").dropFirst()
            .map { $0.split(separator: " ").joined(separator: " ") }
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("2026-11-23 13:20:01 promote 3 4 root (0) pass by hand"))
        #expect(lines[1].contains("nominate – 4"))
        #expect(try daemon.run("history", "--limit", "1").output.split(separator: "\n").count == 2)
        #expect(daemon.requests.last?["params"]?["limit"] == 4)
        #expect(try daemon.run("history", "--json").json == moves)
    }

    @Test func `wrong test rows are listed`() throws {
        let shown: JSON = [
            "version": 4, "metadata": [:], "evaluation": [:],
            "wrong": [
                "rows": 400, "total": 2,
                "items": [
                    ["text": "take it back", "intent": "return", "got": "refund", "confidence": 0.91, "in_scope": true]
                ],
            ],
        ]
        let output = try FakeDaemon { _, _, _ in [.result(shown)] }.run("models", "show", "4", "--wrong").output
        #expect(output.hasPrefix("Version 4 gets 2 of 400 test rows wrong.\n"))
        #expect(output.contains("take it back  return  refund           0.91  in\n"))
        #expect(output.hasSuffix("… and 1 more\n"))
    }

    @Test func `an explanation has a legend and the runner-up, and says what is out of scope`() throws {
        func explained(_ reason: String, inScope: Bool) throws -> String {
            var members = Answers.of("explain").object ?? []
            members.removeAll { ["reason", "route"].contains($0.name) }
            members += [
                Member("reason", .string(reason)), Member("route", "fallback"), Member("in_scope", .bool(inScope)),
                Member(
                    "alternatives",
                    [["intent": "order_status", "confidence": 0.97], ["intent": "delivery", "confidence": 0.02]]
                ),
            ]
            let result = JSON.object(members)
            return try FakeDaemon { _, _, _ in [.result(result)] }.run("explain", "where", "is", "it").output
        }
        let outside = try explained("out_of_scope", inScope: false)
        #expect(outside.contains("runner-up: delivery 0.02\n"))
        #expect(outside.contains("fallback: out of scope: it resembles nothing that the model was trained on\n"))
        #expect(outside.contains("A weight is what a feature adds to the intent's score"))
        #expect(try explained("below_threshold", inScope: true).contains("fallback: below the threshold 0.62\n"))
        #expect(try explained("llm_unreachable", inScope: true).contains("fallback: LLM unreachable, threshold 0.62\n"))
        #expect(try explained("policy", inScope: false).contains("policy, threshold 0.62; out of scope\n"))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can give a socket away"))
    func `a second user of a checkout is told whose daemon it is`() throws {
        let daemon = try FakeDaemon(at: "run/intentd.sock") { method, _, _ in [.result(Answers.of(method))] }
        try #require(chown(daemon.path, 12_345, 12_345) == 0)
        let outcome = try Tool.run(["status"], in: daemon.folder.path)
        guard outcome.code == 3 else { return }
        #expect(outcome.errors.contains("at run/intentd.sock belongs to 12345 and answers its own user alone"))
        #expect(outcome.errors.contains("intentd serve --root FOLDER --create"))
        #expect(!outcome.errors.contains("make run"))
    }
}
