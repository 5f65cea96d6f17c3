import ArgumentParser
import Terminal
import Wire

/// A job in words.
enum JobReport {
    /// - Parameter champion: the version that serves, if it is known.
    static func text(_ job: JSON, champion: Int? = nil) -> String {
        let style = Style(for: .standard)
        var text = headline(job, style) + "\n"
        if let verdict = job["verdict"], !verdict.isNull { text += "\n" + Verdict.text(verdict, style) }
        if let learned = job["learned"], !learned.isNull { text += "\n" + self.learned(learned) }
        if isDryRun(job) {
            text += "\n" + consequence(job) + "\n"
        } else if let candidate = job["candidate"]?.int, let champion {
            text += "\n" + serving(champion: champion, candidate: candidate, after: job, style: style) + "\n"
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

    /// A dry run has a verdict and no version.
    private static func isDryRun(_ job: JSON) -> Bool {
        ["done", "refused"].contains(job["state"]?.string) && job["candidate"]?.int == nil
            && job["verdict"]?.isNull == false
    }

    private static func consequence(_ job: JSON) -> String {
        switch job["verdict"]?["verdict"]?.string {
        case "pass": "It would pass the gate. In earnest: intentctl retrain --wait"
        case "borderline": "It would wait for an administrator. In earnest: intentctl retrain --wait"
        default: "It would be refused."
        }
    }

    private static func headline(_ job: JSON, _ style: Style) -> String {
        let id = job.cell("job")
        let version = job["candidate"]?.int.map { "version \($0)" } ?? "the new version"
        switch job["state"]?.string {
        case "done" where isDryRun(job): return style.green("Job \(id) is done: a dry run, of which nothing is kept.")
        case "done": return style.green("Job \(id) is done: \(version) is trained.")
        case "refused": return style.red("Job \(id): the gate refused \(version).")
        case "failed": return style.red("Job \(id) failed: \(job.text("error") ?? "no reason was given").")
        case "cancelled": return style.yellow("Job \(id) was cancelled.")
        default:
            let percent = Int((job["fraction"]?.double ?? 0) * 100)
            return "Job \(id) is \(job.cell("state")): \(job.cell("step")), \(percent) %."
        }
    }

    private static func learned(_ learned: JSON) -> String {
        let wrong = learned["still_wrong"]?.array ?? []
        let applied = learned["applied"]?.int ?? 0
        var text = "Learned from \(applied) \(applied == 1 ? "correction" : "corrections")"
        text += ": \(learned.cell("fixed")) right now that \(learned["fixed"]?.int == 1 ? "was" : "were") wrong"
        text += ", \(wrong.count) still wrong.\n"
        for id in wrong { text += "  still wrong: \(id.cell)\n" }
        return text
    }

    private static func serving(champion: Int, candidate: Int, after job: JSON, style: Style) -> String {
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
