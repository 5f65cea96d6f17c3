import ArgumentParser
import Terminal
import Wire

struct Experiment: Question {
    static let configuration = CommandConfiguration(
        abstract: "Compare the answers of the two arms.",
        discussion: "Look as often as you like: the intervals hold for all looks together."
    )

    @Option(help: ArgumentHelp("Only answers from then on, such as 2026-01-31T12:00:00Z.", valueName: "time"))
    var since: String?

    @OptionGroup var options: GlobalOptions

    var call: Call { (.experimentReport, ["since": since.map(JSON.string)]) }

    func render(_ report: JSON) -> String {
        var table = Table(.left("ARM"), .right("LOCAL"), .right("LLM"))
        func row(_ name: String, _ cell: (JSON) -> String) {
            table.add(name, cell(report["arms"]?["local"] ?? .null), cell(report["arms"]?["llm"] ?? .null))
        }
        row("answers") { $0.cell("answers") }
        for route in ["local", "llm", "fallback"] { row("  by \(route)") { ($0["routes"] ?? .null).cell(route) } }
        row("  LLM failed") { $0.cell("llm_failed") }
        row("  cancelled") { $0.cell("errors") }
        row("rated") { "\($0.cell("rated")) (\($0.percent("rated_share")))" }
        row("  up") { $0.cell("up") }
        row("  down") { $0.cell("down") }
        row("  corrected") { $0.cell("corrections") }
        row("compared") { ($0["success"] ?? .null).cell("units") }
        row("  success") { ($0["success"] ?? .null).percent("rate") }
        row("  from … to") { ["low", "high"].map(($0["success"] ?? .null).percent).joined(separator: " … ") }
        for quantile in ["p50", "p90", "p99"] {
            row("latency \(quantile)") { milliseconds($0["latency_us"]?[quantile]) }
        }
        row("tokens in, out") { ($0["tokens"] ?? .null).cells("prompt", "completion").joined(separator: ", ") }
        let notes = report.list("notes").map { style.dim($0.cell) + "\n" }.joined()
        return table.text() + "\n" + facts(summary(report), style) + "\n" + notes
    }

    private func summary(_ report: JSON) -> Facts {
        let difference = report["difference"] ?? .null
        let mismatch = report["mismatch"] ?? .null
        let hasAlarm = mismatch["alarm"]?.bool == true
        let isClear = difference["excludes_zero"]?.bool == true
        let paint = hasAlarm ? style.red : isClear ? style.green : style.bold
        let arms =
            "\(mismatch.cell("llm")) of \(mismatch.cell("units")) drawn for llm, "
            + "\(mismatch["llm_expected"]?.double?.fixed(1) ?? "–") expected, p \(mismatch.cell("p"))"
        return [
            ("experiment", "ab_prob \(report.cell("ab_prob")), by \(report.cell("unit"))"),
            ("answers", "\(report.cell("answers")), \(report.moment("since")) to \(report.moment("until"))"),
            (
                "difference",
                "\(points(difference["estimate"])) llm over local, from \(points(difference["low"])) to "
                    + "\(points(difference["high"])) points, \(report.percent("confidence")) for all looks"
            ),
            ("arms", hasAlarm ? style.red(arms) : arms),
            ("verdict", paint(report.cell("verdict"))),
        ]
    }

    private func points(_ value: JSON?) -> String { value?.double.map { ($0 * 100).signed(1) } ?? "–" }

    private func milliseconds(_ value: JSON?) -> String {
        value?.double.map { "\(($0 / 1_000).rounded(to: 2)) ms" } ?? "–"
    }
}
