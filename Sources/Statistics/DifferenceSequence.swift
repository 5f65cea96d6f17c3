/// A confidence sequence for the mean of differences in −1…1, such as the outcome in one arm minus that in another:
/// all looks together cover it with the stated probability.
///
/// Testing by betting (Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting",
/// J. R. Stat. Soc. B 86): whoever claims that the mean is at most δ offers fair bets on every difference D; the factor
/// 1 − c + c (1 + D)/(1 + δ) of a stake c cannot win on average if he is right. The average wealth over a fixed grid of
/// stakes starts at 1 and, by Ville's inequality, ever reaches 2/α with probability ≤ α/2. The other side likewise.
///
/// Exact from the first difference: no normal approximation. It asks that no difference's mean, given those before it,
/// lies on the wrong side: where means vary, `low` is below the greatest of them and `high` above the least.
package struct DifferenceSequence: Sendable {
    /// Shares of the greatest stake that is allowed. A difference of ε at variance v wants about ε/v; with halving steps
    /// the nearest is off by a third at most, which costs a ninth of the growth.
    private static let stakes: [Double] = [0.8, 0.4, 0.2, 0.1, 0.05, 0.025, 0.0125, 0.00625]

    /// How often each value came: the wealth depends on that alone, and not on the order.
    private var counts: [(value: Double, count: Int)] = []
    package private(set) var count = 0
    private var sum = 0.0

    package init() {}

    /// - Parameter counts: how often each difference, in −1…1, came. No value may stand there twice.
    package init(counts: [(value: Double, count: Int)]) {
        self.counts = counts.filter { $0.count > 0 }
        for (value, count) in self.counts {
            self.count += count
            sum += value * Double(count)
        }
    }

    /// Takes one more difference, in −1…1.
    package mutating func add(_ difference: Double) {
        count += 1
        sum += difference
        if let index = counts.firstIndex(where: { $0.value == difference }) {
            counts[index].count += 1
        } else {
            counts.append((difference, 1))
        }
    }

    /// The mean of the differences, −1…1; nil without any.
    package var estimate: Double? { count == 0 ? nil : min(1, max(-1, sum / Double(count))) }

    /// The means, within −1…1, that are not refuted at level `alpha` (0…1, both excluded).
    package func interval(alpha: Double) -> (low: Double, high: Double) {
        guard let estimate else { return (-1, 1) }
        let limit = Portable.log(2 / alpha)
        // Wealth against "at most δ" falls with δ, and is below 1 at the observed mean.
        func end(_ outside: Double, _ sign: Double) -> Double {
            if estimate == outside || logWealth(sign: sign, atMost: sign * outside) < limit { return outside }
            return bisect(refuted: outside, kept: estimate) { logWealth(sign: sign, atMost: sign * $0) >= limit }
        }
        return (end(-1, 1), end(1, -1))
    }

    /// Whether the mean `value` (−1…1, both excluded) is refuted at level `alpha`: whether it lies outside
    /// ``interval(alpha:)``, at less cost.
    package func excludes(_ value: Double, alpha: Double) -> Bool {
        let limit = Portable.log(2 / alpha)
        return logWealth(sign: 1, atMost: value) >= limit || logWealth(sign: -1, atMost: -value) >= limit
    }

    /// The natural logarithm of the wealth that betting against "sign × mean is at most `bound`" has made of 1.
    private func logWealth(sign: Double, atMost bound: Double) -> Double {
        if bound <= -1 { return counts.contains { $0.value * sign > -1 } ? .infinity : 0 }
        var logs: [Double] = []
        logs.reserveCapacity(Self.stakes.count)
        for stake in Self.stakes {
            var log = 0.0
            for (value, count) in counts {
                log += Double(count) * Portable.log(1 - stake + stake * (1 + sign * value) / (1 + bound))
            }
            logs.append(log)
        }
        return logMean(logs)
    }
}

/// The logarithm of the mean of the numbers whose natural logarithms are given, without overflow.
func logMean(_ logs: [Double]) -> Double {
    guard let greatest = logs.max(), greatest.isFinite else { return logs.max() ?? -.infinity }
    var sum = 0.0
    for log in logs { sum += Portable.exp(log - greatest) }
    return greatest + Portable.log(sum / Double(logs.count))
}
