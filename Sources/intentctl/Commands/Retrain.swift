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

    /// Milliseconds between two questions for the job's state.
    private static let interval = 100

    func run(with client: inout Client) throws {
        let params: Parameters = ["promote": promote.map { .string($0.rawValue) }, "dry_run": dryRun ? true : nil]
        guard wait || dryRun else {
            show(try client.call(.retrain, params)) { result in
                let job = result.cell("job")
                return "Job \(job) is queued. See how far it is with: intentctl jobs show \(job)\n"
            }
            return
        }
        let job = try finished(params, &client)
        let champion = options.json ? nil : try? client.call(.status)["champion"]
        show(job) { JobReport.text($0, champion: champion?.int) }
        if let code = JobReport.exitCode(job) { throw code }
    }

    private func finished(_ params: Parameters, _ client: inout Client) throws(Failure) -> JSON {
        var bar = ProgressBar()
        defer { bar.finish() }
        func draw(_ notification: Dialogue.Notification) {
            guard notification.method == "job.progress" else { return }
            let (params, fraction) = (notification.params, notification.params["fraction"]?.double ?? 0)
            bar.update(step: params.cell("step"), fraction: fraction, remaining: params["eta_ms"]?.int)
        }
        let started = try client.call(.retrain, params, heard: draw)
        guard let id = started["job"]?.string else { throw .failed("The daemon named no job.") }
        while true {
            let job = try client.call(.jobsGet, ["job": .string(id)], heard: draw)
            switch job["state"]?.string {
            case "queued", "running": try client.listen(milliseconds: Self.interval, heard: draw)
            default: return job
            }
        }
    }
}
