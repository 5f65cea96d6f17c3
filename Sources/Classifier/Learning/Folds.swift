import Statistics
import Text

/// Assigns rows to folds. Rows of one group share a fold, and so do rows with the same set of words.
///
/// A group is the unit of evidence. It lies in one fold, so that no fold is tested on texts that it was trained on, and a
/// bound counts it once: twenty rows of one template that are all right are one success and not twenty.
struct Folds {
    /// For each row the first row that it belongs together with.
    let leaders: [Int]

    init(_ examples: [Example], settings: TextSettings) {
        let tokenizer = Tokenizer(settings)
        var tokens = TokenizedText()
        var (byWords, byGroup): ([UInt64: Int], [Int: Int]) = ([:], [:])
        var sets = DisjointSets(count: examples.count)
        for (row, example) in examples.enumerated() {
            tokenizer.tokenize(example.text, into: &tokens)
            if let first = byWords.updateIfAbsent(row, for: Self.key(of: tokens)) { sets.join(row, first) }
            if let group = example.group, let first = byGroup.updateIfAbsent(row, for: group) { sets.join(row, first) }
        }
        leaders = sets.roots()
    }

    /// Assigns a fold in 0..<folds to each of the first `labels.count` rows. The groups of each class are spread evenly
    /// over the folds; a group of several classes goes with its first row.
    func assign(labels: [Int32], classes: Int, folds: Int, seed: UInt64) -> [Int8] {
        // Out-of-scope rows are spread as if they were one more class.
        var first = [[Int]](repeating: [], count: classes + 1)
        for row in labels.indices where leaders[row] == row {
            first[labels[row] < 0 ? classes : Int(labels[row])].append(row)
        }
        var fold = [Int8](repeating: 0, count: labels.count)
        var random = SplitMix64(seed: seed)
        var next = 0
        for label in 0...classes {
            random.shuffle(&first[label])
            for row in first[label] {
                fold[row] = Int8(next)
                next = (next + 1) % folds
            }
        }
        for row in labels.indices { fold[row] = fold[leaders[row]] }
        return fold
    }

    /// How many groups each class has among the rows with these labels.
    func counts(labels: [Int32], classes: Int) -> [Int] {
        var groups = [Set<Int>](repeating: [], count: classes)
        for (row, label) in labels.enumerated() where label >= 0 { groups[Int(label)].insert(leaders[row]) }
        return groups.map(\.count)
    }

    /// A hash of the set of words, or of all bytes if there is no word.
    private static func key(of tokens: TokenizedText) -> UInt64 {
        if tokens.words.isEmpty { return tokens.bytes.reduce(0) { SplitMix64.mix($0 ^ UInt64($1)) } }
        let hashes = tokens.words.map { word in
            tokens.bytes[word].reduce(0) { SplitMix64.mix($0 ^ UInt64($1)) }
        }.sorted()
        var key: UInt64 = 0
        var last: UInt64?
        for hash in hashes where hash != last {
            key = SplitMix64.mix(key ^ hash)
            last = hash
        }
        return key
    }
}

extension Dictionary {
    /// The value that stands there already; nil if there was none, and then `value` does now.
    fileprivate mutating func updateIfAbsent(_ value: Value, for key: Key) -> Value? {
        if let there = self[key] { return there }
        self[key] = value
        return nil
    }
}
