import Terminal
import Wire

/// Shows training data to a person.
enum DataText {
    static func check(_ result: JSON) -> String {
        var text = findings(result)
        if text.isEmpty { text = "Nothing is wrong with the \(result.cell("rows")) rows.\n" }
        if result["stopped"]?.bool == true { text += style.red("A training would be stopped by the errors.") + "\n" }
        var table = Table(.text("LABELS IN DOUBT"), .left("NOW"), .left("SUGGESTED"), .right("SURE"))
        for label in result.list("label_errors") {
            table.add(label.cells("text", "intent", "suggested") + [label.share("probability")])
        }
        return table.isEmpty ? text : text + "\n" + table.text()
    }

    static func hasErrors(_ result: JSON) -> Bool { result.list("findings").contains { $0["severity"] == "error" } }

    static func imported(_ result: JSON, isCheck: Bool) -> String {
        let text = findings(result) + intents(result, "gone") + intents(result, "new")
        if hasErrors(result) { return text + style.red("Nothing was changed: mend the errors first.") + "\n" }
        if isCheck { return text + "\(result.cell("rows")) rows can be imported.\n" }
        let aside = result.text("kept_aside").map { "The file before is \($0).\n" } ?? ""
        return text + "\(result.cell("rows")) rows are imported. \(aside)Train on them with: intentctl retrain --wait\n"
    }

    /// Intents that only one of the two files has.
    private static func intents(_ result: JSON, _ name: String) -> String {
        let names = result.list(name).map { "\($0.cell("intent")) (\($0.counted("rows", "row")))" }
        guard !names.isEmpty else { return "" }
        let text = "\(name): \(names.joined(separator: ", "))"
        return (name == "gone" ? style.yellow(text) : text) + "\n"
    }

    private static func findings(_ result: JSON) -> String {
        let findings = result.list("findings")
        var text = ""
        for finding in findings {
            let severity = finding.cell("severity")
            let line = finding["line"]?.int.map { "line \($0): " } ?? ""
            let name =
                severity == "error" ? style.red(severity) : severity == "warning" ? style.yellow(severity) : severity
            text += "\(line)\(name) \(finding.cell("code")): \(finding.cell("message"))\n"
            text += style.dim("  → \(finding.cell("remedy"))") + "\n"
        }
        let all = (result["counts"]?.object ?? []).reduce(0) { $0 + ($1.value.int ?? 0) }
        return all > findings.count ? text + "… and \(all - findings.count) more\n" : text
    }

    static func snapshot(_ result: JSON) -> String {
        let versions = result.list("versions").map { "v\($0.cell)" }.joined(separator: ", ")
        let summary: Facts = [
            ("snapshot", result.cell("snapshot")), ("rows", result.cell("rows")),
            ("versions", versions.isEmpty ? "–" : versions), ("sources", result.cell("sources")),
        ]
        var intents = Table(.left("INTENT"), .right("TRAIN"), .right("VAL"), .right("TEST"), .right("WEIGHT"))
        for intent in result.list("intents") { intents.add(intent.cells("intent", "train", "val", "test", "weight")) }
        let text = facts(summary, style) + "\n" + intents.text()
        var rows = Table([
            .text("TEXT"), .left("INTENT"), .left("SPLIT"), .left("SOURCE"), .right("UID"), .right("WEIGHT"),
        ])
        for item in result.list("items") {
            rows.add(item.cells("text", "intent", "split", "source", "uid", "weight"))
        }
        return rows.isEmpty ? text : text + "\n" + rows.text()
    }

    static func difference(_ result: JSON) -> String {
        let names = [("from", "from"), ("to", "to"), ("rows", "counts")]
        var text = facts(names.map { ($0, result.cell($1)) }, style)
        for row in result.list("added") { text += style.green("+ \(row.cell("intent"))  \(row.cell("text"))") + "\n" }
        for row in result.list("removed") { text += style.red("- \(row.cell("intent"))  \(row.cell("text"))") + "\n" }
        for name in ["relabelled", "reweighted"] {
            for row in result.list(name) {
                let intent = name == "reweighted" ? "\(row.cell("intent")) " : ""
                text += style.yellow("~ \(intent)\(row.cell("from")) → \(row.cell("to"))  \(row.cell("text"))") + "\n"
            }
        }
        var intents = Table(.left("INTENT"), .right("FROM"), .right("TO"))
        for intent in result.list("intents") { intents.add(intent.cells("intent", "from", "to")) }
        return intents.isEmpty ? text : text + "\n" + intents.text()
    }
}
