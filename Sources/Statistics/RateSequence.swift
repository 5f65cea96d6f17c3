/// A confidence sequence for one rate: the intervals of all looks together cover it with the stated probability, so that
/// it is allowed to look often, and to stop as soon as the interval says enough. (``Proportion`` is narrower, and holds
/// for one look that was planned.)
///
/// Robbins's method of mixtures (1970, "Statistical methods related to the law of the iterated logarithm") with a beta
/// mixture over the binomial likelihood, Jeffreys's Beta(½, ½): for the true rate p the ratio of the mixture to
/// p^s (1−p)^f is a martingale that starts at 1, so by Ville's inequality it ever reaches 1/α with probability ≤ α. No
/// approximation: it holds from the first trial. It asks that each trial succeeds with probability p, whatever came before.
package struct RateSequence: Sendable, Equatable {
    package private(set) var successes = 0
    package private(set) var trials = 0

    package init() {}

    /// `successes` in 0…trials.
    package init(successes: Int, trials: Int) { (self.successes, self.trials) = (successes, trials) }

    package mutating func add(_ isSuccess: Bool) {
        trials += 1
        if isSuccess { successes += 1 }
    }

    /// The observed share, 0…1; nil without trials.
    package var estimate: Double? { trials == 0 ? nil : Double(successes) / Double(trials) }

    /// The natural logarithm of the martingale for the rate `p` in 0…1: how strongly the trials speak against it.
    /// Infinite where `p` rules out what happened.
    package func logEvidence(against p: Double) -> Double {
        let (s, f) = (Double(successes), Double(trials - successes))
        if (p <= 0 && s > 0) || (p >= 1 && f > 0) { return .infinity }
        let likelihood = (s == 0 ? 0 : s * Portable.log(p)) + (f == 0 ? 0 : f * Portable.log(1 - p))
        return Self.logBeta(s + 0.5, f + 0.5) - Self.logBeta(0.5, 0.5) - likelihood
    }

    /// The rates, within 0…1, that are not refuted at level `alpha` (0…1, both excluded); all rates without trials.
    package func interval(alpha: Double) -> (low: Double, high: Double) {
        guard let estimate else { return (0, 1) }
        let limit = -Portable.log(alpha)
        // The evidence is convex in p and least at the estimate.
        func end(_ outside: Double) -> Double {
            if logEvidence(against: outside) < limit { return outside }
            return bisect(refuted: outside, kept: estimate) { logEvidence(against: $0) >= limit }
        }
        return (end(0), end(1))
    }

    private static func logBeta(_ a: Double, _ b: Double) -> Double {
        Portable.logGamma(a) + Portable.logGamma(b) - Portable.logGamma(a + b)
    }
}

/// The point between the two where `isRefuted` changes, approached from the refuted side, so that a bound is never too
/// narrow.
func bisect(refuted: Double, kept: Double, _ isRefuted: (Double) -> Bool) -> Double {
    var (refuted, kept) = (refuted, kept)
    for _ in 0..<60 {
        let middle = (refuted + kept) / 2
        if middle == refuted || middle == kept { break }
        if isRefuted(middle) { refuted = middle } else { kept = middle }
    }
    return refuted
}
