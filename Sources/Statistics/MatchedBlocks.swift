// Outcomes of two arms as they come, put side by side.

/// Makes differences for a ``DifferenceSequence`` out of outcomes that come one by one from either arm: whenever both
/// arms have waiting what a block takes, it takes the newest, so that the two sides of a difference are near in time.
///
/// Which outcomes meet depends on the arms alone and never on the outcomes, so that a block's expectation is the
/// difference of the arms' rates. Outcomes that were drawn with different probabilities never meet: who asks with
/// another probability may ask other things, and the arms of different blocks are compared nowhere else.
package struct MatchedBlocks: Sendable {
    /// The most outcomes of the more frequent arm in a block with one of the other.
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
    ///   - isSecond: its arm.
    ///   - probability: of the second arm, 0…1, when this unit's arm was drawn; the nearest hundredth counts.
    /// - Returns: the difference of the block that is complete with it, −1…1, second arm minus first.
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

    /// How many of each arm make a block, by how often they come; hundredths.
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
