import Terminal
import Wire

/// Shows what live traffic says of a version: how it does beside the champion, and how it does as the champion.
enum Observation {
    static func text(_ result: JSON) -> String {
        let parts = [result.known("shadow").map(shadow), result.known("watch").map(watch)]
        return parts.compactMap { $0 }.map { "\n" + $0 }.joined()
    }

    private static func shadow(_ shadow: JSON) -> String {
        let who = shadow["as"]?.string == "previous" ? "The champion before" : "It waits, and"
        var text = style.bold("Beside version \(shadow.cell("champion"))") + "\n"
        let answers = shadow["answers"]?.int ?? 0
        guard answers > 0 else { return text + "\(who) scores along; nothing was asked yet.\n" }
        text += "\(who) scores along without answering: \(shadow.counted("answers", "answer")).\n"
        let scored = "\(shadow.cell("local_scored")) of \(shadow.cell("local_answers")) local answers scored"
        text += ((shadow["missed"]?.int ?? 0) == 0 ? scored : style.red(scored)) + ".\n"
        text += "Same intent: \(shadow.percent("agreement")). Sure of it: both \(shadow.cell("both_sure")), "
        text += "only version \(shadow.cell("champion")) \(shadow.cell("champion_sure")), only this one "
        text += "\(shadow.cell("shadow_sure")).\n"
        let intents = (shadow["by_intent"]?.object ?? []).filter { ($0.value["agreement"]?.double ?? 1) < 1 }
            .sorted { ($0.value["agreement"]?.double ?? 1, $0.name) < ($1.value["agreement"]?.double ?? 1, $1.name) }
        guard !intents.isEmpty else { return text }
        var table = Table(.left("INTENT"), .right("ANSWERS"), .right("SAME"))
        for intent in intents.prefix(10) {
            table.add(Printable.line(intent.name), intent.value.cell("answers"), intent.value.percent("agreement"))
        }
        text += table.text()
        if intents.count > 10 { text += "… and \(intents.count - 10) more\n" }
        return text
    }

    private static func watch(_ watch: JSON) -> String {
        let answers = watch.cell("answers")
        var text = style.bold("Watched against version \(watch.cell("previous"))") + "\n"
        switch watch["state"]?.string {
        case "passed": text += style.green("passed") + ": no worse, over \(answers) answers.\n"
        case "worse": text += style.red("worse") + ": it was rolled back from.\n"
        default:
            let rate = watch["false_alarms"]?.double ?? 0
            text += "\(answers) of \(watch.cell("until")) answers; rolled back from by itself once it is proven to be "
            text += "worse (false alarms: \(rate.percent(0))).\n"
        }
        var table = Table(.left("WATCHED"), .left("NOW"), .left("BEFORE"), .left("INTERVAL"), .right("LIMIT"))
        func points(_ value: JSON?) -> String { value?.double?.points(1) ?? "–" }
        func row(_ name: String, now: String, before: String, of part: JSON?, sign: String) {
            let interval = "\(points(part?["low"])) … \(points(part?["high"]))"
            table.add(name, now, before, interval, sign + points(part?["limit"]))
        }
        let (corrections, sureness) = (watch["corrections"], watch["sureness"])
        func rate(_ name: String, of part: JSON?) -> String {
            "\(part?.cell(name) ?? "0") of \(part?.cell("answers") ?? "0")"
        }
        let (now, before) = (rate("corrections", of: corrections), rate("corrections", of: corrections?["before"]))
        row("corrections", now: now, before: before, of: corrections, sign: "≤ ")
        let (gained, lost) = (rate("gained", of: sureness), rate("lost", of: sureness))
        guard sureness != nil else { return text + table.text() }
        row("sure", now: "alone \(gained)", before: "alone \(lost)", of: sureness, sign: "≥ ")
        return text + table.text()
    }
}
