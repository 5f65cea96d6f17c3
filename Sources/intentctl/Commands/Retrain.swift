import ArgumentParser
import Terminal
import Wire

struct Retrain: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train a new version with what was learned since.",
        discussion: """
            The new version serves if it passes the gate, and waits for an administrator if the gate is in doubt. With \
            --wait or --dry-run, the exit code is 6 if the gate refuses it.
            """
    )

    enum Promotion: String, ExpressibleByArgument, CaseIterable { case gate, hold }

    @Option(help: "Let a version that passes the gate serve at once, or hold it for an administrator.")
    var promote: Promotion?

    @Flag(help: "Wait for the end and show the verdict.")
    var wait = false

    @Flag(help: "Only show what the gate would say, and keep nothing.")
    var dryRun = false

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        let params: Parameters = ["promote": promote.map { .string($0.rawValue) }, "dry_run": dryRun ? true : nil]
        guard wait || dryRun else {
            show(try client.call(.retrain, params)) { result in
                let job = result.cell("job")
                return "Job \(job) is queued. See how far it is with: intentctl jobs show \(job)\n"
                    + "Wait for it with: intentctl jobs wait \(job)\n"
            }
            return
        }
        var wait = JobWait(isDryRun: dryRun, limit: options.timeout)
        let job = try wait.start(params, canJoin: promote == nil && !dryRun, &client)
        try wait.report(job, asJSON: options.json, &client)
    }
}
