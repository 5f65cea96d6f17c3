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
        let llm = status.known("llm").map { llm in
            ["state", "backend", "model"].compactMap { llm.known($0)?.cell }.joined(separator: ", ")
        }
        let pairs: Facts = [
            ("daemon", "intentd \(status.cell("version")), protocol \(status.cell("protocol"))"),
            ("up for", duration(milliseconds: (status["uptime_s"]?.int ?? 0) * 1_000)),
            ("champion", version("champion")),
            ("candidate", version("candidate")),
            ("job", job ?? "none"),
            ("llm", llm ?? "off"),
            ("you", "uid \(status.cell("uid")), \(status.cell("role"))"),
        ]
        let degraded = status.list("degraded").map { item in
            (name: "degraded", value: style.yellow("\(item.cell("feature")): \(item.cell("reason"))"))
        }
        return facts(pairs + degraded, style)
    }
}

struct Reload: Question {
    static let configuration = CommandConfiguration(abstract: "Read the configuration, responses and policies again.")

    @OptionGroup var options: GlobalOptions

    var call: Call { (.reload, [:]) }

    func render(_ result: JSON) -> String {
        let text = result.list("changed").isEmpty ? "Nothing changed.\n" : "Changed: \(result.cell("changed")).\n"
        if result.list("needs_restart").isEmpty { return text }
        return text + "Only after a restart (`sudo systemctl restart intentd`): \(result.cell("needs_restart")).\n"
    }
}
