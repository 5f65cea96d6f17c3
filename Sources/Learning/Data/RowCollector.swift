import Classifier
import Text

/// Judges rows one by one, whatever format they came in, and the file as a whole at the end.
struct RowCollector {
    /// A row as a reader found it; nil if the file has no such column or the field is empty.
    struct Fields {
        var text: String
        var intent: String
        var split: String?
        var weight: String?
        var source: String?
        var group: String?
        /// Nil where the file does not say how many people stand behind the row: then it is nobody's own.
        var support: Int?
    }

    /// Whether there must be enough rows to train on.
    let isForTraining: Bool
    var rows: [DataRow] = []
    var findings: [Finding] = []
    /// Rows without any content, and lines that say the header once more: neither is a row.
    var blankRows = 0
    var repeatedHeaders = 0
    private var leftOut = 0
    private var refused = false
    private var key = WordKey()
    private var names: Set<String> = []
    /// The intents whose names are fine.
    private var intents: Set<String> = []
    private var firstByKey: [String: Int] = [:]
    private var firstLine: [String: Int] = [:]
    private var counts: [String: Int] = [:]
    private var trainCounts: [String: Int] = [:]

    init(isForTraining: Bool) { self.isForTraining = isForTraining }

    /// Says why the whole file cannot be used.
    mutating func refuse(_ code: Finding.Code, line: Int?, _ message: String, remedy: String) {
        refused = true
        findings.add(code, .error, line: line, message: message, remedy: remedy)
    }

    /// Says why a row is left out.
    ///
    /// - Parameter count: the number of rows that are.
    mutating func leaveOut(
        _ code: Finding.Code,
        line: Int,
        otherLine: Int? = nil,
        count: Int = 1,
        _ message: String,
        remedy: String
    ) {
        leftOut += count
        findings.add(code, .error, line: line, otherLine: otherLine, message: message, remedy: remedy)
    }

    mutating func add(_ fields: Fields, line: Int) {
        guard check(fields, line: line), let split = split(of: fields, line: line),
            let weight = weight(of: fields, line: line)
        else { return }
        let intent = shared(fields.intent.trimmingWhitespace())
        let row = DataRow(
            text: fields.text,
            intent: intent,
            split: split,
            weight: weight,
            source: fields.source.flatMap { $0.isEmpty ? nil : shared($0) },
            group: fields.group.map { $0.trimmingWhitespace() }.flatMap { $0.isEmpty ? nil : shared($0) },
            line: line,
            support: fields.support ?? Example.enoughSupport
        )
        compare(row)
        rows.append(row)
    }

    /// One copy of a name that many rows have, which a million rows notice.
    private mutating func shared(_ name: String) -> String {
        if let place = names.firstIndex(of: name) { return names[place] }
        names.insert(name)
        return name
    }

    mutating func finish() -> DataFile.Parsed {
        noteWhatIsNoRow()
        if !refused { settleNames() }
        for row in rows {
            counts[row.intent, default: 0] += 1
            if row.split == nil || row.split == .train { trainCounts[row.intent, default: 0] += 1 }
            if firstLine[row.intent] == nil { firstLine[row.intent] = row.line }
        }
        if !refused, isForTraining { judgeWhole() }
        // The sort is stable, so that findings about one line keep their order.
        let order = findings.indices.sorted { (findings[$0].line ?? .max, $0) < (findings[$1].line ?? .max, $1) }
        return DataFile.Parsed(
            rows: refused ? [] : rows,
            findings: order.map { findings[$0] },
            usable: !refused,
            leftOut: leftOut
        )
    }

    private mutating func noteWhatIsNoRow() {
        if blankRows > 0 {
            let message = "\(blankRows.counted("empty row was", "empty rows were")) skipped."
            findings.add(.blankRows, .note, message: message, remedy: "Nothing to do.")
        }
        if repeatedHeaders > 0 {
            let message =
                "The header stands \(repeatedHeaders.counted("more time", "more times")) among the rows; it is no row."
            findings.add(.repeatedHeader, .note, message: message, remedy: "Nothing to do.")
        }
    }

