// The exact test that belongs to a paired comparison, and how to make many of them at once.

extension PairedComparison {
    /// The probability of losing so many of the rows that changed, or more, if the new one is no worse: then each of
    /// them is lost with a chance of at most one half (McNemar's test, exact, one-sided).
    package var probabilityIfNotWorse: Double {
        let changed = gained + lost
        if lost == 0 { return 1 }
        return Portable.incompleteBeta(Double(lost), Double(changed - lost + 1), 0.5)
    }

    /// The least ``probabilityIfNotWorse`` that so many changed rows can have: all of them lost.
    package var leastProbability: Double {
        var least = 1.0
        for _ in 0..<min(gained + lost, 1_000) { least /= 2 }
        return least
    }

    /// Whether it is proven at this level (a probability of error) that the new one is worse by more than `margin`:
    /// the exact test refutes that it is no worse, so that chance alone does not do it however few the rows are, and
    /// the interval leaves the margin behind.
    package func isWorse(byMoreThan margin: Double, level: Double) -> Bool {
        upperEnd(level: level) < -margin
    }

    /// The difference is below it with probability 1 − `level`. It is not below 0 where the exact test allows 0.
    package func upperEnd(level: Double) -> Double {
        let high = interval(z: Portable.normalQuantile(1 - level)).high
        return probabilityIfNotWorse <= level ? high : max(high, 0)
    }
}

/// Many tests at once, of which each may err: the probability that any true hypothesis is refuted stays below the
/// level. Holm's method, with Tarone's (1990) refinement for counts: a test that could not refute its hypothesis
/// whatever happened takes no share of the level.
package enum StepDown {
    /// - Parameters:
    ///   - least: the least probability that each test can attain.
    ///   - refutes: whether a test refutes its hypothesis at a level; if at one, then at every higher one.
    /// - Returns: which are refuted, and the level at which each was decided.
    package static func decide(
        least: [Double],
        level: Double = 0.05,
        refutes: (_ index: Int, _ level: Double) -> Bool
    ) -> (refuted: [Bool], levels: [Double]) {
        var refuted = [Bool](repeating: false, count: least.count)
        var levels = [Double](repeating: level, count: least.count)
        while true {
            let open = least.indices.filter { !refuted[$0] }
            // The least number of shares such that no more tests than shares can refute at one.
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
