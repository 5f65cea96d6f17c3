import Wire

/// What a version is trained on: one canonical set of rows, whatever order its sources came in, named by its SHA-256.
package struct TrainingData: Sendable {
    package var rows: [DataRow]
    package var findings: [Finding]
    /// The feedback that is in it.
    package var applied: [FeedbackItem]

    package func rows(of split: Split) -> [DataRow] { rows.filter { $0.split == split } }

    /// JSON lines with sorted members, in a fixed order of rows: the same data gives the same bytes.
    package var canonical: [UInt8] {
        var lines: [UInt8] = []
        for row in rows {
            var writer = JSONWriter(capacity: 128)
            writer.beginObject()
            writer.name("intent")
            writer.value(row.intent)
            writer.name("source")
            writer.value(row.source ?? "data")
            writer.name("split")
            writer.value((row.split ?? .train).rawValue)
            writer.name("text")
            writer.value(row.text)
            writer.name("weight")
            writer.value(row.weight ?? 1)
            writer.endObject()
            lines.append(contentsOf: writer.bytes)
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }

    package struct Rules: Sendable {
        package var feedbackWeight: Double
        package var maxSharePerUID: Double

        package init(_ configuration: Configuration.Training) {
            feedbackWeight = configuration.feedbackWeight
            maxSharePerUID = configuration.maxSharePerUID
        }
    }

    /// - Parameter file: the rows of the data file; those without a split are `train`.
    package init(file: [DataRow], feedback: [FeedbackItem], rules: Rules) {
        var builder = Builder(rules: rules)
        builder.add(file)
        builder.add(feedback)
        builder.settleConflicts()
        builder.capShares()
        rows = builder.finish()
        findings = builder.findings
        applied = builder.applied
    }
}

/// Rows with the same text, intent and split are one row that weighs as much as all of them.
private struct Builder {
    struct Key: Hashable {
        var text: String
        var intent: String
        var split: Split
    }

    struct Said: Hashable {
        var uid: UInt32
        var text: String
        var intent: String?
    }

    struct Entry {
        var text: String
        var source: String
        var weight = 0.0
        /// Weight by uids whose word is capped.
        var capped: [UInt32: Double] = [:]
        var fromFeedback = 0.0
        /// The place of the newest feedback for it, which decides between equal weights.
        var latest = 0
    }

    let rules: TrainingData.Rules
    var findings: [Finding] = []
    var applied: [FeedbackItem] = []
    private var entries: [Key: Entry] = [:]
    private var locked: Set<String> = []
    private var key = WordKey()

    init(rules: TrainingData.Rules) { self.rules = rules }

    mutating func add(_ file: [DataRow]) {
        for row in file where row.split == .test { locked.insert(key(row.text)) }
        // By weight, so that sums do not depend on the order of the file.
        for row in file.sorted(by: { ($0.weight ?? 1, $0.line) < ($1.weight ?? 1, $1.line) }) {
            let split = row.split ?? .train
            let text = key(row.text)
            if split != .test, locked.contains(text) {
                findings.append(
                    Finding(
                        .equalsTestRow,
                        .warning,
                        line: row.line,
                        "A row of split \(split.rawValue) has the same text as a locked test row.",
                        remedy: "It is left out of training; remove it, or the test row, from the data."
                    )
                )
                continue
            }
            insert(
                Key(text: text, intent: row.intent, split: split),
                text: row.text,
                source: row.source ?? "data",
                weight: row.weight ?? 1
            )
        }
    }

    /// - Parameter feedback: oldest first. Who said two things about one text is taken at his last word; who said the
    ///   same thing often has said it once.
    mutating func add(_ feedback: [FeedbackItem]) {
        var lastWord: [UInt32: [String: String]] = [:]
        for item in feedback {
            if let intent = item.intent { lastWord[item.uid, default: [:]][key(item.text)] = intent }
        }
        let vouched = Set(feedback.filter(\.byAdmin).map { Said(uid: $0.uid, text: key($0.text), intent: $0.intent) })
        var heard: [UInt32: Set<String>] = [:]
        for item in feedback {
            guard let intent = item.intent else { continue }
            let text = key(item.text)
            if locked.contains(text) || lastWord[item.uid]?[text] != intent { continue }
            applied.append(item)
            let place = Key(text: text, intent: intent, split: .train)
            guard heard[item.uid, default: []].insert(text).inserted else { continue }
            insert(place, text: item.text, source: "feedback", weight: rules.feedbackWeight)
            entries[place]?.fromFeedback += rules.feedbackWeight
            entries[place]?.latest = applied.count
            if !vouched.contains(Said(uid: item.uid, text: text, intent: intent)) {
                entries[place]?.capped[item.uid, default: 0] += rules.feedbackWeight
            }
        }
    }

    /// Where people contradict the data about one text, the greater weight decides and the rest is left out: a
    /// correction outweighs a prepared row, and not hundreds of them.
    mutating func settleConflicts() {
        var intents: [String: [String]] = [:]
        for key in entries.keys where key.split == .train { intents[key.text, default: []].append(key.intent) }
        for (text, rivals) in intents where rivals.count > 1 {
            let keys = rivals.sorted().map { Key(text: text, intent: $0, split: .train) }
            guard keys.contains(where: { entries[$0]?.fromFeedback ?? 0 > 0 }) else { continue }
            let claims = keys.map { (entries[$0]?.weight ?? 0, entries[$0]?.latest ?? 0) }
            let winner = claims.indices.max { claims[$0] < claims[$1] } ?? 0
            for index in keys.indices where index != winner { entries[keys[index]] = nil }
            findings.append(
                Finding(
                    .conflictSettled,
                    .note,
                    line: nil,
                    "One text stood under \(keys.map(\.intent).joined(separator: ", ")); "
                        + "\(keys[winner].intent) has the greatest weight and stays.",
                    remedy: "Look at its feedback with `intentctl feedback list` if that is not what it means."
                )
            )
        }
        findings.sort { ($0.line ?? .max, $0.message) < ($1.line ?? .max, $1.message) }
    }

    /// No uid whose word no admin vouched for carries more than its share of an intent.
    mutating func capShares() {
        let share = rules.maxSharePerUID
        guard share < 1 else { return }
        var totals: [String: Double] = [:]
        var byUID: [String: [UInt32: Double]] = [:]
        for key in entries.keys.sorted(by: Self.order) where key.split == .train {
            guard let entry = entries[key] else { continue }
            totals[key.intent, default: 0] += entry.weight
            byUID[key.intent, default: [:]].merge(entry.capped, uniquingKeysWith: +)
        }
        for (intent, weights) in byUID.sorted(by: { $0.key < $1.key }) {
            let allowed = Self.allowance(of: totals[intent] ?? 0, weights.values.sorted(by: >), share)
            for (uid, weight) in weights.sorted(by: { $0.key < $1.key }) where weight > allowed {
                scale(uid, in: intent, by: allowed / weight)
                findings.append(
                    Finding(
                        .shareCapped,
                        .warning,
                        line: nil,
                        "Feedback of uid \(uid) for \(intent) weighs more than "
                            + "\((share * 100).rounded(toPlaces: 1)) % of the intent and was scaled down.",
                        remedy: "An admin can accept the rows one by one: `intentctl review`."
                    )
                )
            }
        }
    }

    /// The weight at which nobody's is more than `share` of what is left when all heavier ones are scaled down to it.
    private static func allowance(of total: Double, _ heaviestFirst: [Double], _ share: Double) -> Double {
        var rest = total
        for (count, weight) in heaviestFirst.enumerated() {
            let free = 1 - Double(count) * share
            guard free > 0 else { break }
            let allowed = share * rest / free
            if weight <= allowed * (1 + 1e-12) { return allowed }
            rest -= weight
        }
        let free = 1 - Double(heaviestFirst.count) * share
        return free > 0 ? max(0, share * rest / free) : heaviestFirst.last ?? 0
    }

    mutating func finish() -> [DataRow] {
        let trained = Set(entries.keys.filter { $0.split == .train }.map(\.text))
        return entries.keys.sorted(by: Self.order).compactMap { key in
            // What is learnt by heart says nothing about how sure the model may be.
            if key.split == .val, trained.contains(key.text) { return nil }
            guard let entry = entries[key], entry.weight > 0 else { return nil }
            return DataRow(
                text: entry.text,
                intent: key.intent,
                split: key.split,
                weight: min(entry.weight, DataFile.maximumWeight),
                source: entry.source,
                line: 0
            )
        }
    }

    private mutating func scale(_ uid: UInt32, in intent: String, by factor: Double) {
        for key in entries.keys.sorted(by: Self.order) where key.intent == intent && key.split == .train {
            guard let weight = entries[key]?.capped[uid] else { continue }
            entries[key]?.weight -= weight * (1 - factor)
        }
    }

    private mutating func insert(_ key: Key, text: String, source: String, weight: Double) {
        var entry = entries[key] ?? Entry(text: text, source: source)
        // The spelling does not depend on the order of the rows.
        if text < entry.text { entry.text = text }
        if source < entry.source { entry.source = source }
        entry.weight += weight
        entries[key] = entry
    }

    private static func order(_ left: Key, _ right: Key) -> Bool {
        (left.split.rawValue, left.intent, left.text) < (right.split.rawValue, right.intent, right.text)
    }
}
