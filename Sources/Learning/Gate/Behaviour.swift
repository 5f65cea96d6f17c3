/// How a model must behave, as a person wrote it into `behaviour.yaml`.
package struct Behaviour: Sendable, Equatable {
    package struct Case: Sendable, Equatable {
        package var text: String
        package var intent: String
        package var line: Int

        package init(_ text: String, _ intent: String, line: Int = 0) {
            (self.text, self.intent, self.line) = (text, intent, line)
        }
    }

    /// Words that raise or lower the confidence of an intent when they are added to a text.
    package struct Direction: Sendable, Equatable {
        package var text: String
        package var added: String
        package var intent: String
        package var raises: Bool
        package var line: Int

        package init(_ text: String, adding added: String, raises: Bool, _ intent: String, line: Int = 0) {
            (self.text, self.added, self.intent) = (text, added, intent)
            (self.raises, self.line) = (raises, line)
        }
    }

    /// Texts that have this intent.
    package var must: [Case] = []
    /// Texts that do not have this intent.
    package var mustNot: [Case] = []
    /// Texts that keep their intent under every perturbation.
    package var invariance: [Case] = []
    package var perturbations: [Perturbation] = Perturbation.allCases
    package var direction: [Direction] = []

    package init() {}
}

/// A change to a text that leaves its meaning alone. The same text is always changed in the same way.
package enum Perturbation: String, Sendable, CaseIterable {
    /// Two neighbouring letters inside the longest word change places.
    case typo
    /// Capitals.
    case `case`
    /// Punctuation is removed, and other signs are put at the end.
    case punctuation
    /// "please".
    case politeness

    /// Nil where the text has nothing to change.
    package func applied(to text: String) -> String? {
        switch self {
        case .typo: Self.misspelt(text)
        case .case: text == text.uppercased() ? nil : text.uppercased()
        case .punctuation: String(text.filter { !".,;:?!".contains($0) }) + "?!"
        case .politeness: Self.bare(text) + ", please"
        }
    }

    private static func misspelt(_ text: String) -> String? {
        var letters = Array(text)
        let words = letters.indices.split { !letters[$0].isLetter }
        // The first of the longest words is taken.
        guard let word = words.max(by: { $0.count < $1.count }), word.count >= 4 else { return nil }
        // People seldom mistype the first letter.
        let places = word.dropFirst().dropLast().filter { letters[$0] != letters[$0 + 1] }
        guard !places.isEmpty else { return nil }
        let sum = text.unicodeScalars.reduce(0) { ($0 &* 31 &+ Int($1.value)) & 0xFFFF }
        let place = places[places.index(places.startIndex, offsetBy: sum % places.count)]
        letters.swapAt(place, place + 1)
        return String(letters)
    }

    private static func bare(_ text: String) -> String {
        var text = text
        while let last = text.last, ".,;:?! ".contains(last) { text.removeLast() }
        return text
    }
}
