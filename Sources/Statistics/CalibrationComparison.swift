/// The difference of two classifiers' expected calibration errors (equal-width bins) on the same rows.
///
/// The error is no mean over rows, so there is no formula for its variance. The bootstrap estimates it: rows are drawn
/// again and again with replacement, both classifiers' answers to a row together.
package struct CalibrationComparison: Sendable, Equatable {
    package struct Answer: Sendable, Equatable {
        /// 0…1
        package var confidence: Double
        package var isRight: Bool

        package init(confidence: Double, isRight: Bool) { (self.confidence, self.isRight) = (confidence, isRight) }
    }

    /// The new classifier's error minus the old one's, −1…1; above 0 the new one is worse.
    package let difference: Double
    /// The new classifier's expected calibration error, 0…1.
    package let new: Double
    /// The old classifier's, likewise.
    package let old: Double
    /// The standard error of `difference`.
    package let standardError: Double

    /// - Parameters:
    ///   - new: the new classifier's answers, one for each row.
    ///   - old: the old classifier's answers to the same rows in the same order.
    ///   - bins: the number of bins of equal width, at least 1.
    ///   - draws: the number of bootstrap samples, at least 2.
    ///   - seed: the seed of the draws; the same seed gives the same standard error.
    package init(new: [Answer], old: [Answer], bins: Int = 15, draws: Int = 1_000, seed: UInt64 = 1) {
        let count = min(new.count, old.count)
        func gaps(_ answers: [Answer]) -> [(bin: Int, gap: Double)] {
            answers.prefix(count).map { answer in
                let bin = min(bins - 1, max(0, Int(answer.confidence * Double(bins))))
                return (bin, (answer.isRight ? 1 : 0) - answer.confidence)
            }
        }
        let (mine, theirs) = (gaps(new), gaps(old))
        var sums = [Double](repeating: 0, count: 2 * bins)
        func errors(_ row: (Int) -> Int) -> (new: Double, old: Double) {
            for index in sums.indices { sums[index] = 0 }
            for index in 0..<count {
                let row = row(index)
                sums[mine[row].bin] += mine[row].gap
                sums[bins + theirs[row].bin] += theirs[row].gap
            }
            let scale = 1 / Double(max(count, 1))
            func error(_ gaps: ArraySlice<Double>) -> Double { gaps.reduce(0) { $0 + abs($1) } * scale }
            return (error(sums[..<bins]), error(sums[bins...]))
        }
        (self.new, self.old) = errors { $0 }
        difference = self.new - self.old
        var generator = SplitMix64(seed: seed)
        var drawn: [Double] = []
        drawn.reserveCapacity(draws)
        for _ in 0..<draws {
            let error = errors { _ in generator.next(below: count) }
            drawn.append(error.new - error.old)
        }
        let mean = drawn.reduce(0, +) / Double(draws)
        standardError = (drawn.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(draws - 1)).squareRoot()
    }

    /// The ends of two one-sided intervals for `difference`, each at 95 % by default; `z` is the normal quantile.
    package func interval(z: Double = 1.644_853_626_951_472_2) -> (low: Double, high: Double) {
        (difference - z * standardError, difference + z * standardError)
    }
}
