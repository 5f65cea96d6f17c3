import Terminal
import Wire

/// Shows training data to a person.
enum DataText {
    /// How many labels in doubt fit on a screen.
    private static let screenful = 20

    static func check(_ result: JSON, showsAll: Bool) -> String {
        var text = findings(result, showsAll: showsAll)
        if text.isEmpty { text = "Nothing is wrong with the \(result.cell("rows")) rows.\n" }
        if result["stopped"]?.bool == true { text += style.red("A training would be stopped by the errors.") + "\n" }
        var table = Table(.text("LABELS IN DOUBT"), .left("NOW"), .left("SUGGESTED"), .right("SURE"))
        let labels = result.list("label_errors")
        for label in labels.prefix(showsAll ? .max : screenful) {
            table.add(label.cells("text", "intent", "suggested") + [label.share("probability")])
        }
        guard !table.isEmpty else { return text }
        let lift =
            result["label_lift"]?.double.map { "Each is at least \($0.fixed(0)) times as likely as its label.\n" } ?? ""
        let more = labels.count - screenful
        let rest = !showsAll && more > 0 ? "… and \(more) more; --all lists them.\n" : ""
        return text + "\n" + table.text() + lift + rest
    }

    static func hasErrors(_ result: JSON) -> Bool { result.list("findings").contains { $0["severity"] == "error" } }

    static func imported(_ result: JSON, isCheck: Bool, isPartial: Bool, showsAll: Bool) -> String {
        let text = findings(result, showsAll: showsAll) + intents(result, "gone") + intents(result, "new")
        let (rows, leftOut) = (result.cell("rows"), result["left_out"]?.int ?? 0)
        let missing = leftOut > 0 ? "; \(leftOut) cannot be read" : ""
        if isCheck {
            if hasErrors(result), !isPartial {
                return text + style.red("\(rows) rows can be imported\(missing).") + "\n"
            }
            return text + "\(rows) rows can be imported\(missing).\n"
        }
        if result["imported"]?.bool != true {
            let help = leftOut > 0 ? " Mend them, or leave them out with --partial." : " Mend the errors first."
            let count = leftOut > 0 ? " \(leftOut) \(leftOut == 1 ? "row" : "rows") cannot be read." : ""
            return text + style.red("Nothing was changed.\(count)\(help)") + "\n"
        }
        let aside = result.text("kept_aside").map { "The file before is \($0).\n" } ?? ""
        let out = leftOut > 0 ? "; \(leftOut) \(leftOut == 1 ? "was" : "were") left out" : ""
        return text + "\(aside)Train on them with: intentctl retrain --wait\n\(rows) rows are imported\(out).\n"
    }

    /// Intents that only one of the two files has.
    private static func intents(_ result: JSON, _ name: String) -> String {
        let names = result.list(name).map { "\($0.cell("intent")) (\($0.counted("rows", "row")))" }
        guard !names.isEmpty else { return "" }
        let text = "\(name): \(names.joined(separator: ", "))"
        return (name == "gone" ? style.yellow(text) : text) + "\n"
    }

    private static func findings(_ result: JSON, showsAll: Bool) -> String {
        let findings = result.list("findings")
        let entries =
            showsAll
            ? findings.map { FindingList.Entry(finding: $0, count: 1) }
            : FindingList.entries(findings, counts: result["counts"], most: 10)
        var text = ""
        for entry in entries {
            let finding = entry.finding
            let severity = finding.cell("severity")
            let line = finding["line"]?.int.map { "line \($0): " } ?? ""
            let name =
                severity == "error" ? style.red(severity) : severity == "warning" ? style.yellow(severity) : severity
            let more = entry.count > 1 ? " (and \(entry.count - 1) more of this kind)" : ""
            text += "\(line)\(name) \(finding.cell("code")): \(finding.cell("message"))\(more)\n"
            text += style.dim("  → \(finding.cell("remedy"))") + "\n"
        }
        let all = (result["counts"]?.object ?? []).reduce(0) { $0 + ($1.value.int ?? 0) }
        let shown = entries.reduce(0) { $0 + $1.count }
        return all > shown ? text + "… and \(all - shown) more; --all lists them\n" : text
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
            .left("GROUP"),
        ])
        for item in result.list("items") {
            rows.add(item.cells("text", "intent", "split", "source", "uid", "weight", "group"))
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
