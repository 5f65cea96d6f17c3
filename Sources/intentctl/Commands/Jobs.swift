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
    struct List: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "List jobs, newest first (default).")

        @Option(help: ArgumentHelp("How many at most.", valueName: "n"))
        var limit = Limit(20)

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            show(try client.call(.jobsList, [Member("limit", limit.json)])) { result in
                let jobs = result["jobs"]?.array ?? []
                guard !jobs.isEmpty else { return "There was no job yet; start one with: intentctl retrain\n" }
                var table = Table(
                    .left("JOB"),
                    .left("STATE"),
                    .right("DONE"),
                    .right("VERSION"),
                    .left("STARTED (UTC)"),
                    .text("CAUSE")
                )
                for job in jobs {
                    let percent = Int((job["fraction"]?.double ?? 0) * 100)
                    let started = String(job.moment("started_at").dropLast(3))
                    let cause = job.cell("cause")
                    table.add(job.cell("job"), job.cell("state"), "\(percent) %", job.cell("candidate"), started, cause)
                }
                return table.text()
            }
        }
    }

    struct Show: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Show one job with its verdict.")

        @Argument(help: "The job's id.")
        var job: String

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            show(try client.call(.jobsGet, [Member("job", .string(job))])) { JobReport.text($0) }
        }
    }

    struct Cancel: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a job.")

        @Argument(help: "The job's id.")
        var job: String

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            show(try client.call(.jobsCancel, [Member("job", .string(job))])) { JobReport.text($0) }
        }
    }
}
