/// A share of successes and the intervals that hold for it at one look that was planned beforehand. A rate that is looked
/// at again and again needs a ``RateSequence``.
///
///     Proportion(successes: 98, trials: 100).lowerBound(confidence: 0.95)  // 0.938
package struct Proportion: Sendable, Equatable {
    package let successes: Int
    package let trials: Int

    /// `successes` in 0…trials.
    package init(successes: Int, trials: Int) { (self.successes, self.trials) = (successes, trials) }

    /// The observed share; 0 without trials.
    package var estimate: Double { trials == 0 ? 0 : Double(successes) / Double(trials) }

    /// The exact one-sided lower bound, 0…1, that holds with probability ≥ `confidence` (Clopper and Pearson, 1934).
    package func lowerBound(confidence: Double) -> Double {
        if successes == 0 { return 0 }
        return Portable.betaQuantile(Double(successes), Double(trials - successes + 1), probability: 1 - confidence)
    }

    /// The exact one-sided upper bound, 0…1, that holds with probability ≥ `confidence`.
    package func upperBound(confidence: Double) -> Double {
        if successes == trials { return 1 }
        return Portable.betaQuantile(Double(successes + 1), Double(trials - successes), probability: confidence)
    }

    /// Wilson's two-sided score interval (1927). `z` is the normal quantile, 1.96 for 95 %.
    package func wilson(z: Double = 1.959_963_984_540_054) -> (low: Double, high: Double) {
        guard trials > 0 else { return (0, 1) }
        let n = Double(trials)
        let p = estimate
        let denominator = 1 + z * z / n
        let centre = (p + z * z / (2 * n)) / denominator
        let reach = z / denominator * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        // At the ends the two terms cancel but for rounding.
        let low = successes == 0 ? 0 : max(0, centre - reach)
        let high = successes == trials ? 1 : min(1, centre + reach)
        return (low, high)
    }
}
