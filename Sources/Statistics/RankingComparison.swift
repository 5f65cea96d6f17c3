/// Two scores on the same rows: by how much the areas under their ROC curves differ. DeLong, DeLong and Clarke-Pearson
/// (1988): the areas are means of placements, and rows that both scores place alike tell nothing apart.
package struct RankingComparison: Sendable, Equatable {
    /// New minus old area.
    package let difference: Double
    package let standardError: Double

    package struct Pair: Sendable, Equatable {
        package var new: Float
        package var old: Float

        package init(new: Float, old: Float) {
            self.new = new
            self.old = old
        }
    }

    /// Nil with fewer than two rows on a side. Scores must not be NaN.
    package init?(positives: [Pair], negatives: [Pair]) {
        guard positives.count > 1, negatives.count > 1 else { return nil }
        func placements(_ score: (Pair) -> Float) -> (positives: [Double], negatives: [Double]) {
            let (high, low) = (positives.map(score), negatives.map(score))
            let (sortedHigh, sortedLow) = (high.sorted(), low.sorted())
            return (
                high.map { Self.below($0, in: sortedLow) },
                low.map { 1 - Self.below($0, in: sortedHigh) }
            )
        }
        let (new, old) = (placements(\.new), placements(\.old))
        let ofPositives = zip(new.positives, old.positives).map { $0 - $1 }
        let ofNegatives = zip(new.negatives, old.negatives).map { $0 - $1 }
        let mean = ofPositives.reduce(0, +) / Double(positives.count)
        difference = mean
        let variance =
            Self.variance(ofPositives) / Double(positives.count) + Self.variance(ofNegatives) / Double(negatives.count)
        standardError = variance.squareRoot()
    }

    /// Ends of two one-sided intervals, each at 95 % by default.
    package func interval(z: Double = 1.644_853_626_951_472_2) -> (low: Double, high: Double) {
        (max(-1, difference - z * standardError), min(1, difference + z * standardError))
    }

    /// The share of ascending values below `score`, equal ones counting half.
    private static func below(_ score: Float, in sorted: [Float]) -> Double {
        let less = place(in: sorted) { $0 < score }
        let notMore = place(in: sorted) { $0 <= score }
        return Double(less + notMore) / (2 * Double(sorted.count))
    }

    /// How many of the ascending values come first, by bisection.
    private static func place(in sorted: [Float], _ comesFirst: (Float) -> Bool) -> Int {
        var (low, high) = (0, sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if comesFirst(sorted[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private static func variance(_ values: [Double]) -> Double {
        let mean = values.reduce(0, +) / Double(values.count)
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count - 1)
    }
}
