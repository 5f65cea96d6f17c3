import Testing
import Wire

@Suite struct WaitTests {
    private static let running: JSON = [
        "job": .string(Answers.id), "state": "running", "step": "train", "fraction": 0.4,
    ]

    /// A daemon on which a job runs already.
    private static func busy(for looks: Int) throws -> FakeDaemon {
        try FakeDaemon { method, _, count in
            switch method {
            case "retrain": [.failure(.conflict("A retraining is running."))]
            case "status": [.result(["champion": 4, "job": running])]
            case "jobs.get": [.result(count < looks ? running : Answers.job("done"))]
            default: []
            }
        }
    }

    @Test(arguments: [["retrain", "--wait"], ["jobs", "wait"], ["jobs", "wait", Answers.id]])
    func `a wait attaches to a job that runs`(_ arguments: [String]) throws {
        let daemon = try Self.busy(for: 2)
        let outcome = try daemon.run(arguments)
        #expect(outcome.code == 0)
        #expect(outcome.output.contains("Version 4 serves now."))
        #expect(outcome.errors.contains("train 40 %\n"))
        #expect(outcome.errors.contains("runs already; this waits for its end.\n") == (arguments[0] == "retrain"))
        let asked = daemon.requests.filter { $0["method"] == "jobs.get" }
        #expect(asked.count == 3 && asked.allSatisfy { $0["params"] == ["job": .string(Answers.id)] })
    }

    @Test(arguments: [["retrain", "--wait", "--promote", "hold"], ["retrain", "--dry-run"]])
    func `who wants something else than the job that runs is told that it runs`(_ arguments: [String]) throws {
        let outcome = try Self.busy(for: 0).run(arguments)
        #expect(outcome.code == 1)
        #expect(outcome.errors == "intentctl: A retraining is running.\n")
    }

    @Test func `without a job there is nothing to wait for`() throws {
        let outcome = try FakeDaemon.usual().run("jobs", "wait")
        #expect(outcome.code == 5)
        #expect(outcome.errors == "intentctl: No job runs now.\nHint: `intentctl jobs` lists those that ran\n")
    }

    @Test(arguments: [["retrain", "--wait"], ["jobs", "wait", Answers.id]])
    func `Ctrl-C ends the wait and says that the job goes on, and how to stop it`(_ arguments: [String]) throws {
        let daemon = try FakeDaemon { method, _, _ in
            method == "retrain" ? [.result(["job": .string(Answers.id)])] : [.result(Self.running)]
        }
        let (screen, code) = try Terminal.run(
            arguments,
            keys: [("40 %", "\u{3}")],
            environment: ["INTENTD_SOCKET": daemon.path, "NO_COLOR": "1"]
        )
        #expect(code == 130)
        #expect(screen.contains("The job goes on."))
        #expect(screen.contains("intentctl jobs wait \(Answers.id)\r\n"))
        #expect(screen.contains("intentctl jobs cancel \(Answers.id)\r\n"))
        #expect(!daemon.requests.contains { $0["method"] == "jobs.cancel" })
    }

    @Test func `a dry run looks like one, while it runs, in the list and at its end`() throws {
        @Sendable func job(_ state: String) -> JSON {
            let members = Answers.job(state, verdict: state == "running" ? nil : Answers.verdict, candidate: nil).object
            return .object((members ?? []) + [Member("dry_run", true)])
        }
        let daemon = try FakeDaemon { method, _, count in
            switch method {
            case "retrain": [.result(["job": .string(Answers.id)])]
            case "jobs.list": [.result(["jobs": [job("done"), Answers.job("done")]])]
            case "jobs.get": [.result(job(count == 0 ? "running" : "done"))]
            default: [.result(["champion": 3])]
            }
        }
        let outcome = try daemon.run("retrain", "--dry-run")
        #expect(outcome.errors == "dry run: train 50 %\n")
        #expect(outcome.output.contains("a dry run, of which nothing is kept"))
        #expect(outcome.output.contains("It would pass the gate."))
        let list = try daemon.run("jobs").output.split(separator: "\n")
        #expect(list.count == 3)
        #expect(list[1].contains("dry run") && list[2].contains("retrain"))
    }

    @Test func `a dry run that the gate refuses is no refused version`() throws {
        let job = JSON.object(
            (Answers.job("refused", verdict: ["verdict": "fail"], candidate: nil).object ?? [])
                + [Member("dry_run", true)]
        )
        let outcome = try FakeDaemon { _, _, _ in [.result(job)] }.run("jobs", "show", "x")
        #expect(outcome.output.contains("a dry run, of which nothing is kept. The gate would refuse the version."))
        #expect(outcome.output.contains("It would be refused."))
    }
}
