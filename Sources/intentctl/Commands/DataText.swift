import Terminal
import Wire

/// Shows training data to a person.
enum DataText {
    static func check(_ result: JSON) -> String {
        let style = Style(for: .standard)
        var text = findings(result, style)
        if text.isEmpty { text = "Nothing is wrong with the \(result.cell("rows")) rows.\n" }
        if result["stopped"]?.bool == true { text += style.red("A training would be stopped by the errors.") + "\n" }
        let labels = result["label_errors"]?.array ?? []
        guard !labels.isEmpty else { return text }
        var table = Table(.text("LABELS IN DOUBT"), .left("NOW"), .left("SUGGESTED"), .right("SURE"))
        for label in labels {
            table.add(label.cell("text"), label.cell("intent"), label.cell("suggested"), label.share("probability"))
        }
        return text + "\n" + table.text()
    }

    static func imported(_ result: JSON, isCheck: Bool) -> String {
        let style = Style(for: .standard)
        let text = findings(result, style)
        let hasErrors = (result["findings"]?.array ?? []).contains { $0["severity"] == "error" }
        if hasErrors { return text + style.red("Nothing was changed: mend the errors first.") + "\n" }
        if isCheck { return text + "\(result.cell("rows")) rows can be imported.\n" }
        let aside = result.text("kept_aside").map { "The file before is \($0).\n" } ?? ""
        return text + "\(result.cell("rows")) rows are imported. \(aside)Train on them with: intentctl retrain --wait\n"
    }

    private static func findings(_ result: JSON, _ style: Style) -> String {
        let findings = result["findings"]?.array ?? []
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
        let style = Style(for: .standard)
        let versions = (result["versions"]?.array ?? []).map { "v\($0.cell)" }.joined(separator: ", ")
        var text = facts(
            [
                ("snapshot", result.cell("snapshot")), ("rows", result.cell("rows")),
                ("versions", versions.isEmpty ? "–" : versions), ("sources", result.cell("sources")),
            ],
            style
        )
        var intents = Table(.left("INTENT"), .right("TRAIN"), .right("VAL"), .right("TEST"), .right("WEIGHT"))
        for intent in result["intents"]?.array ?? [] {
            intents.add(
                intent.cell("intent"),
                intent.cell("train"),
                intent.cell("val"),
                intent.cell("test"),
                intent.cell("weight")
            )
        }
        text += "\n" + intents.text()
        var rows = Table(
            .text("TEXT"),
            .left("INTENT"),
            .left("SPLIT"),
            .left("SOURCE"),
            .right("UID"),
            .right("WEIGHT")
        )
        for item in result["items"]?.array ?? [] {
            rows.add(
                item.cell("text"),
                item.cell("intent"),
                item.cell("split"),
                item.cell("source"),
                item.cell("uid"),
                item.cell("weight")
            )
        }
        return rows.isEmpty ? text : text + "\n" + rows.text()
    }

    static func difference(_ result: JSON) -> String {
        let style = Style(for: .standard)
        func list(_ name: String) -> [JSON] { result[name]?.array ?? [] }
        var text = facts(
            [("from", result.cell("from")), ("to", result.cell("to")), ("rows", result.cell("counts"))],
            style
        )
        for row in list("added") { text += style.green("+ \(row.cell("intent"))  \(row.cell("text"))") + "\n" }
        for row in list("removed") { text += style.red("- \(row.cell("intent"))  \(row.cell("text"))") + "\n" }
        for name in ["relabelled", "reweighted"] {
            for row in list(name) {
                let intent = name == "reweighted" ? "\(row.cell("intent")) " : ""
                text += style.yellow("~ \(intent)\(row.cell("from")) → \(row.cell("to"))  \(row.cell("text"))") + "\n"
            }
        }
        var intents = Table(.left("INTENT"), .right("FROM"), .right("TO"))
        for intent in list("intents") { intents.add(intent.cell("intent"), intent.cell("from"), intent.cell("to")) }
        return intents.isEmpty ? text : text + "\n" + intents.text()
    }
}
