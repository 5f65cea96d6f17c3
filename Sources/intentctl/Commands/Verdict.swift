import Terminal
import Wire

/// The gate's verdict as a table, with the sentences that changed sides and the cases that are missed.
enum Verdict {
    /// - Parameter shown: how many sentences of a kind are shown.
    static func text(_ verdict: JSON, _ style: Style, shown: Int = 5) -> String {
        // In a list of versions a verdict is the outcome alone.
        if let outcome = verdict.string { return "Verdict: \(paint(Printable.line(outcome), style))\n" }
        var text = "Verdict: " + paint(verdict.cell("verdict"), style) + "\n"
        let checks = verdict.list("checks")
        if !checks.isEmpty { text += table(checks, style) }
        let reasons = checks.filter { $0["outcome"]?.string != "pass" && $0["message"]?.string != nil }
        if !reasons.isEmpty { text += "\n" }
        for check in reasons {
            text += paint(check.cell("outcome"), style) + " \(check.cell("name")): \(check.cell("message"))\n"
        }
        text += Excerpt.texts(verdict["golden_missed"], limit: shown, kind: "golden", words: "wrong", paint: style.red)
        text += cases(verdict["behaviour_missed"], limit: shown, style: style)
        text += notQuoted(verdict["others_words"])
        text += Excerpt.texts(verdict["broken"], limit: shown, words: "wrong now, right before", paint: style.yellow)
        text += Excerpt.texts(verdict["fixed"], limit: shown, words: "right now, wrong before", paint: style.green)
        let findings = verdict.list("findings")
        if !findings.isEmpty { text += "\n" }
        for entry in FindingList.entries(findings) {
            let finding = entry.finding
            let more = entry.count > 1 ? " (and \(entry.count - 1) more of this kind)" : ""
            let line = finding["line"]?.int.map { "line \($0): " } ?? ""
            text += "\(finding.cell("severity")): \(line)\(finding.cell("message"))\(more) \(finding.cell("remedy"))\n"
        }
        return text
    }

    /// - Parameter text: the outcome; it may be padded.
    static func paint(_ text: String, _ style: Style) -> String {
        switch text.trimmed {
        case "pass": style.green(text)
        case "borderline": style.yellow(text)
        case "fail": style.red(text)
        default: text
        }
    }

    /// The table has one row for each check. Of the intents whose recall is within the limit it shows the lowest alone.
    private static func table(_ checks: [JSON], _ style: Style) -> String {
        var table = Table(.left("CHECK"), .left("OUTCOME"), .right("VALUE"), .right("LIMIT"), .left("95 % INTERVAL"))
        func add(_ check: JSON, _ name: String) {
            let number = Number(unit: check["unit"]?.string)
            let interval = Excerpt.interval([check["low"], check["high"]].map { number.text($0 ?? .null) })
            let (value, limit) = (number.text(check["value"] ?? .null), number.limit(check["limit"] ?? .null))
            table.add(name, check.cell("outcome"), value, limit, interval)
        }
        let calm = checks.filter { isRecall($0) && $0["outcome"]?.string == "pass" }
        for check in checks where !(calm.count > 1 && isRecall(check) && check["outcome"]?.string == "pass") {
            add(check, check.cell("name"))
        }
        func value(_ check: JSON) -> Double { check["value"]?.double ?? 0 }
        if calm.count > 1, let lowest = calm.min(by: { value($0) < value($1) }) {
            add(lowest, "recall, \(calm.count) intents")
        }
        return table.text { _, column, text in column == 1 ? paint(text, style) : text }
    }

    private static func isRecall(_ check: JSON) -> Bool { check["name"]?.string?.hasPrefix("recall:") == true }

    /// Writes a check's numbers in the unit that people use.
    private struct Number {
        var unit: String?

        func text(_ value: JSON) -> String {
            guard let number = value.double else { return value.cell }
            return switch unit {
            case "points": number.points(2)
            case "share": number.percent(1)
            case "bytes":
                number < 1_048_576 ? "\((number / 1_024).fixed(0)) KiB" : "\((number / 1_048_576).fixed(1)) MiB"
            case "ratio": "\(number.fixed(2)) ×"
            default: value.cell
            }
        }

        func limit(_ value: JSON) -> String {
            guard let number = value.double, let unit else { return text(value) }
            let signs = ["points": number < 0 ? "≥ " : "≤ ", "share": "≥ ", "bytes": "≤ ", "ratio": "≤ "]
            return (signs[unit] ?? "") + text(value)
        }
    }

    /// What the daemon does not quote to this user, since others wrote it.
    private static func notQuoted(_ counts: JSON?) -> String {
        let lists = [
            ("golden_missed", "golden case is wrong", "golden cases are wrong"),
            ("behaviour_missed", "behaviour case is missed", "behaviour cases are missed"),
        ]
        return lists.map { name, one, many in
            guard let count = counts?[name]?.int, count > 0 else { return "" }
            return "\(count) \(count == 1 ? one : many) whose words only an admin may read.\n"
        }.joined()
    }

    private static func cases(_ rows: JSON?, limit: Int, style: Style) -> String {
        let title = { (total: Int) in style.yellow("\(total) behaviour \(total == 1 ? "case" : "cases") missed") }
        return Excerpt.text(rows?.array ?? [], limit: limit, title: title) { row in
            let intent = row.cell("intent")
            let wanted =
                switch row["kind"]?.string {
                case "must_not": "must not be \(intent)"
                case "invariance": "should stay \(intent)"
                case "direction": "moves \(intent) the wrong way"
                default: "must be \(intent)"
                }
            return "\(row.cell("text"))  → \(row.cell("got")), \(wanted)"
        }
    }
}
