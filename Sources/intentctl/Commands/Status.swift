import ArgumentParser
import Terminal
import Wire

struct Status: DaemonCommand {
    static let configuration = CommandConfiguration(abstract: "Show what serves, what is degraded, and who you are.")

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        show(try client.call(.status)) { status in
            let style = Style(for: .standard)
            let version = { (name: String) in status[name]?.int.map { "v\($0)" } ?? "none" }
            var pairs: [(name: String, value: String)] = [
                ("daemon", "intentd \(status.cell("version")), protocol \(status.cell("protocol"))"),
                ("up for", duration(milliseconds: (status["uptime_s"]?.int ?? 0) * 1_000)),
                ("champion", version("champion")),
                ("candidate", version("candidate")),
                ("job", job(status["job"])),
                ("llm", llm(status["llm"])),
                ("you", "uid \(status.cell("uid")), \(status.cell("role"))"),
            ]
            for item in status["degraded"]?.array ?? [] {
                pairs.append(("degraded", style.yellow("\(item.cell("feature")): \(item.cell("reason"))")))
            }
            return facts(pairs, style)
        }
    }

    private func job(_ job: JSON?) -> String {
        guard let job, !job.isNull else { return "none" }
        let percent = Int((job["fraction"]?.double ?? 0) * 100)
        return "\(job.cell("job")) \(job.cell("state")), \(job.cell("step")) \(percent) %"
    }

    private func llm(_ llm: JSON?) -> String {
        guard let llm, !llm.isNull else { return "off" }
        return ["state", "backend", "model"].compactMap { llm[$0]?.isNull == false ? llm.cell($0) : nil }
            .joined(separator: ", ")
    }
}

struct Reload: DaemonCommand {
    static let configuration = CommandConfiguration(abstract: "Read the configuration, responses and policies again.")

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        show(try client.call(.reload)) { result in
            let changed = result["changed"]?.array ?? []
            let waiting = result["needs_restart"]?.array ?? []
            var text = changed.isEmpty ? "Nothing changed.\n" : "Changed: \(JSON.array(changed).cell).\n"
            if !waiting.isEmpty {
                text += "Only after a restart (`sudo systemctl restart intentd`): \(JSON.array(waiting).cell).\n"
            }
            return text
        }
    }
}
