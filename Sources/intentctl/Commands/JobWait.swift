import ArgumentParser
import Terminal
import Wire

/// Waits for a job's end and shows how far it is. The job is the daemon's: whoever leaves only stops looking.
struct JobWait {
    /// Milliseconds between two questions for the job's state.
    private static let interval = 100
    /// How long a job may stay where it is. No step of a training takes so long, also on a machine that is busy.
    private static let stillness = Timeout(minutes: 60)

    private let isDryRun: Bool
    /// How long to wait at most.
    private let limit: Timeout?
    private var bar = ProgressBar()
    /// Whether the daemon tells the progress by itself.
    private var hearsProgress = false

    init(isDryRun: Bool = false, limit: Timeout?) { (self.isDryRun, self.limit) = (isDryRun, limit) }

    /// Starts a retraining and waits for its end.
    ///
    /// - Parameter canJoin: whether one that runs already is as good.
    mutating func start(_ params: Parameters, canJoin: Bool, _ client: inout Client) throws(Failure) -> JSON {
        let id: String
        do throws(Failure) {
            let started = try client.call(.retrain, params) { draw($0) }
            guard let named = started["job"]?.string else { throw .failed("The daemon named no job.") }
            id = named
        } catch {
            guard canJoin, error.reason == "conflict", let running = Self.running(&client) else { throw error }
            bar.finish()
            Output.error.write("Job \(Printable.line(running)) runs already; this waits for its end.\n")
            id = running
        }
        return try end(of: id, &client)
    }

    /// The job that runs now; nil where none does.
    static func running(_ client: inout Client) -> String? {
        (try? client.call(.status))?.known("job")?["job"]?.string
    }

    /// Waits for the job's end. Ctrl-C ends the wait and not the job, and says so.
    mutating func end(of id: String, _ client: inout Client) throws(Failure) -> JSON {
        let job = Printable.line(id)
        client.farewell = """
            \(isDryRun ? "The dry run" : "The job") goes on.
            Wait for it again: intentctl jobs wait \(job)
            Stop it: intentctl jobs cancel \(job)
            """
        var wait = self
        defer { wait.bar.finish() }
        return try Interrupts.caught { stop throws(Failure) in
            client.abandon = stop
            defer { client.abandon = -1 }
            let start = Monotonic.milliseconds
            var (place, moved) = ([JSON?](), start)
            while true {
                let job = try client.call(.jobsGet, ["job": .string(id)]) { wait.draw($0) }
                switch job["state"]?.string {
                case "queued", "running":
                    if !wait.hearsProgress { wait.draw(job) }
                    let now = Monotonic.milliseconds
                    let current = ["state", "step", "fraction"].map { job[$0] }
                    if current != place { (place, moved) = (current, now) }
                    if let limit, now - start >= limit.milliseconds {
                        throw Self.late(job, "has not ended after", limit: limit)
                    }
                    if now - moved >= Self.stillness.milliseconds {
                        throw Self.late(job, "has not moved for", limit: Self.stillness)
                    }
                    try client.listen(milliseconds: Self.interval) { wait.draw($0) }
                default: return job
                }
            }
        }
    }

    private static func late(_ job: JSON, _ words: String, limit: Timeout) -> Failure {
        let (id, state) = (job.cell("job"), "\(job.cell("state")), \(job.cell("step")) \(JobReport.percent(job))")
        return .late(
            "Job \(id) \(words) \(Silence.words(limit)) (\(state)). It goes on.",
            hint: "wait for it again: `intentctl jobs wait \(id)`; stop it: `intentctl jobs cancel \(id)`"
        )
    }

    /// Prints what became of the job; throws its exit code.
    func report(_ job: JSON, asJSON: Bool, _ client: inout Client) throws {
        if asJSON {
            Output.standard.write(job.description + "\n")
        } else {
            let champion = try? client.call(.status)["champion"]
            Output.standard.write(JobReport.text(job, champion: champion?.int))
        }
        if let code = JobReport.exitCode(job) { throw code }
    }

    private mutating func draw(_ notification: Dialogue.Notification) {
        guard notification.method == "job.progress" else { return }
        hearsProgress = true
        draw(notification.params, remaining: notification.params["eta_ms"]?.int)
    }

    /// Draws what a job says of itself. One whose start we did not ask for sends no notifications.
    private mutating func draw(_ job: JSON, remaining: Int? = nil) {
        guard let step = job.text("step"), step != "queued" else { return }
        let words = isDryRun || job["dry_run"]?.bool == true ? "dry run: " + step : step
        bar.update(step: words, fraction: job["fraction"]?.double ?? 0, remaining: remaining)
    }
}
