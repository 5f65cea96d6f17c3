import Text

// A million rows have more than a hundred million entries, most of them of features that are not kept in the end. So large
// texts are read twice: once to count the rows of each feature, and once to write the entries of those that are kept.
extension Corpus {
    /// Ten bytes each, so about a gigabyte.
    static let maximumEntries = 100_000_000

    /// Makes the same rows and features as reading at once does, unless there are so many that rare ones must go.
    ///
    /// - Parameters:
    ///   - maximumCounted: the number of features that are counted at the same time; where there are more, the rarest are
    ///     forgotten.
    ///   - maximumEntries: the number of entries of all rows; the rarest features go beyond it.
    init(
        twice texts: [CorpusRow],
        settings: FeatureSettings,
        maximumCounted: Int = 8_000_000,
        maximumEntries: Int = Corpus.maximumEntries
    ) {
        let ngrams = NGrams(settings)
        let tokenizer = Tokenizer(settings.text)
        var tokens = TokenizedText()
        var wordHashes: [UInt64] = []
        var counter = RowCounter(maximum: maximumCounted)
        for (row, text) in texts.enumerated() {
            tokenizer.tokenize(text.text, into: &tokens)
            counter.begin(row, keepsAll: text.keepsAll)
            ngrams.forEachWord(in: tokens, hashes: &wordHashes) { hash, origin in
                counter.add(hash, isPair: origin.isPair)
            }
            ngrams.forEachCharacters(in: tokens) { hash, _ in counter.add(hash) }
            counter.shrinkIfFull()
        }
        let kept = counter.kept(settings, maximumEntries: maximumEntries)
        let idf = kept.rows.map { TermWeight.inverseDocumentFrequency(Int($0), rows: texts.count) }
        let total = kept.rows.reduce(0) { $0 + Int($1) }
        counter = RowCounter(maximum: 0)
        let space = FeatureSpace(hashes: kept.hashes, idf: idf) ?? FeatureSpace()
        var writer = EntryWriter(features: space.count, entries: total + total / 50 + 16, rows: texts.count)
        for text in texts {
            tokenizer.tokenize(text.text, into: &tokens)
            var count = SIMD2<Int32>(0, 0)
            ngrams.forEachWord(in: tokens, hashes: &wordHashes) { hash, _ in
                count.x += 1
                writer.add(space.index(of: hash))
            }
            writer.endWords()
            ngrams.forEachCharacters(in: tokens) { hash, _ in
                count.y += 1
                writer.add(space.index(of: hash))
            }
            writer.endRow(count, idf: idf, sublinear: settings.sublinear)
        }
        self.init(
            space: space,
            documentFrequency: kept.rows,
            starts: writer.starts,
            wordEnds: writer.wordEnds,
            indices: writer.indices,
            values: writer.values,
            counts: writer.counts,
            occurrences: writer.occurrences,
            leftOut: kept.leftOut
        )
    }
}

/// Counts the rows in which each n-gram occurs, of so many n-grams at most.
private struct RowCounter {
    private let maximum: Int
    private var hashes: [UInt64] = []
    private var rows: [Int32] = []
    private var lastRow: [Int32] = []
    private var keep: [Bool] = []
    private var isPair: [Bool] = []
    /// A hash table by the hash's low bits: a slot holds id + 1, or 0 if it is free.
    private var slots = [Int32](repeating: 0, count: 1 << 16)
    private var row: Int32 = 0
    private var keepsAll = false
    private var forgotten = 0
    /// Features of so few rows were forgotten last.
    private var rarest: Int32 = 0

    init(maximum: Int) { self.maximum = maximum }

    mutating func begin(_ row: Int, keepsAll: Bool) { (self.row, self.keepsAll) = (Int32(row), keepsAll) }

    @inline(__always)
    mutating func add(_ hash: UInt64, isPair pair: Bool = false) {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[slot] != 0 {
            let id = Int(slots[slot]) - 1
            if hashes[id] == hash {
                if lastRow[id] != row {
                    lastRow[id] = row
                    rows[id] += 1
                }
                if keepsAll { keep[id] = true }
                return
            }
            slot = (slot + 1) & (slots.count - 1)
        }
        hashes.append(hash)
        rows.append(1)
        lastRow.append(row)
        keep.append(keepsAll)
        isPair.append(pair)
        slots[slot] = Int32(hashes.count)
        if hashes.count * 2 > slots.count { index(capacity: slots.count * 2) }
    }

