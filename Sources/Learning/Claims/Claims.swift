/// Gathers the claims of the data file and of people, each once. Contradictions between them are settled later.
struct Claims {
    private let rules: TrainingData.Rules
    private(set) var claims: [Claim] = []
    private(set) var findings: [Finding] = []
    private(set) var applied: [FeedbackItem] = []
    private var locked: Set<String> = []
    private var key: WordKey

    init(rules: TrainingData.Rules) {
        self.rules = rules
        key = WordKey(language: rules.language)
    }

    private struct Place: Hashable {
        var text: String
        var intent: String
        var split: Split
    }

    /// Rows with the same words, intent and split are one that weighs as much as all of them.
    mutating func add(_ file: [DataRow], from source: Claim.Source) {
        let keys = file.map { key($0.text) }
        for index in file.indices where file[index].split == .test { locked.insert(keys[index]) }
        var places: [Place: [Int]] = [:]
        for (index, row) in file.enumerated() {
            let split = row.split ?? .train
            if split != .test, locked.contains(keys[index]) {
                let message = "A row of split \(split.rawValue) has the same text as a locked test row."
                let remedy = "It is left out of training; remove it, or the test row, from the data."
                findings.add(.equalsTestRow, .warning, line: row.line, message: message, remedy: remedy)
                continue
            }
            places[Place(text: keys[index], intent: row.intent, split: split), default: []].append(index)
        }
        findings.sort { ($0.line ?? .max, $0.message) < ($1.line ?? .max, $1.message) }
        for (place, indices) in places {
            let rows = indices.map { file[$0] }
            let claim = Claim(
                text: rows.map(\.text).min() ?? "",
                intent: place.intent,
                split: place.split,
                source: source,
                origin: rows.compactMap(\.source).min(),
                group: rows.compactMap(\.group).min(),
                // Sorted, so that the sum does not depend on the order of the file.
                claimed: rows.map { $0.weight ?? 1 }.sorted().reduce(0, +)
            )
            claims.append(claim)
        }
    }

    /// A person's last word about a text counts; a word that is said often counts once.
    mutating func add(_ feedback: [FeedbackItem]) {
        struct Said: Hashable {
            var uid: UInt32
            var text: String
        }
        var words: [Said: (intent: String, last: FeedbackItem, vouching: FeedbackItem?)] = [:]
        let keys = feedback.map { key($0.text) }
        for (item, key) in zip(feedback, keys) {
            guard let intent = item.intent, !locked.contains(key) else { continue }
            let said = Said(uid: item.uid, text: key)
            let before = words[said].flatMap { $0.intent == intent ? $0.vouching : nil }
            words[said] = (intent, item, item.byAdmin ? item : before)
        }
        for (item, key) in zip(feedback, keys) {
            if let intent = item.intent, words[Said(uid: item.uid, text: key)]?.intent == intent {
                applied.append(item)
            }
        }
        for (said, word) in words {
            // An admin's own feedback has no reviewer but himself.
            let isReviewed = word.vouching.map { $0.reviewer != nil } ?? false
            let claim = Claim(
                text: word.last.text,
                intent: word.intent,
                split: .train,
                source: isReviewed ? .review : .feedback,
                uid: said.uid,
                at: word.last.at,
                item: word.last.id,
                isVouched: word.vouching != nil,
                claimed: rules.feedbackWeight
            )
            claims.append(claim)
        }
    }
}
