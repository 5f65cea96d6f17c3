import Testing
import Wire

@Suite struct ProgressTests {
    /// A daemon that trains in a few steps and ends with a job.
    static func training(ending job: JSON, champion: JSON = 4) throws -> FakeDaemon {
        try FakeDaemon { method, _, count in
            func progress(_ step: String, _ fraction: Double) -> FakeDaemon.Step {
                .notification(
                    "job.progress",
                    [
                        "request": 1, "job": .string(Answers.id), "step": .string(step), "fraction": .double(fraction),
                        "eta_ms": 900,
                    ]
                )
            }
            switch (method, count) {
            case ("retrain", _): return [progress("prepare", 0), .result(["job": .string(Answers.id)])]
            case ("jobs.get", 0): return [.result(Answers.job("queued", verdict: nil)), progress("train", 0.5)]
            case ("jobs.get", 1): return [progress("train", 0.52), .result(Answers.job("running", verdict: nil))]
            case ("jobs.get", 2): return [progress("evaluate", 0.95), .result(job)]
            case ("status", _): return [.result(["champion": champion])]
            default: return []
            }
        }
    }

    @Test(arguments: [
        (Answers.job("done"), JSON.integer(4), Int32(0), "Version 4 serves now."),
        (Answers.job("done"), 3, 0, "Version 3 still serves. Let the new one serve with: intentctl promote 4"),
        (Answers.job("done", verdict: Answers.doubt), 3, 0, "Look at it with: intentctl models show 4\nLet it serve"),
        (Answers.job("done", candidate: nil), 3, 0, "It would pass the gate."),
        (Answers.job("refused", verdict: ["verdict": "fail"], candidate: nil), 3, 6, "It would be refused."),
        (Answers.job("refused"), 3, 6, "the gate refused version 4"),
        (Answers.job("done", candidate: nil, sameAs: 3), 3, 0, "Nothing new: these are the bytes of version 3."),
        (
            Answers.job("done", candidate: nil, sameAs: 2), 3, 0,
            "Version 3 still serves. Let the new one serve with: intentctl promote 2"
        ),
        (
            Answers.job("refused", candidate: nil, sameAs: 2, error: "These are the bytes of version 2."), 3, 6,
            "is refused. These are the bytes of version 2."
        ),
        (Answers.job("failed", verdict: nil, error: "out of memory"), 3, 1, "failed: out of memory"),
        (Answers.job("cancelled", verdict: nil), 3, 1, "was cancelled"),
    ])
    func `a wait ends with what became of the job`(_ job: JSON, _ champion: JSON, _ code: Int32, _ words: String) throws
    {
        let outcome = try Self.training(ending: job, champion: champion).run("retrain", "--wait")
        #expect(outcome.code == code)
        #expect(outcome.output.contains(words))
    }

    @Test func `off a terminal progress is plain lines on standard error`() throws {
        let outcome = try Self.training(ending: Answers.job("done")).run("retrain", "--wait")
        #expect(outcome.errors == "prepare 0 %\ntrain 50 %\nevaluate 95 %\n")
    }

    @Test func `the verdict is a table, with what was learned`() throws {
        let output = try Self.training(ending: Answers.job("done")).run("retrain", "--wait").output
        #expect(output.contains("accuracy  pass     +0.25 pt  ≥ -0.50 pt  -0.10 pt … +0.60 pt\n"))
        #expect(output.contains("golden    pass           24          24\n"))
        #expect(output.contains("1 test row right now, wrong before\n  where is my stuff  → order_status\n"))
        #expect(output.contains("Learned from 3 corrections: 2 right now that were wrong, 1 still wrong.\n"))
        #expect(output.contains("still wrong: \(Answers.id)\n"))
    }

    @Test func `a dry run waits by itself, and says that nothing is kept`() throws {
        let job = Answers.job("done", verdict: Answers.doubt, candidate: nil)
        let daemon = try Self.training(ending: job, champion: 3)
        let outcome = try daemon.run("retrain", "--dry-run")
        #expect(outcome.code == 0)
        #expect(daemon.requests.first?["params"] == ["dry_run": true])
        #expect(outcome.output.contains("a dry run, of which nothing is kept"))
        #expect(outcome.output.contains("It would wait for an administrator."))
        #expect(!outcome.output.contains("serves"))
    }

    @Test func `a doubtful verdict names what is wrong in the units of people`() throws {
        let daemon = try FakeDaemon { _, _, _ in
            [.result(["version": 4, "metadata": [:], "evaluation": [:], "verdict": Answers.doubt])]
        }
        // However wide the columns are.
        let output = try daemon.run("models", "show", "4").output.split(separator: " ").joined(separator: " ")
        for line in [
            "ece borderline +3.10 pt ≤ +2.00 pt -0.40 pt … +6.60 pt", "behaviour fail 50 51",
            "behaviour:invariance pass 97.4 % ≥ 90.0 %", "size pass 2.4 MiB ≤ 3.6 MiB",
            "latency pass 1.02 × ≤ 2.00 × 1.00 × … 1.10 ×",
            "recall:hours fail -50.00 pt ≥ -5.00 pt -70.00 pt … -30.00 pt",
            "recall, 2 intents pass -3.00 pt ≥ -5.00 pt -10.00 pt … +0.00 pt", "borderline ece: Why ece.",
            "fail recall:hours: Why recall:hours.", "3 behaviour cases missed", " is it dry → who, must be product",
            " hello → refund, must not be refund", " my refnud → hours, should stay refund",
            "7 test rows wrong now, right before", " row 6 → hours",
            "error: line 3: \"musst\" is not known. Use must.",
        ] { #expect(output.contains("\(line)\n"), "\(line)") }
        #expect(!output.contains("recall:refund"))
    }

    @Test func `on a terminal progress is a bar that goes away`() throws {
        let (screen, code) = try Self.training(ending: Answers.job("done")).onTerminal("retrain", "--wait")
        #expect(code == 0)
        #expect(screen.contains("\u{1B}[32m███████████████░░░░░░░░░░░░░░░\u{1B}[0m  50 %  train, 1 s left"))
        // The last drawing takes the bar away before the report begins.
        #expect(screen.contains("\r\u{1B}[K\u{1B}[32mJob"))
        #expect(screen.contains("Version 4 serves now."))
    }

    @Test func `a terminal that cannot redraw gets lines`() throws {
        let daemon = try Self.training(ending: Answers.job("done"))
        let (screen, _) = try daemon.onTerminal("retrain", "--wait", environment: ["TERM": "dumb"])
        #expect(screen.contains("train 50 %\r\n"))
        #expect(!screen.contains("\u{1B}"))
    }

    @Test func `a daemon that goes away meanwhile is not reachable`() throws {
        let daemon = try FakeDaemon { method, _, count in
            method == "retrain" ? [.result(["job": "j"])] : count < 2 ? [.result(Answers.job("running"))] : [.hangUp]
        }
        #expect(try daemon.run("retrain", "--wait").code == 3)
    }

    @Test func `a job that is running already is a failure with the daemon's words`() throws {
        let daemon = try FakeDaemon { _, _, _ in [.failure(.conflict("A job is running.", hint: "intentctl jobs"))] }
        let outcome = try daemon.run("retrain", "--wait")
        #expect(outcome.code == 1)
        #expect(outcome.errors == "intentctl: A job is running.\nHint: intentctl jobs\n")
    }
}
