import Wire

/// The gate's verdict as a table.
enum Verdict {
    private static let shown = 5

    static func text(_ verdict: JSON, _ style: Style) -> String {
        // A list of versions carries the outcome alone.
        if let outcome = verdict.string { return "Verdict: \(paint(Printable.line(outcome), style))\n" }
        var text = "Verdict: " + paint(verdict.cell("verdict"), style) + "\n"
        let checks = verdict["checks"]?.array ?? []
        var table = Table(.left("CHECK"), .left("OUTCOME"), .right("VALUE"), .right("LIMIT"), .left("95 % INTERVAL"))
        for check in checks {
            let bounds = [check.cell("low"), check.cell("high")]
            table.add(
                check.cell("name"),
                check.cell("outcome"),
                check.cell("value"),
                check.cell("limit"),
                bounds == ["–", "–"] ? "" : bounds.joined(separator: " … ")
            )
        }
        if !checks.isEmpty {
            text += table.text { _, column, text in column == 1 ? paint(text, style) : text }
        }
        text += sentences(verdict["golden_missed"], "golden", "wrong", style.red)
        text += sentences(verdict["broken"], "test", "wrong now, right before", style.yellow)
        text += sentences(verdict["fixed"], "test", "right now, wrong before", style.green)
        for finding in verdict["findings"]?.array ?? [] {
            text += "\(finding.cell("severity")): \(finding.cell("message")) \(finding.cell("remedy"))\n"
        }
        return text
    }

    /// - Parameter text: may be padded.
    static func paint(_ text: String, _ style: Style) -> String {
        switch text.trimmed {
        case "pass": style.green(text)
        case "borderline": style.yellow(text)
        case "fail": style.red(text)
        default: text
        }
    }

    private static func sentences(_ rows: JSON?, _ kind: String, _ words: String, _ paint: (String) -> String) -> String
    {
        let rows = rows?.array ?? []
        guard !rows.isEmpty else { return "" }
        var text = "\n" + paint("\(rows.count) \(kind) \(rows.count == 1 ? "row" : "rows") \(words)") + "\n"
        for row in rows.prefix(shown) { text += "  \(row.cell("text"))  → \(row.cell("intent"))\n" }
        if rows.count > shown { text += "  … and \(rows.count - shown) more\n" }
        return text
    }
}
