import ArgumentParser
import Terminal
import Wire

struct Status: Question {
    static let configuration = CommandConfiguration(abstract: "Show what serves, what is degraded, and who you are.")

    @OptionGroup var options: GlobalOptions

    var call: Call { (.status, [:]) }

    func render(_ status: JSON) -> String {
        let version = { (name: String) in status[name]?.int.map { "v\($0)" } ?? "none" }
        let job = status.known("job").map { job in
            "\(job.cell("job")) \(job.cell("state")), \(job.cell("step")) \(JobReport.percent(job))"
        }
        let pairs: Facts = [
            ("daemon", "intentd \(status.cell("version")), protocol \(status.cell("protocol"))"),
            ("up for", duration(milliseconds: (status["uptime_s"]?.int ?? 0) * 1_000)),
            ("champion", version("champion")),
            ("candidate", version("candidate")),
            ("job", job ?? "none"),
            ("llm", status.known("llm").map(llm) ?? "off"),
            ("socket", status.text("socket") ?? "–"),
            ("root", status.text("root") ?? "–"),
            ("configuration", status.text("configuration") ?? "–"),
            ("pid", status.cell("pid")),
            ("you", "uid \(status.cell("uid")), \(status.cell("role"))"),
        ]
        let degraded = status.list("degraded").map { item in
            (name: "degraded", value: style.yellow("\(item.cell("feature")): \(item.cell("reason"))"))
        }
        // Only an admin gets the LLM's own words.
        let said = status["llm"]?.text("llm_error").map { [(name: "llm says", value: $0)] } ?? []
        return facts(pairs + said + degraded, style)
    }

    /// The LLM's state with the age of that knowledge; one that nobody configured and that is not there is none.
    private func llm(_ llm: JSON) -> String {
        let state = llm.cell("state")
        guard state != "off" else { return "off" }
        let age = llm["age_s"]?.int.map { $0 < 2 ? "just now" : "\(duration(milliseconds: $0 * 1_000)) ago" }
        let known = [state] + ["backend", "model"].compactMap { llm.known($0)?.cell }
        let isMissed = llm["configured"]?.bool != false || state == "ready" || state == "busy"
        let parts = isMissed ? known : ["none is configured", "the usual one is \(state)"] + known.dropFirst()
        return parts.joined(separator: ", ") + (age.map { " (seen \($0))" } ?? "")
    }
}

struct Reload: Question {
    static let configuration = CommandConfiguration(abstract: "Read the configuration, responses and policies again.")

    @OptionGroup var options: GlobalOptions

    var call: Call { (.reload, [:]) }

    func render(_ result: JSON) -> String {
        let changed = "Changed: \(result.cell("changed")).\n".wrapped(to: Output.standard.columns)
        let text = result.list("changed").isEmpty ? "Nothing changed.\n" : changed
        if result.list("needs_restart").isEmpty { return text }
        return text + "Only after a restart (`sudo systemctl restart intentd`): \(result.cell("needs_restart")).\n"
    }
}
