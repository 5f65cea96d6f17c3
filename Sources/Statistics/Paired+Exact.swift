// The normal interval of a paired comparison promises too much where few rows changed, so the gate refuses nothing by it
// alone: the exact test has to agree. And it makes one such test for each intent, so that chance would refuse some good
// model every time if the level were not shared out.

extension PairedComparison {
    /// McNemar's exact one-sided test: the probability, 0…1, of losing at least `lost` of the rows that changed if the
    /// new classifier is no worse, so that each of them is lost with a chance of at most one half.
    package var probabilityIfNotWorse: Double {
        let changed = gained + lost
        if lost == 0 { return 1 }
        return Portable.incompleteBeta(Double(lost), Double(changed - lost + 1), at: 0.5)
    }

    /// The smallest ``probabilityIfNotWorse`` that this number of changed rows can have, which is with all of them lost.
    package var leastProbability: Double {
        var least = 1.0
        for _ in 0..<min(gained + lost, 1_000) { least /= 2 }
        return least
    }

    /// Whether it is proven that the new classifier is worse by more than `margin` (0…1). Both must hold: the exact test
    /// refutes that it is no worse, however few the rows are, and the interval excludes the margin.
    ///
    /// - Parameter level: the probability of error, 0…1.
    package func isWorse(byMoreThan margin: Double, level: Double) -> Bool { upperEnd(level: level) < -margin }

    /// An upper bound of the difference, −1…1, that holds with probability 1 − `level`. It is at least 0 unless the exact
    /// test refutes 0.
    package func upperEnd(level: Double) -> Double {
        let high = interval(z: Portable.normalQuantile(1 - level)).high
        return probabilityIfNotWorse <= level ? high : max(high, 0)
    }
}

/// Many tests at once: the probability that any true hypothesis is refuted stays below the level.
///
/// Holm's method, with Tarone's (1990) refinement for counts: a test that cannot refute its hypothesis whatever happens
/// takes no share of the level.
package enum StepDown {
    /// - Parameters:
    ///   - least: the smallest p-value that each test can attain.
    ///   - level: the probability of error that all tests share, 0…1.
    ///   - refutes: tells whether a test refutes its hypothesis at a level; if at one, then at every higher one.
    /// - Returns: for each test whether its hypothesis is refuted, and the level at which that was decided.
    package static func decide(
        least: [Double],
        level: Double = 0.05,
        refutes: (_ index: Int, _ level: Double) -> Bool
    ) -> (refuted: [Bool], levels: [Double]) {
        var refuted = [Bool](repeating: false, count: least.count)
        var levels = [Double](repeating: level, count: least.count)
        while true {
            let open = least.indices.filter { !refuted[$0] }
            // The smallest number of shares such that at most that many tests can refute with one share each.
            let shares = (1...max(open.count, 1)).first { share in
                open.count { least[$0] <= level / Double(share) } <= share
            }
            let part = level / Double(shares ?? max(open.count, 1))
            for index in open { levels[index] = part }
            let found = open.filter { refutes($0, part) }
            if found.isEmpty { return (refuted, levels) }
            for index in found { refuted[index] = true }
        }
    }
}
