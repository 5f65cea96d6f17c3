import ArgumentParser
import Terminal
import Wire

struct Jobs: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show and cancel jobs.",
        subcommands: [List.self, Show.self, Cancel.self],
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
                .left("JOB"), .left("STATE"), .right("DONE"), .right("VERSION"), .left("STARTED (UTC)"), .text("CAUSE"),
            ])
            for job in result.list("jobs") {
                let (done, started) = (JobReport.percent(job), String(job.moment("started_at").dropLast(3)))
                let version = job["same_as"]?.int.map { "= \($0)" } ?? job.cell("candidate")
                table.add(job.cells("job", "state") + [done, version, started, job.cell("cause")])
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

    struct Cancel: Question {
        static let configuration = CommandConfiguration(abstract: "Stop a job.")

        @Argument(help: "The job's id.")
        var job: String

        @OptionGroup var options: GlobalOptions

        var call: Call { (.jobsCancel, ["job": .string(job)]) }

        func render(_ result: JSON) -> String { JobReport.text(result) }
    }
}
