extension AccountCounts {
    /// Returns the answers and corrections that count. The corrections of an account whose answers are cut are cut in the
    /// same proportion. Those that no admin has vouched for count for at most a tenth by account, and without the account
    /// that has most of them.
    package func corrections(_ given: [GivenCorrections]) -> WatchRule.Corrections {
        let level = answerLevel
        func cut(_ given: GivenCorrections) -> Int {
            guard let answers = accounts[given.account]?.answers, answers > level else { return given.count }
            return given.count * level / answers
        }
        let vouched = given.filter(\.isVouched).reduce(0) { $0 + cut($1) }
        let others = given.filter { !$0.isVouched }.map(cut)
        let most = Share.level(others, beside: vouched)
        let counted = others.map { min($0, most) }
        return WatchRule.Corrections(
            answers: answers,
            corrections: counted.reduce(vouched, +) - (counted.max() ?? 0)
        )
    }
}

/// The corrections that one account has given.
package struct GivenCorrections: Sendable, Equatable {
    package var account: UInt32
    /// Whether an admin has given or accepted them.
    package var isVouched: Bool
    package var count: Int

    package init(account: UInt32, isVouched: Bool, count: Int) {
        (self.account, self.isVouched, self.count) = (account, isVouched, count)
    }
}
