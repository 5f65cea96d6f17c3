import Wire

/// The questions of each account to a champion, and how many of them count in the watch.
///
/// An account counts for at most a tenth of the answers, and of the messages that are compared. The account whose
/// messages press most for a rollback is left out of the comparison: whoever chooses his messages could otherwise bring a
/// version down with his tenth.
package struct AccountCounts: Sendable, Equatable {
    package struct Count: Sendable, Equatable {
        package var answers = 0
        /// Messages that the champion before has scored, too.
        package var scored = 0
        /// Those of them that only the champion before was sure of.
        package var lost = 0
        /// Those of them that only the new champion was sure of.
        package var gained = 0

        package init(answers: Int = 0, scored: Int = 0, lost: Int = 0, gained: Int = 0) {
            (self.answers, self.scored, self.lost, self.gained) = (answers, scored, lost, gained)
        }

        static func += (one: inout Count, other: Count) {
            one.answers += other.answers
            one.scored += other.scored
            one.lost += other.lost
            one.gained += other.gained
        }

        /// The count of an account that is scored more often than `level`, as if it were scored so often.
        func scaled(to level: Int) -> Count {
            guard scored > level else { return self }
            return Count(answers: answers, scored: level, lost: lost * level / scored, gained: gained * level / scored)
        }
    }

    /// The number of accounts that are told apart. All later ones count as one.
    static let limit = 256
    /// The uid that stands for them, which no process has.
    private static let others = UInt32.max

    /// The count of accounts without a limit: admins, and services that pass on many people's messages.
    package private(set) var whole = Count()
    package private(set) var accounts: [UInt32: Count] = [:]

    package init() {}

    /// - Parameter account: nil for one without a limit.
    package mutating func add(_ count: Count, of account: UInt32?) {
        guard let account else { return whole += count }
        let isKnown = accounts.count < Self.limit || accounts[account] != nil
        accounts[isKnown ? account : Self.others, default: Count()] += count
    }

    package mutating func add(_ other: AccountCounts) {
        whole += other.whole
        for (account, count) in other.accounts { add(count, of: account) }
    }

    /// The number of all answers, whether they count or not.
    package var total: Int { accounts.values.reduce(whole.answers) { $0 + $1.answers } }

    /// The most answers that one account counts for.
    var answerLevel: Int { Share.level(accounts.values.map(\.answers), beside: whole.answers) }

    /// The number of answers that count.
    package var answers: Int { Share.counted(accounts.values.map(\.answers), beside: whole.answers) }

    /// The messages that count in the comparison of how often the versions are sure.
    package var compared: Count {
        let level = Share.level(accounts.values.map(\.scored), beside: whole.scored)
        let scaled = accounts.values.map { $0.scaled(to: level) }
        var sum = scaled.reduce(into: whole) { $0 += $1 }
        guard let worst = scaled.max(by: { $0.lost - $0.gained < $1.lost - $1.gained }), worst.lost > worst.gained
        else { return sum }
        sum.scored -= worst.scored
        sum.lost -= worst.lost
        sum.gained -= worst.gained
        return sum
    }
}

extension AccountCounts {
    /// The form in which the ledger keeps them: by uid, and under `whole`, four numbers.
    var json: JSON {
        func numbers(_ count: Count) -> JSON {
            .array([count.answers, count.scored, count.lost, count.gained].map { .integer($0) })
        }
        let accounts = accounts.sorted { $0.key < $1.key }.map { Member(String($0.key), numbers($0.value)) }
        return .object([Member("whole", numbers(whole))] + accounts)
    }

    /// Reads stored counts; nil if the value is not a record of them.
    init?(_ json: JSON) {
        guard let members = json.object else { return nil }
        for member in members {
            let numbers = member.value.array?.compactMap(\.quantity) ?? []
            let account = UInt32(member.name)
            guard numbers.count == 4, account != nil || member.name == "whole" else { return nil }
            add(Count(answers: numbers[0], scored: numbers[1], lost: numbers[2], gained: numbers[3]), of: account)
        }
    }
}
