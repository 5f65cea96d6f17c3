import Statistics
import Text

/// Decides which rows are held out together.
enum Folds {
    /// Assigns a fold in 0..<folds to each row. Rows with the same set of words share one, so that no fold is tested on
    /// texts that it was trained on; each class is spread evenly over the folds.
    static func assign(texts: [String], labels: [Int32], classes: Int, folds: Int, settings: TextSettings, seed: UInt64)
        -> [Int8]
    {
        let tokenizer = Tokenizer(settings)
        var tokens = TokenizedText()
        var groups: [UInt64] = []
        groups.reserveCapacity(texts.count)
        for text in texts {
            tokenizer.tokenize(text, into: &tokens)
            groups.append(key(of: tokens))
        }
        // The first row of a group is its leader, which gets a fold for all of them.
        let byGroup = (0..<texts.count).sorted { (groups[$0], $0) < (groups[$1], $1) }
        var leader = [Int](0..<texts.count)
        for (previous, row) in zip(byGroup, byGroup.dropFirst()) where groups[previous] == groups[row] {
            leader[row] = leader[previous]
        }
        // Out-of-scope rows are spread as if they were one more class.
        var leaders = [[Int]](repeating: [], count: classes + 1)
        for row in 0..<texts.count where leader[row] == row {
            leaders[labels[row] < 0 ? classes : Int(labels[row])].append(row)
        }
        var fold = [Int8](repeating: 0, count: texts.count)
        var random = SplitMix64(seed: seed)
        var next = 0
        for label in 0...classes {
            random.shuffle(&leaders[label])
            for row in leaders[label] {
                fold[row] = Int8(next)
                next = (next + 1) % folds
            }
        }
        for row in 0..<texts.count { fold[row] = fold[leader[row]] }
        return fold
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
