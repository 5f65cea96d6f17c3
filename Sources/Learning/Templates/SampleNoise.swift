import Statistics

/// People mistype, forget capitals and question marks. So do some of the rows.
struct SampleNoise {
    private let variants: [String: [String]]
    private let share: Double

    /// - Parameter share: how many of the sentences get a misspelling if a word of theirs has one; 0…1.
    init(_ misspellings: [IntentsFile.Misspelling], share: Double) {
        variants = Dictionary(misspellings.map { ($0.word, $0.variants) }) { $0 + $1 }
        self.share = share
    }

    func apply(to sentence: String, with generator: inout SplitMix64) -> String {
        // Draw always, so that the words of one sentence do not change what the next one draws.
        let misspells = generator.happens(share)
        let which = generator.next()
        let capitalises = generator.happens(0.15)
        let asks = generator.happens(0.35)
        var words = sentence.split(separator: " ").map(String.init)
        if misspells {
            let places = words.indices.filter { variants[words[$0].lowercased()] != nil }
            if !places.isEmpty {
                let place = places[Int(which % UInt64(places.count))]
                let choices = variants[words[place].lowercased()] ?? []
                words[place] = choices[Int((which >> 32) % UInt64(choices.count))]
            }
        }
        var result = words.joined(separator: " ")
        if asks, let first = words.first, Self.asking.contains(first.lowercased()), let last = result.last,
            last.isLetter || last.isNumber
        {
            result += "?"
        }
        if capitalises, let first = result.first {
            result = first.uppercased() + result.dropFirst()
        }
        return result
    }

    /// The words that questions begin with.
    private static let asking: Set<String> = [
        "what", "whats", "what's", "where", "wheres", "where's", "when", "whens", "why", "how", "hows", "who", "which",
        "can", "could", "do", "does", "did", "is", "are", "was", "will", "would", "have", "has", "may", "should",
    ]
}
