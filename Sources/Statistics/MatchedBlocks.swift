/// Makes differences for a ``DifferenceSequence`` out of outcomes that come one by one from either arm: whenever both
/// arms have waiting what a block takes, it takes the newest, so that the two sides of a difference are near in time.
///
/// Which outcomes meet depends on the arms alone and never on the outcomes, so that a block's expectation is the
/// difference of the arms' rates. Outcomes that were drawn with different probabilities never meet: requests with
/// another probability may be about other things, so that comparing them would compare topics and not arms.
package struct MatchedBlocks: Sendable {
    /// The largest number of outcomes of the more frequent arm that one outcome of the other arm is compared with.
    package static let largest = 8

    private struct Stratum: Sendable {
        /// Newest last.
        var first: [Bool] = []
        var second: [Bool] = []
    }

    private var strata: [Int: Stratum] = [:]

    package init() {}

    /// Takes the outcome of one unit.
    ///
    /// - Parameters:
    ///   - isSecond: whether the unit is in the second arm.
    ///   - probability: the probability, 0…1, with which the second arm was to be drawn for this unit, rounded to
    ///     hundredths.
    /// - Returns: the success rate of the second arm minus that of the first, −1…1, in the block that this outcome
    ///   completes; nil if it completes none.
    package mutating func add(_ isSuccess: Bool, isSecond: Bool, probability: Double) -> Double? {
        let key = Int((min(1, max(0, probability)) * 100).rounded())
        var stratum = strata[key, default: Stratum()]
        if isSecond { stratum.second.append(isSuccess) } else { stratum.first.append(isSuccess) }
        let (firsts, seconds) = Self.sizes(key)
        var difference: Double?
        if stratum.first.count >= firsts, stratum.second.count >= seconds {
            difference = Self.share(&stratum.second, seconds) - Self.share(&stratum.first, firsts)
        }
        strata[key] = stratum
        return difference
    }

    /// The number of outcomes of each arm in a block, where the second arm has a probability of `key` hundredths.
    private static func sizes(_ key: Int) -> (firsts: Int, seconds: Int) {
        let odds = Double(max(key, 100 - key)) / Double(max(1, min(key, 100 - key)))
        let many = min(largest, max(1, Int(odds.rounded())))
        return key > 50 ? (1, many) : (many, 1)
    }

    private static func share(_ outcomes: inout [Bool], _ size: Int) -> Double {
        let successes = outcomes.suffix(size).count { $0 }
        outcomes.removeLast(size)
        return Double(successes) / Double(size)
    }
}
