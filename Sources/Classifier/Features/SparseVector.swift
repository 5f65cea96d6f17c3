import Statistics
import Text

/// One text as weighted features, together with the buffers that are needed to make it.
struct SparseVector: Sendable {
    /// The features in the order in which they first occur, those of the word block first.
    var indices: [Int32] = []
    var values: [Float] = []
    /// The number of features in the word block; the character block begins after them.
    var wordFeatures = 0
    /// The numbers of word and of character n-grams in the text.
    var occurrences = SIMD2<Int32>(0, 0)
    /// The numbers of those that the space knows.
    var known = SIMD2<Int32>(0, 0)

    /// How often each feature of the space has occurred in this text; all zero between texts.
    private var counts: [UInt16] = []
    private var wordHashes: [UInt64] = []

    init() {}

    /// Replaces the vector by that of `text`. Each block has length 1, or 0 if none of its features is known.
    mutating func fill(
        from text: borrowing TokenizedText,
        ngrams: NGrams,
        space: FeatureSpace,
        sublinear: Bool
    ) {
        if counts.count != space.count { counts = [UInt16](repeating: 0, count: space.count) }
        indices.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        var total: Int32 = 0
        var found: Int32 = 0
        var indices = exchange(&self.indices, [])
        var counts = exchange(&self.counts, [])
        ngrams.forEachWord(in: text, hashes: &wordHashes) { hash, _ in
            total += 1
            let index = space.index(of: hash)
            if index >= 0 {
                found += 1
                if counts[index] == 0 { indices.append(Int32(truncatingIfNeeded: index)) }
                if counts[index] < .max { counts[index] += 1 }
            }
        }
        wordFeatures = indices.count
        occurrences.x = total
        known.x = found
        total = 0
        found = 0
        ngrams.forEachCharacters(in: text) { hash, _ in
            total += 1
            let index = space.index(of: hash)
            if index >= 0 {
                found += 1
                if counts[index] == 0 { indices.append(Int32(truncatingIfNeeded: index)) }
                if counts[index] < .max { counts[index] += 1 }
            }
        }
        occurrences.y = total
        known.y = found
        for index in indices {
            let index = Int(index)
            values.append(TermWeight.weight(of: counts[index], sublinear: sublinear) * space.idf[index])
            counts[index] = 0
        }
        self.indices = indices
        self.counts = counts
        TermWeight.normalise(&values, 0..<wordFeatures)
        TermWeight.normalise(&values, wordFeatures..<values.count)
    }
}

extension SparseVector {
    /// The shares of word and of character n-grams that the space knows, 0…1; 0 if there are none.
    var knownShare: SIMD2<Float> {
        SIMD2<Float>(known) / SIMD2<Float>(Float(max(occurrences.x, 1)), Float(max(occurrences.y, 1)))
    }

    /// Calls `body` with indices, values and their number. An empty vector has no addresses, and `body` is not called.
    @inline(__always)
    func withEntries(_ body: (UnsafePointer<Int32>, UnsafePointer<Float>, Int) -> Void) {
        indices.withUnsafeBufferPointer { indices in
            values.withUnsafeBufferPointer { values in
                guard let first = indices.baseAddress, let value = values.baseAddress else { return }
                body(first, value, indices.count)
            }
        }
    }
}

private func exchange<Value>(_ place: inout Value, _ value: Value) -> Value {
    let old = place
    place = value
    return old
}

/// The arithmetic that training and prediction share to the last bit.
enum TermWeight {
    /// 1 + ln(tf) for the low frequencies that nearly all n-grams have.
    private static let logarithms: [Float] = (0..<256).map { tf in tf == 0 ? 0 : 1 + Portable.log(Float(tf)) }

    @inline(__always)
    static func weight(of count: UInt16, sublinear: Bool) -> Float {
        if count == 1 { return 1 }
        if !sublinear { return Float(count) }
        return count < 256 ? logarithms[Int(count)] : 1 + Portable.log(Float(count))
    }

    /// The smoothed inverse document frequency: ln((1 + rows) / (1 + df)) + 1.
    static func inverseDocumentFrequency(_ df: Int, rows: Int) -> Float {
        Float(Portable.log((1 + Double(rows)) / (1 + Double(df))) + 1)
    }

    /// Scales the values of `range` to length 1, unless all are 0.
    static func normalise(_ values: inout [Float], _ range: Range<Int>) {
        values.withUnsafeMutableBufferPointer { values in
            var squares: Float = 0
            for i in range { squares += values[i] * values[i] }
            guard squares > 0 else { return }
            let scale = 1 / squares.squareRoot()
            for i in range { values[i] *= scale }
        }
    }
}
