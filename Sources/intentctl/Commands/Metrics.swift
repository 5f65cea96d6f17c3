import ArgumentParser
import Terminal
import Wire

struct Metrics: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Count requests, routes, intents, latencies and feedback."
    )

    enum Window: String, ExpressibleByArgument, CaseIterable {
        case fiveMinutes = "5m"
        case hour = "1h"
        case day = "24h"
        case week = "7d"
        case all
    }

    enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, csv, prometheus }

    @Option(help: "How far back.")
    var window = Window.all

    @Option(help: "How it is written.")
    var format = Format.table

    @OptionGroup var options: GlobalOptions

    var wantsJSON: Bool { options.json || format == .json }

    func validate() throws {
        if options.json, format != .table, format != .json {
            throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
        }
    }

    func run(with client: inout Client) throws {
        let wire: JSON = format == .prometheus ? "prometheus" : "json"
        let result = try client.call(.metrics, ["window": .string(window.rawValue), "format": wire])
        // The daemon may have counted over another window than it was asked for.
        if !wantsJSON, let counted = result.text("window"), counted != window.rawValue {
            Output.error.write("Note: the daemon counted over window \(counted), not \(window.rawValue).\n")
        }
        show(result) { result in
            switch format {
            case .table, .json: MetricsTable.text(result)
            case .csv: CSV.text(result)
            case .prometheus: Printable.lines(result["text"]?.string ?? "")
            }
        }
    }
}

/// Shows the figures to a person.
enum MetricsTable {
    static func text(_ metrics: JSON) -> String {
        let span = "window \(metrics.cell("window")), since \(metrics.moment("since"))"
        let first: Facts = [
            ("requests", "\(metrics.cell("requests")) (\(span))"),
            ("routes", counts(metrics["by_route"])),
            ("reasons", counts(metrics["by_reason"])),
            ("doubts", counts(metrics["by_doubt"])),
            ("arms", counts(metrics["arms"])),
            ("confidence", spread(metrics["confidence"], ["mean", "p10", "p50", "p90"])),
            ("latency local", spread(metrics["latency_us"]?["local"], ["p50", "p90", "p99", "max"], unit: " µs")),
            ("latency llm", spread(metrics["latency_us"]?["llm"], ["p50", "p90", "p99", "max"], unit: " µs")),
            ("llm", metrics.known("llm").map(llm) ?? "–"),
            ("feedback", counts(metrics["feedback"])),
            ("anomalies", counts(metrics["anomalies"])),
            ("errors", metrics.cell("errors")),
            ("accuracy", estimate(metrics["estimated_accuracy"])),
            ("drift", metrics.known("drift").map(drift) ?? "–"),
            ("model", metrics["model"]?.int.map { "v\($0)" } ?? "–"),
            ("lost lines", metrics.cell("lost_lines")),
        ]
        let intents = (metrics["by_intent"]?.object ?? []).sorted { ($0.value.int ?? 0) > ($1.value.int ?? 0) }
        guard !intents.isEmpty else { return facts(first, style) }
        var table = Table(.text("INTENT"), .right("REQUESTS"))
        for intent in intents.prefix(10) { table.add(Printable.line(intent.name), intent.value.cell) }
        let rest = intents.dropFirst(10)
        if !rest.isEmpty { table.add("… \(rest.count) more", String(rest.reduce(0) { $0 + ($1.value.int ?? 0) })) }
        return facts(first, style) + "\n" + table.text()
    }

    private static func llm(_ llm: JSON) -> String {
        "\(llm.cell("state")), calls \(llm.cell("calls")), fallbacks \(llm.cell("fallbacks")), "
            + "tokens \(llm.cell("tokens"))"
    }

    private static func counts(_ value: JSON?) -> String {
        let counted = (value?.object ?? []).filter { $0.value.int != 0 }
        return counted.isEmpty ? "–" : JSON.object(counted).cell
    }

    private static func spread(_ value: JSON?, _ names: [String], unit: String = "") -> String {
        let known = names.filter { value?[$0]?.double != nil }
        return known.isEmpty ? "–" : known.map { "\($0) \(value?.cell($0) ?? "")\(unit)" }.joined(separator: ", ")
    }

    private static func estimate(_ value: JSON?) -> String {
        guard let value, value["value"]?.double != nil else { return "–" }
        return "\(value.share("value")) (\(value.share("low")) … \(value.share("high")))"
    }

    private static func drift(_ value: JSON) -> String {
        "\(value.cell("score"))\(value["alarm"]?.bool == true ? ", alarm: \(value.cell("reasons"))" : "")"
    }
}
