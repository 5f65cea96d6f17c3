/// The limit on one account where many decide something by themselves: a rollback, the end of a watch, a retraining. No
/// account counts for more than a tenth of all that counts.
///
///     Share.counted([500, 20, 20], beside: 0)      // 0: three accounts cannot each be a tenth
///     Share.counted([500, 20, 20], beside: 400)    // 488: the first counts 48
package enum Share {
    /// The least number of accounts that decide something together.
    package static let accounts = 10

    /// Returns the most that one account may count for.
    ///
    /// - Parameters:
    ///   - amounts: by account, 0 or more.
    ///   - whole: the amount that counts in any case, such as an admin's.
    package static func level(_ amounts: [Int], beside whole: Int) -> Int {
        // An account that is cut to a level has at most a tenth of the sum for all levels up to one, because the sum grows
        // ever more slowly with the level.
        var (low, high) = (0, amounts.max() ?? 0)
        while low < high {
            let middle = (low + high + 1) / 2
            let sum = amounts.reduce(whole) { $0 + min($1, middle) }
            if middle <= sum / accounts { low = middle } else { high = middle - 1 }
        }
        return low
    }

    /// Returns the sum of what counts.
    package static func counted(_ amounts: [Int], beside whole: Int) -> Int {
        let level = level(amounts, beside: whole)
        return amounts.reduce(whole) { $0 + min($1, level) }
    }
}
