import Testing
import Wire

@Suite struct JSONOutputTests {
    @Test(arguments: [
        (["chat", "hi"], "chat"), (["predict", "a"], "predict"), (["explain", "a"], "explain"),
        (["feedback", "--id", "x", "--up"], "feedback.submit"), (["feedback", "list"], "feedback.list"),
        (["review"], "feedback.list"), (["review", "--accept", "x"], "feedback.review"),
        (["feedback", "revise", "x", "--comment", "c"], "feedback.revise"),
        (["feedback", "withdraw", "x"], "feedback.withdraw"), (["forget", "--yes"], "forget"), (["retrain"], "retrain"),
        (["jobs"], "jobs.list"), (["jobs", "show", "x"], "jobs.get"),
        (["jobs", "wait", "x"], "jobs.get"), (["jobs", "cancel", "x"], "jobs.cancel"),
        (["intents"], "intents.list"), (["intents", "rename", "a", "b"], "intents.rename"),
        (["intents", "merge", "a", "b", "into", "c"], "intents.merge"),
        (["intents", "remove", "a"], "intents.remove"), (["intents", "undo", "m"], "intents.undo"),
        (["models"], "models.list"), (["models", "show", "4"], "models.show"),
        (["promote"], "models.promote"),
        (["rollback"], "models.rollback"), (["history"], "models.history"), (["reject"], "models.reject"),
        (["diff", "3", "4"], "models.diff"), (["verify"], "verify"), (["metrics"], "metrics"),
        (["metrics", "--format", "json"], "metrics"), (["experiment"], "experiment.report"), (["status"], "status"),
        (["reload"], "reload"),
        (["session"], "sessions.list"), (["session", "show", "a"], "sessions.show"),
        (["session", "forget", "a"], "sessions.forget"), (["data", "check"], "data.check"),
        (["data", "show"], "data.show"),
        (["data", "diff", "v1", "v2"], "data.diff"), (["data", "import", "/dev/null"], "data.import"),
        (["export", "feedback"], "export"),
    ])
    func `standard output is the result alone, on one line`(_ arguments: [String], _ method: String) throws {
        let outcome = try FakeDaemon.usual().run(arguments.contains("json") ? arguments : arguments + ["--json"])
        #expect(outcome.code == 0)
        #expect(outcome.output == Answers.of(method).description + "\n")
        #expect(outcome.errors.isEmpty)
    }

    @Test func `a refusal is the daemon's error object`() throws {
        let error = RPCError(.notFound, "There is no job x.", field: "job", hint: "intentctl jobs")
        let outcome = try FakeDaemon { _, _, _ in [.failure(error)] }.run("jobs", "show", "x", "--json")
        #expect(outcome.code == 5)
        #expect(outcome.json?["error"]?["code"] == -32003)
        #expect(outcome.json?["error"]?["data"] == ["reason": "not_found", "field": "job", "hint": "intentctl jobs"])
        #expect(outcome.errors.isEmpty)
    }

    @Test func `an unreachable daemon is an error object`() throws {
        let outcome = try Tool.run(["status", "--json", "--socket", "/nonexistent/s"])
        #expect(outcome.code == 3)
        #expect(outcome.json?["error"]?["data"]?["reason"] == "unreachable")
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [
        ["predict", "--json"], ["status", "--json", "--nonsense"], ["metrics", "--json", "--format", "csv"],
        ["jobs", "--json", "--limit", "0"], ["status", "--json", "--socket", ""],
    ])
    func `a usage error is an error object`(_ arguments: [String]) throws {
        let outcome = try Tool.run(arguments)
        #expect(outcome.code == 2)
        #expect(outcome.json?["error"]?["data"]?["reason"] == "usage")
        #expect(outcome.json?["error"]?["message"]?.string?.contains("\n") == false)
        #expect(outcome.errors.isEmpty)
    }

    @Test func `a wait tells its progress on standard error and its job on standard output`() throws {
        let daemon = try ProgressTests.training(ending: Answers.job("refused"))
        let outcome = try daemon.run("retrain", "--wait", "--json")
        #expect(outcome.code == 6)
        #expect(outcome.json == Answers.job("refused"))
        #expect(outcome.output.filter { $0 == "\n" }.count == 1)
        #expect(outcome.errors.contains("train 50 %"))
    }

    @Test func `a piped chat prints one object per line`() throws {
        let outcome = try FakeDaemon.usual().run("chat", "--json", input: "a\n/why\n/label x\n/nonsense\n/help\n")
        let lines = outcome.output.split(separator: "\n").map { try? JSONParser.parse(String($0)) }
        #expect(lines.count == 4)
        #expect(lines[0] == Answers.of("chat"))
        #expect(lines[1] == Answers.of("explain"))
        #expect(lines[2] == Answers.of("feedback.submit"))
        #expect(lines[3]?["error"]?["data"]?["reason"] == "usage")
        #expect(outcome.code == 2)
    }

    @Test func `what could act on a terminal is escaped, and reads back as it was`() throws {
        let reply = SafetyTests.payloads.joined(separator: " ")
        let outcome = try FakeDaemon { _, _, _ in [.result(Answers.chat(reply))] }.run("chat", "x", "--json")
        #expect(SafetyTests.isHarmless(outcome.output))
        #expect(outcome.json?["reply"]?.string?.hasSameBytes(as: reply) == true)
    }
}
