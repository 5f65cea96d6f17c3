package import Learning
import Statistics

/// Made-up sentences of made-up words: as many intents and rows as a test wants, learnt in milliseconds and not without
/// mistakes.
package struct Town {
    package let intents: [String]
    private let words: [[String]]
    private let fillers: [String]
    private let strange: [String]

    package init(intents count: Int = 8, seed: UInt64 = 1) {
        var random = SplitMix64(seed: seed)
        intents = (0..<count).map { "intent\($0 < 10 ? "0" : "")\($0)" }
        func word() -> String {
            let syllables = ["ba", "ke", "li", "mo", "nu", "ra", "se", "ti", "vo", "zu", "fa", "ge", "hi", "jo", "pu"]
            return (0..<3).map { _ in syllables[random.next(below: syllables.count)] }.joined()
        }
        words = intents.map { _ in (0..<12).map { _ in word() } }
        fillers = (0..<30).map { _ in word() }
        strange = (0..<60).map { _ in word() }
    }

    /// - Parameters:
    ///   - rows: of each intent; a quarter as many are out of scope for all of them together.
    ///   - ambiguity: how often one of the words is another intent's.
    package func rows(_ split: Split, _ rows: Int, ambiguity: Double = 0.25, seed: UInt64) -> [DataRow] {
        var random = SplitMix64(seed: seed)
        func any(_ list: [String]) -> String { list[random.next(below: list.count)] }
        var result: [DataRow] = []
        for (place, intent) in intents.enumerated() {
            for _ in 0..<rows {
                let second = random.unit() < ambiguity ? random.next(below: intents.count) : place
                var sentence = [any(words[place]), any(words[second]), any(fillers), any(fillers), any(fillers)]
                random.shuffle(&sentence)
                result.append(DataRow(text: sentence.joined(separator: " "), intent: intent, split: split))
            }
        }
        for _ in 0..<max(1, rows * intents.count / 4) {
            let sentence = [any(strange), any(strange), any(fillers), any(fillers)]
            result.append(DataRow(text: sentence.joined(separator: " "), intent: "oos", split: split))
        }
        return result
    }

    package func word(of intent: Int, _ number: Int) -> String { words[intent][number % 12] }

    /// A plain text of an intent.
    package func text(of intent: Int, _ number: Int = 0) -> String {
        let words = words[intent]
        return "\(words[number % 12]) \(words[(number + 1) % 12]) \(words[(number + 2) % 12])"
    }
}
