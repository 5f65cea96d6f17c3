import Classifier
import Wire

/// How often one champion named which intent, and how often it was not sure. It takes the same memory however much is
/// counted.
package struct IntentTally: Sendable, Equatable {
    package private(set) var version: Int
    /// What being sure takes; another threshold is another question.
    package private(set) var threshold: Float?
    /// By class index.
    package private(set) var intents: [Int]
    package private(set) var unsure = 0

    package init(version: Int, threshold: Float?, intents: Int) {
        self.version = version
        self.threshold = threshold
        self.intents = [Int](repeating: 0, count: intents)
    }

    package var answers: Int { intents.reduce(0, +) }

    func isOfSame(_ other: IntentTally) -> Bool {
        version == other.version && threshold == other.threshold && intents.count == other.intents.count
    }

    /// Begins anew with the first answer of another version.
    mutating func count(_ answer: Answer) {
        if version != answer.version || threshold != answer.threshold || intents.count != answer.names.count {
            self = IntentTally(version: answer.version, threshold: answer.threshold, intents: answer.names.count)
        }
        let best = answer.ranked[0]
        count(best.intent, isSure: Prediction.isSure(best.confidence, inScope: answer.inScope, threshold: threshold))
    }

    package mutating func count(_ intent: Int, isSure: Bool) {
        intents[intent] += 1
        if !isSure { unsure += 1 }
    }

    /// Takes over what `other` has counted of the same, and leaves it nothing.
    mutating func take(from other: inout IntentTally) {
        guard isOfSame(other) else { return }
        for index in intents.indices {
            intents[index] += other.intents[index]
            other.intents[index] = 0
        }
        unsure += other.unsure
        other.unsure = 0
    }

    // MARK: Keeping

    func json(_ names: [String]) -> JSON {
        let counted = zip(names, intents).filter { $0.1 > 0 }
        return [
            "unsure": .integer(unsure), "intents": .object(counted.map { Member($0.0, .integer($0.1)) }),
        ]
    }

    /// nil for what is no stored count of these intents.
    init?(_ json: JSON, version: Int, threshold: Float?, names: [String]) {
        self.init(version: version, threshold: threshold, intents: names.count)
        guard let unsure = json["unsure"]?.quantity, let counted = json["intents"]?.object else { return nil }
        for member in counted {
            guard let place = names.firstIndex(of: member.name), let count = member.value.quantity else {
                return nil
            }
            intents[place] = count
        }
        guard 0...answers ~= unsure else { return nil }
        self.unsure = unsure
    }
}
