import Text

/// Training texts as sparse rows over the features found in them (compressed sparse rows: a few long arrays instead of an
/// array for each row, since the solver passes over them again and again).
struct Corpus: Sendable {
    let space: FeatureSpace
    /// The number of rows in which each feature occurs.
    let documentFrequency: [Int32]
    /// Row r has the entries `starts[r]..<starts[r + 1]`; its word block ends before `wordEnds[r]`.
    let starts: [Int]
    let wordEnds: [Int]
    let indices: [Int32]
    let values: [Float]
    /// The frequency of each entry's feature in its row.
    let counts: [UInt16]
    /// The numbers of word and of character n-grams in each row, whether or not they are in the space.
    let occurrences: [SIMD2<Int32>]
    /// How many features were left out so that the rows fit into memory.
    var leftOut = 0

    var rows: Int { wordEnds.count }
}

/// A text, and whether its rare features are kept.
struct CorpusRow {
    var text: String
    /// Whether every feature of this row is kept, however rare it is.
    var keepsAll: Bool
}

extension Corpus {
    /// The bytes of text from which on the rows are read twice, which takes longer and far less memory.
    static let largeText = 16 << 20

    init(_ texts: [CorpusRow], settings: FeatureSettings) {
        let bytes = texts.reduce(0) { $0 + $1.text.utf8.count }
        self =
            bytes < Self.largeText
            ? Corpus(atOnce: texts, settings: settings) : Corpus(twice: texts, settings: settings)
    }

    /// Finds the features of all texts, and then numbers those that are kept by falling frequency, so that the weights
    /// used most lie side by side.
    init(atOnce texts: [CorpusRow], settings: FeatureSettings) {
        let ngrams = NGrams(settings)
        let tokenizer = Tokenizer(settings.text)
        var found = FeatureCounter()
        var tokens = TokenizedText()
        var wordHashes: [UInt64] = []
        var starts = [0]
        var wordEnds: [Int] = []
        var occurrences: [SIMD2<Int32>] = []
        for row in texts {
            tokenizer.tokenize(row.text, into: &tokens)
            var total = SIMD2<Int32>(0, 0)
            ngrams.forEachWord(in: tokens, hashes: &wordHashes) { hash, origin in
                total.x += 1
                found.add(hash, isPair: origin.isPair)
            }
            wordEnds.append(found.entries.count)
            ngrams.forEachCharacters(in: tokens) { hash, _ in
                total.y += 1
                found.add(hash)
            }
            found.endRow(keepsAll: row.keepsAll)
            starts.append(found.entries.count)
            occurrences.append(total)
        }

        let minimum = Int32(settings.minimumRows ?? 2)
        let pairMinimum = max(minimum, Int32(settings.pairRows))
        let keepsMarked = settings.minimumRows == nil
        var kept = (0..<found.hashes.count).filter { id in
            if found.isPair[id] { return found.documentFrequency[id] >= pairMinimum }
            return found.documentFrequency[id] >= minimum || (keepsMarked && found.keep[id])
        }
        kept.sort { a, b in
            let (left, right) = (found.documentFrequency[a], found.documentFrequency[b])
            return left == right ? found.hashes[a] < found.hashes[b] : left > right
        }
        if kept.count > settings.maximumFeatures { kept.removeSubrange(settings.maximumFeatures...) }
        var number = [Int32](repeating: -1, count: found.hashes.count)
        for (index, id) in kept.enumerated() { number[id] = Int32(index) }
        let idf = kept.map {
            TermWeight.inverseDocumentFrequency(Int(found.documentFrequency[$0]), rows: texts.count)
        }
        // The counter has each hash once, so this does not fail.
        space = FeatureSpace(hashes: kept.map { found.hashes[$0] }, idf: idf) ?? FeatureSpace()
        documentFrequency = kept.map { found.documentFrequency[$0] }

        // Entries of features that are not kept are left out; the others keep their order.
        var indices: [Int32] = []
        var values: [Float] = []
        var counts: [UInt16] = []
        indices.reserveCapacity(found.entries.count)
        values.reserveCapacity(found.entries.count)
        counts.reserveCapacity(found.entries.count)
        var newStarts = [0]
        var newWordEnds: [Int] = []
        for row in 0..<texts.count {
            for entry in starts[row]..<starts[row + 1] {
                if entry == wordEnds[row] { newWordEnds.append(indices.count) }
                let index = number[Int(found.entries[entry].id)]
                if index < 0 { continue }
                let count = found.entries[entry].count
                indices.append(index)
                counts.append(count)
                values.append(TermWeight.weight(of: count, sublinear: settings.sublinear) * idf[Int(index)])
            }
            if newWordEnds.count == row { newWordEnds.append(indices.count) }
            TermWeight.normalise(&values, newStarts[row]..<newWordEnds[row])
            TermWeight.normalise(&values, newWordEnds[row]..<indices.count)
            newStarts.append(indices.count)
        }
        (self.starts, self.wordEnds, self.indices) = (newStarts, newWordEnds, indices)
        (self.values, self.counts, self.occurrences) = (values, counts, occurrences)
    }
}
