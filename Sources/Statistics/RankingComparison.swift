/// The difference of the areas under the ROC curves of two scores on the same rows.
///
/// The method is that of DeLong, DeLong and Clarke-Pearson (1988): an area is a mean of placements, a row's placement
/// being the share of the other side that it beats, and rows that both scores place alike tell nothing apart.
package struct RankingComparison: Sendable, Equatable {
    /// The new score's area minus the old one's, −1…1.
    package let difference: Double
    /// The standard error of `difference`.
    package let standardError: Double

    /// Both scores of one row.
    package struct Pair: Sendable, Equatable {
        package var new: Float
        package var old: Float

        package init(new: Float, old: Float) { (self.new, self.old) = (new, old) }
    }

    /// Nil with fewer than two rows on a side. Scores must not be NaN; higher ones speak for the positive side.
    package init?(positives: [Pair], negatives: [Pair]) {
        guard positives.count > 1, negatives.count > 1 else { return nil }
        func placements(_ score: (Pair) -> Float) -> (positives: [Double], negatives: [Double]) {
            let (high, low) = (positives.map(score), negatives.map(score))
            let (sortedHigh, sortedLow) = (high.sorted(), low.sorted())
            return (high.map { Self.below($0, in: sortedLow) }, low.map { 1 - Self.below($0, in: sortedHigh) })
        }
        let (new, old) = (placements(\.new), placements(\.old))
        let ofPositives = zip(new.positives, old.positives).map { $0 - $1 }
        let ofNegatives = zip(new.negatives, old.negatives).map { $0 - $1 }
        difference = ofPositives.reduce(0, +) / Double(positives.count)
        let variance =
            Self.variance(ofPositives) / Double(positives.count) + Self.variance(ofNegatives) / Double(negatives.count)
        standardError = variance.squareRoot()
    }

    /// The ends of two one-sided intervals for `difference`, each at 95 % by default; `z` is the normal quantile.
    package func interval(z: Double = 1.644_853_626_951_472_2) -> (low: Double, high: Double) {
        (max(-1, difference - z * standardError), min(1, difference + z * standardError))
    }

    /// The share of ascending values below `score`, equal ones counting half.
    private static func below(_ score: Float, in sorted: [Float]) -> Double {
        let less = place(in: sorted) { $0 < score }
        let notMore = place(in: sorted) { $0 <= score }
        return Double(less + notMore) / (2 * Double(sorted.count))
    }

    /// The number of ascending values for which `comesFirst` holds, by bisection.
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
