import Testing
import Wire

struct Spoken: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    let method: String
    let params: JSON

    init(_ arguments: String..., says method: String, _ params: JSON = [:]) {
        (self.arguments, self.method, self.params) = (arguments, method, params)
    }

    var testDescription: String { arguments.joined(separator: " ") }
}

@Suite struct RequestTests {
    private static func at(_ time: String) -> JSON { ["at": .string(time), "limit": 100] }

    @Test(arguments: [
        Spoken("chat", "hello", says: "chat", ["message": "hello", "stream": true]),
        Spoken(
            "chat",
            "hello",
            "--mode",
            "llm",
            "--ab-prob",
            "0.25",
            "--session",
            "a.b:1",
            "--model",
            "m",
            says: "chat",
            ["message": "hello", "mode": "llm", "ab_prob": 0.25, "session": "a.b:1", "model": "m", "stream": true]
        ),
        Spoken("chat", "--", "--json", says: "chat", ["message": "--json", "stream": true]),
        Spoken("chat", "where", "is", "my", "parcel", says: "chat", ["message": "where is my parcel", "stream": true]),
        Spoken(
            "chat",
            "a",
            "b",
            "--mode",
            "local",
            "c",
            says: "chat",
            ["message": "a b c", "mode": "local", "stream": true]
        ),
        Spoken("explain", "where", "is", "it", says: "explain", ["text": "where is it"]),
        Spoken("predict", "a", says: "predict", ["texts": ["a"], "top_k": 1]),
        Spoken("predict", "a b", "c", "--top-k", "20", says: "predict", ["texts": ["a b", "c"], "top_k": 20]),
        Spoken("explain", "a", says: "explain", ["text": "a"]),
        Spoken("explain", "--id", "x", says: "explain", ["id": "x"]),
        Spoken("feedback", "--id", "x", "--up", says: "feedback.submit", ["id": "x", "rating": "up"]),
        Spoken(
            "feedback",
            "--id",
            "x",
            "--down",
            "--intent",
            "b",
            "--comment",
            "c",
            "--key",
            "k",
            says: "feedback.submit",
            ["id": "x", "rating": "down", "intent": "b", "comment": "c", "key": "k"]
        ),
        Spoken(
            "feedback",
            "--text",
            "t",
            "--intent",
            "n",
            "--new-intent",
            says: "feedback.submit",
            ["text": "t", "intent": "n", "new_intent": true]
        ),
        Spoken("feedback", "list", says: "feedback.list", ["limit": 100]),
        Spoken(
            "feedback",
            "list",
            "--state",
            "evaluation_only",
            "--limit",
            "7",
            says: "feedback.list",
            ["state": "evaluation_only", "limit": 7]
        ),
        Spoken("review", says: "feedback.list", ["state": "pending", "limit": 1000]),
        Spoken("review", "--accept", "f", says: "feedback.review", ["feedback_id": "f", "accept": true]),
        Spoken(
            "review",
            "--accept",
            "f",
            "--intent",
            "i",
            says: "feedback.review",
            ["feedback_id": "f", "accept": true, "intent": "i"]
        ),
        Spoken("review", "--reject", "f", says: "feedback.review", ["feedback_id": "f", "accept": false]),
        Spoken("review", "--undo", "f", says: "feedback.review", ["feedback_id": "f", "undo": true]),
        Spoken(
            "feedback",
            "revise",
            "f",
            "--intent",
            "i",
            "--comment",
            "c",
            says: "feedback.revise",
            ["feedback_id": "f", "intent": "i", "comment": "c"]
        ),
        Spoken("feedback", "withdraw", "f", says: "feedback.withdraw", ["feedback_id": "f"]),
        Spoken("forget", "--yes", says: "forget"),
        Spoken("forget", "--yes", "--uid", "7", says: "forget", ["uid": 7]),
        Spoken("retrain", says: "retrain"),
        Spoken("retrain", "--promote", "hold", says: "retrain", ["promote": "hold"]),
        Spoken("jobs", says: "jobs.list", ["limit": 20]),
        Spoken("jobs", "list", "--limit", "1000", says: "jobs.list", ["limit": 1000]),
        Spoken("jobs", "show", "j", says: "jobs.get", ["job": "j"]),
        Spoken("jobs", "cancel", "j", says: "jobs.cancel", ["job": "j"]),
        Spoken("models", says: "models.list"), Spoken("intents", says: "intents.list"),
        Spoken(
            "intents",
            "rename",
            "a",
            "b c",
            says: "intents.rename",
            ["intent": "a", "to": "b c", "reason": "by hand"]
        ),
        Spoken(
            "intents",
            "merge",
            "a",
            "b",
            "INTO",
            "c",
            "--reason",
            "r",
            says: "intents.merge",
            ["intents": ["a", "b"], "to": "c", "reason": "r"]
        ),
        Spoken(
            "intents",
            "merge",
            "a",
            "into",
            "--into",
            "c",
            says: "intents.merge",
            ["intents": ["a", "into"], "to": "c", "reason": "by hand"]
        ),
        Spoken(
            "intents",
            "remove",
            "a",
            "--reason",
            "r",
            says: "intents.remove",
            ["intent": "a", "reason": "r"]
        ),
        Spoken("intents", "undo", "m", says: "intents.undo", ["move": "m", "reason": "by hand"]),
        Spoken("jobs", "wait", "j", "--json", says: "jobs.get", ["job": "j"]),
        Spoken("models", "show", "000007", says: "models.show", ["version": 7]),
        Spoken("models", "show", "7", "--wrong", says: "models.show", ["version": 7, "wrong": true]),
        Spoken("promote", says: "models.promote", ["reason": "by hand"]),
        Spoken(
            "promote",
            "v7",
            "--reason",
            "better",
            "--expected",
            "6",
            "--force",
            says: "models.promote",
            ["version": 7, "reason": "better", "expected": 6, "force": true]
        ),
        Spoken("rollback", says: "models.rollback", ["reason": "by hand"]),
        Spoken(
            "rollback",
            "3",
            "--reason",
            "worse",
            "--expected",
            "4",
            says: "models.rollback",
            ["version": 3, "reason": "worse", "expected": 4]
        ),
        // A line stands for the moves of up to four aliases.
        Spoken("history", says: "models.history", ["limit": 400]),
        Spoken("history", "--json", says: "models.history", ["limit": 100]),
        Spoken("data", "check", says: "data.check", ["limit": 100]),
        Spoken("data", "show", says: "data.show", ["snapshot": "now", "limit": 20]),
        Spoken(
            "data",
            "show",
            "v3",
            "--intent",
            "i",
            says: "data.show",
            ["snapshot": "v3", "intent": "i", "limit": 20]
        ),
        Spoken("data", "diff", "v2", "now", says: "data.diff", ["from": "v2", "to": "now", "limit": 20]),
        Spoken("data", "import", "/dev/null", says: "data.import", ["content": "", "format": "csv"]),
        Spoken(
            "data",
            "import",
            "/dev/null",
            "--format",
            "jsonl",
            "--check",
            says: "data.import",
            ["content": "", "format": "jsonl", "check_only": true]
        ),
        Spoken("export", "data", says: "export", ["what": "data", "format": "csv"]),
        Spoken("export", "feedback", "--format", "jsonl", says: "export", ["what": "feedback", "format": "jsonl"]),
        Spoken(
            "history",
            "--at",
            "2026-01-31T12:00:00Z",
            "--limit",
            "5",
            says: "models.history",
            ["at": "2026-01-31T12:00:00Z", "limit": 5]
        ),
        Spoken("history", "--at", "2026-11-02T10:00Z", says: "models.history", at("2026-11-02T10:00:00Z")),
        Spoken("history", "--at", "2026-11-02 10:00", says: "models.history", at("2026-11-02T10:00:00Z")),
        Spoken("history", "--at", "2026-11-02 10:00:30Z", says: "models.history", at("2026-11-02T10:00:30Z")),
        Spoken("history", "--at", "2026-11-02", says: "models.history", at("2026-11-02T00:00:00Z")),
        Spoken("reject", says: "models.reject", ["reason": "by hand"]),
        Spoken(
            "reject",
            "7",
            "--reason",
            "worse",
            "--expected",
            "6",
            says: "models.reject",
            ["version": 7, "reason": "worse", "expected": 6]
        ),
        Spoken("diff", "v3", "000004", says: "models.diff", ["from": 3, "to": 4]),
        Spoken("verify", says: "verify"),
        Spoken("metrics", says: "metrics", ["window": "all", "format": "json"]),
        Spoken("metrics", "--window", "24h", "--format", "csv", says: "metrics", ["window": "24h", "format": "json"]),
        Spoken("metrics", "--format", "prometheus", says: "metrics", ["window": "all", "format": "prometheus"]),
        Spoken("experiment", says: "experiment.report"),
        Spoken(
            "experiment",
            "--since",
            "2026-01-31T12:00:00Z",
            says: "experiment.report",
            ["since": "2026-01-31T12:00:00Z"]
        ),
        Spoken("session", says: "sessions.list", ["limit": 100]),
        Spoken("session", "list", "--uid", "5", "--limit", "2", says: "sessions.list", ["uid": 5, "limit": 2]),
        Spoken("session", "show", "a.b", says: "sessions.show", ["session": "a.b"]),
        Spoken("session", "show", "a", "--uid", "5", says: "sessions.show", ["session": "a", "uid": 5]),
        Spoken("session", "forget", "a", says: "sessions.forget", ["session": "a"]),
        Spoken("session", "forget", "--all", says: "sessions.forget"),
        Spoken("session", "forget", "--all", "--uid", "5", says: "sessions.forget", ["uid": 5]),
        Spoken("status", says: "status"),
        Spoken("reload", says: "reload"),
    ])
    func `a command line becomes one request that the method table allows`(_ spoken: Spoken) throws {
        let daemon = try FakeDaemon.usual()
        let outcome = try daemon.run(spoken.arguments)
        #expect(outcome.code == 0)
        let request = try #require(daemon.requests.first)
        #expect(daemon.requests.count == 1)
        #expect(request["jsonrpc"] == "2.0")
        #expect(request["method"] == .string(spoken.method))
        #expect(request["params"] == spoken.params)
        let method = try #require(Method(rawValue: spoken.method))
        #expect(throws: Never.self) { _ = try Params(spoken.params.object ?? [], of: method) }
    }

    @Test func `a window that was not counted is told`() throws {
        let daemon = try FakeDaemon.usual()
        #expect(
            try daemon.run("metrics", "--window", "1h").errors == "Note: the daemon counted over window all, not 1h.\n"
        )
        #expect(try daemon.run("metrics").errors.isEmpty)
        #expect(try daemon.run("metrics", "--window", "1h", "--json").errors.isEmpty)
    }
}
