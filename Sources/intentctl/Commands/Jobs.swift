import ArgumentParser
import Terminal
import Wire

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show, wait for and cancel jobs.",
        subcommands: [List.self, Show.self, Wait.self, Cancel.self],
        defaultSubcommand: List.self
    )
}

extension Jobs {
    struct List: Question {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first (default).")

        @Option(help: ArgumentHelp("How many at most.", valueName: "n"))
        var limit = Limit(20)

        @OptionGroup var options: GlobalOptions

        var call: Call { (.jobsList, ["limit": limit.json]) }

        func render(_ result: JSON) -> String {
            var table = Table([
                .left("JOB"), .left("KIND"), .left("STATE"), .right("DONE"), .right("VERSION"), .left("STARTED (UTC)"),
                .text("CAUSE"),
            ])
            for job in result.list("jobs") {
                let (done, started) = (JobReport.percent(job), String(job.moment("started_at").dropLast(3)))
                let kind = JobReport.isDryRun(job) ? "dry run" : "retrain"
                let (state, cause) = (job.cell("state"), job.cell("cause"))
                let version = job["same_as"]?.int.map { "= \($0)" } ?? job.cell("candidate")
                table.add([job.cell("job"), kind, state, done, version, started, cause])
            }
            return table.isEmpty ? "There was no job yet; start one with: intentctl retrain\n" : table.text()
        }
    }

    struct Show: Question {
        static let configuration = CommandConfiguration(abstract: "Show one job with its verdict.")

        @Argument(help: "The job's id.")
        var job: String

        @OptionGroup var options: GlobalOptions

        var call: Call { (.jobsGet, ["job": .string(job)]) }

        func render(_ result: JSON) -> String { JobReport.text(result) }
    }

    struct Wait: DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wait for a job's end and show its verdict.",
            discussion: "Ctrl-C ends the wait; the job goes on. The exit code is 6 if the gate refuses the version."
        )

        @Argument(help: "The job's id; without one, the job that runs now.")
        var job: String?

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            guard let id = job ?? JobWait.running(&client) else {
                throw Failure.absent("No job runs now.", hint: "`intentctl jobs` lists those that ran")
            }
            var wait = JobWait(limit: options.timeout)
            let job = try wait.end(of: id, &client)
            try wait.report(job, asJSON: options.json, &client)
        }
    }

    struct Cancel: Question {
        static let configuration = CommandConfiguration(abstract: "Stop a job.")

        @Argument(help: "The job's id.")
        var job: String

        @OptionGroup var options: GlobalOptions

        var call: Call { (.jobsCancel, ["job": .string(job)]) }

        func render(_ result: JSON) -> String { JobReport.text(result) }
    }
}