    private mutating func index(capacity: Int) {
        slots = [Int32](repeating: 0, count: capacity)
        for (id, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Int32(id + 1)
        }
    }

    /// Forgets the rarest features, those of one row before those of two, until half of the room is free.
    mutating func shrinkIfFull() {
        guard hashes.count > maximum else { return }
        rarest = 0
        var left = hashes.count
        while left > maximum / 2 {
            rarest += 1
            left = rows.indices.count { rows[$0] > rarest }
        }
        var next = 0
        for id in hashes.indices where rows[id] > rarest {
            (hashes[next], rows[next], lastRow[next]) = (hashes[id], rows[id], lastRow[id])
            (keep[next], isPair[next]) = (keep[id], isPair[id])
            next += 1
        }
        forgotten += hashes.count - next
        hashes.removeSubrange(next...)
        rows.removeSubrange(next...)
        lastRow.removeSubrange(next...)
        keep.removeSubrange(next...)
        isPair.removeSubrange(next...)
        index(capacity: slots.count)
    }

    /// The features that the settings keep, by falling frequency, as far as their entries fit.
    func kept(
        _ settings: FeatureSettings,
        maximumEntries: Int
    ) -> (hashes: [UInt64], rows: [Int32], leftOut: Int) {
        let minimum = Int32(settings.minimumRows ?? 2)
        let pairMinimum = max(minimum, Int32(settings.pairRows))
        let keepsMarked = settings.minimumRows == nil
        var kept = hashes.indices.filter { id in
            if isPair[id] { return rows[id] >= pairMinimum }
            return rows[id] >= minimum || (keepsMarked && keep[id])
        }
        kept.sort { rows[$0] == rows[$1] ? hashes[$0] < hashes[$1] : rows[$0] > rows[$1] }
        if kept.count > settings.maximumFeatures { kept.removeSubrange(settings.maximumFeatures...) }
        var sum = 0
        let fitting = kept.prefix { id in
            sum += Int(rows[id])
            return sum <= maximumEntries
        }
        let leftOut = kept.count - fitting.count + (kept.count < settings.maximumFeatures ? forgotten : 0)
        return (fitting.map { hashes[$0] }, fitting.map { rows[$0] }, leftOut)
    }
}

/// Writes the rows of a corpus.
private struct EntryWriter {
    private(set) var starts = [0]
    private(set) var wordEnds: [Int] = []
    private(set) var indices: [Int32] = []
    private(set) var values: [Float] = []
    private(set) var counts: [UInt16] = []
    private(set) var occurrences: [SIMD2<Int32>] = []
    /// The place of each feature's last entry.
    private var last: [Int]

    init(features: Int, entries: Int, rows: Int) {
        last = [Int](repeating: -1, count: features)
        indices.reserveCapacity(entries)
        values.reserveCapacity(entries)
        counts.reserveCapacity(entries)
        starts.reserveCapacity(rows + 1)
        wordEnds.reserveCapacity(rows)
        occurrences.reserveCapacity(rows)
    }

    @inline(__always)
    mutating func add(_ feature: Int) {
        guard feature >= 0 else { return }
        let place = last[feature]
        if place >= starts[starts.count - 1] {
            if counts[place] < .max { counts[place] += 1 }
            return
        }
        last[feature] = indices.count
        indices.append(Int32(feature))
        counts.append(1)
    }

    mutating func endWords() { wordEnds.append(indices.count) }

    mutating func endRow(_ count: SIMD2<Int32>, idf: [Float], sublinear: Bool) {
        let (start, wordEnd) = (starts[starts.count - 1], wordEnds[wordEnds.count - 1])
        for entry in start..<indices.count {
            values.append(TermWeight.weight(of: counts[entry], sublinear: sublinear) * idf[Int(indices[entry])])
        }
        TermWeight.normalise(&values, start..<wordEnd)
        TermWeight.normalise(&values, wordEnd..<indices.count)
        starts.append(indices.count)
        occurrences.append(count)
    }
}
