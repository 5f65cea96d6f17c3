import ArgumentParser
import Terminal
import Wire

/// A job in words.
enum JobReport {
    /// - Parameter champion: the version that serves, if it is known.
    static func text(_ job: JSON, champion: Int? = nil) -> String {
        var text = headline(job) + "\n"
        if let verdict = job.known("verdict") { text += "\n" + Verdict.text(verdict, style) }
        if let learned = job.known("learned") { text += "\n" + self.learned(learned) }
        if isDryRun(job) {
            if job.known("verdict") != nil { text += "\n" + consequence(job) + "\n" }
        } else if let version = job["candidate"]?.int ?? job["same_as"]?.int, let champion, !isFoundBad(job) {
            text += "\n" + serving(champion: champion, candidate: version, after: job) + "\n"
        }
        return text
    }

    /// nil for a job that did what it was asked to, or still does it.
    static func exitCode(_ job: JSON) -> ExitCode? {
        switch job["state"]?.string {
        case "refused": ExitCode(6)
        case "failed", "cancelled": ExitCode(1)
        default: nil
        }
    }

    /// People rejected a version with the same bytes, or went back from it; then the job says so itself.
    private static func isFoundBad(_ job: JSON) -> Bool {
        job["state"]?.string == "refused" && job.text("error") != nil
    }

    /// Whether nothing was to be kept of it. An older daemon does not say so; of its jobs a dry run has a verdict and no
    /// version.
    static func isDryRun(_ job: JSON) -> Bool {
        job["dry_run"]?.bool
            ?? (["done", "refused"].contains(job["state"]?.string) && job["candidate"]?.int == nil
                && job["same_as"]?.int == nil && job.known("verdict") != nil)
    }

    private static func consequence(_ job: JSON) -> String {
        switch job["verdict"]?["verdict"]?.string {
        case "pass": "It would pass the gate. In earnest: intentctl retrain --wait"
        case "borderline": "It would wait for an administrator. In earnest: intentctl retrain --wait"
        default: "It would be refused."
        }
    }

    /// How far the job is.
    static func percent(_ job: JSON) -> String { "\(Int((job["fraction"]?.double ?? 0) * 100)) %" }

    private static func headline(_ job: JSON) -> String {
        let id = job.cell("job")
        let kind = isDryRun(job) ? "Dry run" : "Job"
        let version = (job["candidate"]?.int ?? job["same_as"]?.int).map { "version \($0)" } ?? "the new version"
        switch job["state"]?.string {
        case "done" where isDryRun(job): return style.green("Job \(id) is done: a dry run, of which nothing is kept.")
        case "done":
            guard let known = job["same_as"]?.int else {
                return style.green("Job \(id) is done: \(version) is trained.")
            }
            return style.green("Job \(id) is done. Nothing new: these are the bytes of version \(known).")
        case "refused" where isDryRun(job):
            return style.red("Job \(id) is done: a dry run, of which nothing is kept.")
                + " The gate would refuse the version."
        case "refused" where isFoundBad(job): return style.red("Job \(id) is refused. \(job.cell("error"))")
        case "refused": return style.red("Job \(id): the gate refused \(version).")
        case "failed": return style.red("\(kind) \(id) failed: \(job.text("error") ?? "no reason was given").")
        case "cancelled": return style.yellow("\(kind) \(id) was cancelled.")
        default: return "\(kind) \(id) is \(job.cell("state")): \(job.cell("step")), \(percent(job))."
        }
    }

    private static func learned(_ learned: JSON) -> String {
        let wrong = learned.list("still_wrong")
        let were = learned["fixed"]?.int == 1 ? "was" : "were"
        return "Learned from \(learned.counted("applied", "correction")): \(learned.cell("fixed")) right now that "
            + "\(were) wrong, \(wrong.count) still wrong.\n" + wrong.map { "  still wrong: \($0.cell)\n" }.joined()
    }

    private static func serving(champion: Int, candidate: Int, after job: JSON) -> String {
        if champion == candidate { return style.bold("Version \(champion) serves now.") }
        let still = "Version \(champion) still serves."
        switch job["state"]?.string {
        case "done" where job["verdict"]?["verdict"]?.string == "borderline":
            return still + " The new one waits for an administrator, since the gate is in doubt.\n"
                + "Look at it with: intentctl models show \(candidate)\nLet it serve with: intentctl promote \(candidate)"
        case "done": return still + " Let the new one serve with: intentctl promote \(candidate)"
        case "refused": return still + " To promote against the gate: intentctl promote \(candidate) --force"
        default: return still
        }
    }
}
