import Wire

/// The items that wait for a review, in the order in which they teach most.
///
/// An item teaches much where the model hesitates between two intents, and where the model does not expect what the
/// person says.
/// Items that resemble what was just shown wait, and so do further ones of the same intent or user: ten spellings of one
/// sentence in a row teach as much as one.
struct ReviewQueue {
    struct Item {
        var json: JSON
        /// The intents that the model sees in the text, surest first.
        var suggestions: [(intent: String, confidence: Double)] = []
        /// How much the item teaches, from 0 to 1.
        var worth = 0.5
        fileprivate var words: Set<Substring> = []

        var id: String { json["feedback_id"]?.string ?? "" }
        var text: String { json["text"]?.string ?? "" }
        var label: String? { json["intent"]?.string }
        fileprivate var uid: Int? { json["uid"]?.int }

        /// - Parameter prediction: one element of `predictions`; nil where no model answers.
        init(_ json: JSON, prediction: JSON? = nil) {
            self.json = json
            words = Set(text.lowercased().split { !$0.isLetter && !$0.isNumber })
            suggestions = (prediction?["alternatives"]?.array ?? []).compactMap { alternative in
                guard let intent = alternative["intent"]?.string, let confidence = alternative["confidence"]?.double
                else { return nil }
                return (intent, confidence)
            }
            guard let best = suggestions.first else { return }
            let margin = best.confidence - (suggestions.count > 1 ? suggestions[1].confidence : 0)
            // An intent that is not even among the suggestions is a full surprise; without a label, half of one is assumed.
            let surprise = label.map { label in 1 - (suggestions.first { $0.intent == label }?.confidence ?? 0) } ?? 0.5
            worth = ((1 - margin) + surprise) / 2
        }

        fileprivate func likeness(to other: Item) -> Double {
            let shared = words.intersection(other.words).count
            return shared == 0 ? 0 : Double(shared) / Double(words.count + other.words.count - shared)
        }
    }

    private var waiting: [Item]
    /// The items that were shown last.
    private var shown: [Item] = []

    /// How far back an item looks for its like.
    private static let memory = 10

    var count: Int { waiting.count }

    init(_ items: [Item]) { waiting = items.sorted { $0.id < $1.id } }

    /// Takes the item that teaches most after those before it. Of equal ones it takes the oldest.
    mutating func next() -> Item? {
        var best: (index: Int, value: Double)?
        for (index, item) in waiting.enumerated() {
            var value = item.worth
            // The value only sinks from here on, so this item cannot win any more.
            if let best, value <= best.value { continue }
            value -= 0.6 * (shown.lazy.map { item.likeness(to: $0) }.max() ?? 0)
            if let last = shown.last {
                if item.label != nil, item.label == last.label { value -= 0.15 }
                if item.uid == last.uid { value -= 0.1 }
            }
            if best.map({ value > $0.value }) ?? true { best = (index, value) }
        }
        guard let best else { return nil }
        let item = waiting.remove(at: best.index)
        shown = shown.suffix(Self.memory - 1) + [item]
        return item
    }

    /// Puts an item back; it is weighed anew when its turn comes.
    mutating func putBack(_ item: Item) { waiting.append(item) }
}
