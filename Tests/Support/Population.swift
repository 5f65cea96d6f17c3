package import Classifier
package import Statistics

/// Made-up intents from which any number of templates can be drawn, so that what a model claims of texts it has not seen
/// can be held against fresh ones.
///
/// A template has a few keywords of its intent among words that all intents share, and one or two places that its rows
/// fill in differently. Some templates mean another intent than their words say: nobody can get those right.
package struct Population: Sendable {
    private let intents: Int
    private let noise: Double
    private let keywords: [[String]]
    private let fillers: [String]
    private let values: [String]

    /// - Parameters:
    ///   - keywords: how many words each intent has of its own.
    ///   - noise: the share of templates that nobody can get right, 0…1.
    package init(intents: Int, keywords: Int, noise: Double, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var used: Set<String> = []
        func word() -> String {
            while true {
                let word = String((0..<5 + random.next(below: 4)).map { _ in Self.letters[random.next(below: 26)] })
                if used.insert(word).inserted { return word }
            }
        }
        (self.intents, self.noise) = (intents, noise)
        self.keywords = (0..<intents).map { _ in (0..<keywords).map { _ in word() } }
        fillers = (0..<300).map { _ in word() }
        values = (0..<60).map { _ in word() }
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyz")

    /// Draws templates for every intent, and rows for every template. Rows of one template have the same group.
    package func rows(templates: Int, rows: Int, with random: inout SplitMix64) -> [Example] {
        var examples: [Example] = []
        for intent in 0..<intents {
            for template in 0..<templates {
                let pattern = pattern(of: intent, with: &random)
                for _ in 0..<rows {
                    let words = pattern.map { $0 ?? values[random.next(below: values.count)] }
                    examples.append(
                        Example(
                            text: words.joined(separator: " "),
                            intent: "intent\(intent)",
                            group: intent * templates + template
                        )
                    )
                }
            }
        }
        return examples
    }

    /// The words of a template; nil where its rows differ.
    private func pattern(of intent: Int, with random: inout SplitMix64) -> [String?] {
        let said = random.happens(noise) ? random.next(below: intents) : intent
        var words: [String?] = (0..<2 + random.next(below: 2)).map { _ in
            keywords[said][random.next(below: keywords[said].count)]
        }
        for _ in 0..<2 + random.next(below: 4) {
            // Some words are frequent, most are rare.
            let place = random.unit() * random.unit()
            words.append(fillers[Int(place * Double(fillers.count))])
        }
        words.append(nil)
        random.shuffle(&words)
        return words
    }
}
