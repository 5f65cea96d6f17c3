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
        (Answers.job("refused"), 3, 6, "the gate refused version 4"),
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
        #expect(output.contains("accuracy  pass     0.0025  -0.005  -0.001 … 0.006\n"))
        #expect(output.contains("golden    pass         24      24\n"))
        #expect(output.contains("1 test row right now, wrong before\n  where is my stuff  → order_status\n"))
        #expect(output.contains("Learned from 3 corrections: 2 right now that were wrong, 1 still wrong.\n"))
        #expect(output.contains("still wrong: \(Answers.id)\n"))
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
