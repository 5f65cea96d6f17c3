import ArgumentParser
import Terminal
import Wire

struct Experiment: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the answers of the two arms.",
        discussion: "Look as often as you like: the intervals hold for all looks together."
    )

    @Option(help: ArgumentHelp("Only answers from then on, such as 2026-01-31T12:00:00Z.", valueName: "time"))
    var since: String?

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        let result = try client.call(.experimentReport, parameters(["since": since.map { .string($0) }]))
        show(result, ExperimentTable.text)
    }
}

/// Shows the report of the experiment to a person.
enum ExperimentTable {
    static func text(_ report: JSON) -> String {
        let style = Style(for: .standard)
        var table = Table(.left("ARM"), .right("LOCAL"), .right("LLM"))
        func row(_ name: String, _ cell: (JSON) -> String) {
            table.add(name, cell(report["arms"]?["local"] ?? .null), cell(report["arms"]?["llm"] ?? .null))
        }
        row("answers") { $0.cell("answers") }
        for route in ["local", "llm", "fallback"] { row("  by \(route)") { ($0["routes"] ?? .null).cell(route) } }
        row("  LLM failed") { $0.cell("llm_failed") }
        row("  cancelled") { $0.cell("errors") }
        row("rated") { "\($0.cell("rated")) (\(percent($0["rated_share"])))" }
        row("  up") { $0.cell("up") }
        row("  down") { $0.cell("down") }
        row("  corrected") { $0.cell("corrections") }
        row("compared") { ($0["success"] ?? .null).cell("units") }
        row("  success") { percent($0["success"]?["rate"]) }
        row("  from … to") { "\(percent($0["success"]?["low"])) … \(percent($0["success"]?["high"]))" }
        for quantile in ["p50", "p90", "p99"] {
            row("latency \(quantile)") { milliseconds($0["latency_us"]?[quantile]) }
        }
        row("tokens in, out") {
            "\(($0["tokens"] ?? .null).cell("prompt")), \(($0["tokens"] ?? .null).cell("completion"))"
        }
        let notes = (report["notes"]?.array ?? []).map { style.dim($0.cell) + "\n" }.joined()
        return table.text() + "\n" + facts(summary(report, style), style) + "\n" + notes
    }

    private static func summary(_ report: JSON, _ style: Style) -> [(name: String, value: String)] {
        let difference = report["difference"] ?? .null
        let mismatch = report["mismatch"] ?? .null
        let verdict = report.cell("verdict")
        let hasAlarm = mismatch["alarm"]?.bool == true
        let arms =
            "\(mismatch.cell("llm")) of \(mismatch.cell("units")) drawn for llm, "
            + "\(mismatch["llm_expected"]?.double?.fixed(1) ?? "–") expected, p \(mismatch.cell("p"))"
        return [
            ("experiment", "ab_prob \(report.cell("ab_prob")), by \(report.cell("unit"))"),
            ("answers", "\(report.cell("answers")), \(report.moment("since")) to \(report.moment("until"))"),
            (
                "difference",
                "\(points(difference["estimate"])) llm over local, from \(points(difference["low"])) to "
                    + "\(points(difference["high"])) points, \(percent(report["confidence"])) for all looks"
            ),
            ("arms", hasAlarm ? style.red(arms) : arms),
            (
                "verdict",
                hasAlarm
                    ? style.red(verdict)
                    : difference["excludes_zero"]?.bool == true ? style.green(verdict) : style.bold(verdict)
            ),
        ]
    }

    private static func percent(_ value: JSON?) -> String { value?.double?.percent(1) ?? "–" }

    private static func points(_ value: JSON?) -> String { value?.double.map { ($0 * 100).signed(1) } ?? "–" }

    private static func milliseconds(_ value: JSON?) -> String {
        value?.double.map { "\(($0 / 1_000).rounded(to: 2)) ms" } ?? "–"
    }
}
