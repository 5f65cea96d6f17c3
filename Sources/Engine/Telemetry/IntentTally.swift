import Classifier
import Wire

/// The number of answers by intent of one champion, and the number of those it was not sure of. It takes the same
/// memory however many answers are counted.
package struct IntentTally: Sendable, Equatable {
    package private(set) var version: Int
    /// The confidence from which the champion is sure. Counts under different thresholds cannot be compared.
    package private(set) var threshold: Float?
    /// One for each class index.
    package private(set) var intents: [Int]
    package private(set) var unsure = 0

    package init(version: Int, threshold: Float?, intents: Int) {
        (self.version, self.threshold) = (version, threshold)
        self.intents = [Int](repeating: 0, count: intents)
    }

    package var answers: Int { intents.reduce(0, +) }
    var sure: Int { answers - unsure }

    func isOfSame(_ other: IntentTally) -> Bool {
        version == other.version && threshold == other.threshold && intents.count == other.intents.count
    }

    /// Counts an answer. The first answer of another version begins a new tally.
    mutating func count(_ answer: Answer) {
        if version != answer.version || threshold != answer.threshold || intents.count != answer.names.count {
            self = IntentTally(version: answer.version, threshold: answer.threshold, intents: answer.names.count)
        }
        count(answer.ranked[0].intent, isSure: answer.isSure)
    }

    package mutating func count(_ intent: Int, isSure: Bool) {
        intents[intent] += 1
        if !isSure { unsure += 1 }
    }

    /// Takes over the counts of `other` if it is of the same version and threshold, and sets them to zero there.
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
        return ["unsure": .integer(unsure), "intents": .object(counted.map { Member($0.0, .integer($0.1)) })]
    }

    /// Reads a stored tally; nil unless it is one, and of these intents.
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