    /// Of names that nobody can tell apart the one with most rows stays, and the rows of the others are left out.
    private mutating func settleNames() {
        var spellings: [String: [String: (count: Int, line: Int)]] = [:]
        for (name, seen) in rows.reduce(
            into: [String: (count: Int, line: Int)](),
            { seen, row in
                seen[row.intent, default: (0, row.line)].count += 1
            }
        ) {
            spellings[IntentName.folded(name), default: [:]][name] = seen
        }
        let confused = spellings.filter { $0.value.count > 1 }
        guard !confused.isEmpty else { return }
        let kept = confused.mapValues { names in
            names.min { ($1.value.count, $0.value.line) < ($0.value.count, $1.value.line) }?.key ?? ""
        }
        rows = rows.filter { row in
            guard let name = kept[IntentName.folded(row.intent)], name != row.intent else { return true }
            let trouble = IntentName.trouble(row.intent, among: [name])
            leaveOut(.similarIntent, line: row.line, trouble?.message ?? "", remedy: trouble?.remedy ?? "")
            return false
        }
    }

    private mutating func check(_ fields: Fields, line: Int) -> Bool {
        guard fields.text.containsText else {
            leaveOut(.emptyText, line: line, "The text is empty.", remedy: "Write a text, or remove the row.")
            return false
        }
        // A scalar takes at most four bytes: only long texts have to be counted.
        if fields.text.utf8.count > DataFile.maximumTextLength,
            fields.text.unicodeScalars.count > DataFile.maximumTextLength
        {
            let message = "The text has \(fields.text.unicodeScalars.count) characters."
            leaveOut(.textTooLong, line: line, message, remedy: "Shorten it to \(DataFile.maximumTextLength).")
            return false
        }
        if WordKey.isTooLong(fields.text) {
            let message = "The text has signs that stand for several, and becomes too long when they are written out."
            leaveOut(.textTooLong, line: line, message, remedy: "Shorten it to \(Tokenizer.longest) characters in all.")
            return false
        }
        guard fields.intent.containsText else {
            let remedy = "Name the intent, or \(DataRow.outOfScope) for a text that belongs to none."
            leaveOut(.emptyIntent, line: line, "The intent is empty.", remedy: remedy)
            return false
        }
        if fields.intent.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            || fields.intent.unicodeScalars.count > IntentName.maximumLength
        {
            leaveOut(
                .badIntent,
                line: line,
                "The intent's name is longer than \(IntentName.maximumLength) characters or has a control character.",
                remedy: "Use a short name such as order_status."
            )
            return false
        }
        let intent = fields.intent.trimmingWhitespace()
        if !intents.contains(intent) {
            if IntentName.isOutOfScope(intent), let trouble = IntentName.trouble(intent, among: []) {
                leaveOut(.reservedIntent, line: line, trouble.message, remedy: trouble.remedy)
                return false
            }
            intents.insert(intent)
        }
        if fields.text.utf8.contains(where: { $0 < 0x20 && !(9...13).contains($0) || $0 == 0x7F }) {
            let message = "The text has control characters, which nobody types."
            let remedy = "Remove them; the row is kept as it is."
            findings.add(.controlCharacter, .warning, line: line, message: message, remedy: remedy)
        }
        return true
    }

    /// nil if the row is left out; `.some(nil)` if it names none.
    private mutating func split(of fields: Fields, line: Int) -> Split?? {
        let name = (fields.split ?? "").trimmingWhitespace().lowercased()
        if name.isEmpty { return .some(nil) }
        if let split = Split(rawValue: name) { return split }
        // The row may have been meant for tests, so it must not be trained on.
        let remedy = "Use train, val or test, or leave it empty."
        leaveOut(.unknownSplit, line: line, "There is no split \"\(name.shown)\".", remedy: remedy)
        return nil
    }

    private mutating func weight(of fields: Fields, line: Int) -> Double?? {
        let written = (fields.weight ?? "").trimmingWhitespace()
        if written.isEmpty { return .some(nil) }
        if let weight = Self.number(written), weight > 0, weight <= DataFile.maximumWeight { return weight }
        let remedy = "Use a number above 0 and up to 1000, or leave it empty for 1."
        leaveOut(.badWeight, line: line, "The weight must be a number, not \"\(written.shown)\".", remedy: remedy)
        return nil
    }

    /// A number with a point, or with the comma of many countries. "1,000" may be one or a thousand, and is none.
    private static func number(_ written: String) -> Double? {
        let parts = written.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count == 2, !written.contains(".") else { return Double(written) }
        return parts[1].count == 3 && parts[0] != "0" ? nil : Double(parts.joined(separator: "."))
    }

    private mutating func compare(_ row: DataRow) {
        let words = key(row.text)
        guard let first = firstByKey[words] else {
            firstByKey[words] = rows.count
            return
        }
        let other = rows[first]
        // What cannot be seen in the file has to be shown.
        let sameness =
            WordKey.areRedactedAlike(row.text, other.text)
            ? "Without personal data the text is that of line \(other.line), \"\(Redactor.redact(row.text).shown)\""
            : nil
        let text = sameness.map { $0 + ": it" } ?? "The text"
        if other.intent != row.intent {
            findings.add(
                .conflictingIntents,
                .warning,
                line: row.line,
                otherLine: other.line,
                message:
                    "\(text) stands under \(row.intent.shown) here and under \(other.intent.shown) in line \(other.line).",
                remedy: "Decide for one of them and remove the other row; until then neither is trained on."
            )
        } else if (other.split ?? .train) != (row.split ?? .train) {
            findings.add(
                .duplicateAcrossSplits,
                .warning,
                line: row.line,
                otherLine: other.line,
                message: "\(text) is in split \((row.split ?? .train).rawValue) here and in "
                    + "\((other.split ?? .train).rawValue) in line \(other.line).",
                remedy: "Keep it in one split: what was learnt by heart measures nothing."
            )
        } else {
            let message = sameness.map { $0 + "." } ?? "The text repeats line \(other.line)."
            let remedy = "Remove one of them; training counts it once, with both weights."
            findings.add(.duplicate, .warning, line: row.line, otherLine: other.line, message: message, remedy: remedy)
        }
    }

    private mutating func judgeWhole() {
        if rows.isEmpty {
            refuse(.noRows, line: nil, "The file has no row that can be used.", remedy: "Add rows of text and intent.")
            return
        }
        let intents = counts.keys.filter { $0 != DataRow.outOfScope }.sorted()
        if intents.count < 2 {
            refuse(
                .oneIntent,
                line: nil,
                intents.first.map { "All rows belong to one intent, \($0.shown)." } ?? "All rows are out of scope.",
                remedy: "Add rows of at least one other intent: there must be something to tell apart."
            )
            return
        }
        for intent in intents {
            let count = counts[intent] ?? 0
            if count < DataFile.enoughRows {
                let message = "\(intent.shown) has only \(count.counted("row", "rows"))."
                let remedy = "Write at least \(DataFile.enoughRows), better 20, different ways to say it."
                findings.add(.fewRows, .warning, line: firstLine[intent], message: message, remedy: remedy)
            }
            if trainCounts[intent] == nil {
                let message = "\(intent.shown) has no row of split train, so it cannot be learnt."
                let remedy = "Move some of its rows to train."
                findings.add(.noTrainRows, .warning, line: firstLine[intent], message: message, remedy: remedy)
            }
        }
    }
}

extension String {
    /// Whether there is anything but white space.
    var containsText: Bool {
        for byte in utf8 {
            if byte >= 0x80 { return unicodeScalars.contains { !$0.properties.isWhitespace } }
            if byte > 0x20 { return true }
        }
        return false
    }

    func trimmingWhitespace() -> String {
        let kept = unicodeScalars.drop { $0.properties.isWhitespace }
        guard let end = kept.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(kept[...end])
    }

    /// The beginning, short enough for a message and without control characters.
    var shown: String {
        let start = unicodeScalars.prefix(40).map { $0.value < 0x20 || $0.value == 0x7F ? " " : Character($0) }
        return String(start) + (unicodeScalars.count > 40 ? "…" : "")
    }
}
