import Statistics
import Testing
import Wire

@testable import Engine

@Suite struct `One account among many` {
    static let shares: [(amounts: [Int], whole: Int, counted: Int)] = [
        ([500], 0, 0), ([500, 2], 1, 1), ([5, 5, 5], 0, 0), ([], 7, 7), ([500], 90, 100), ([500, 20, 20], 400, 488),
        ([Int](repeating: 5, count: 10), 0, 50), ([Int](repeating: 5, count: 9) + [500], 0, 50),
        ([Int](repeating: 5, count: 19) + [500], 0, 105),
    ]

    @Test(arguments: shares)
    func `counts for at most a tenth`(_ amounts: [Int], _ whole: Int, _ counted: Int) {
        #expect(Share.counted(amounts, beside: whole) == counted)
    }

    @Test func `counts for as much as a tenth allows, and for no more`() {
        var random = SplitMix64(seed: 4)
        for _ in 0..<2_000 {
            let amounts = (0..<random.next(below: 30)).map { _ in
                random.next(below: 1 << random.next(below: 12))
            }
            let whole = random.next(below: 2) == 0 ? 0 : random.next(below: 1_000)
            let level = Share.level(amounts, beside: whole)
            func sum(_ level: Int) -> Int { amounts.reduce(whole) { $0 + min($1, level) } }
            #expect(10 * level <= sum(level))
            // Another one more would be too much for those who have so many.
            if level < amounts.max() ?? 0 { #expect(10 * (level + 1) > sum(level + 1)) }
        }
    }

    /// A quiet watch with many accounts, one of which asks as much as all others together and chooses what it asks.
    private struct Flood {
        var isLost: Bool
        var isCorrected: Bool
        /// Corrections, and messages of which only the version before is sure, of everybody else.
        var corrected = 0.03
        var lost = 0.05

        func alarm(seed: UInt64) -> Bool {
            var random = SplitMix64(seed: seed)
            var before = 0
            for _ in 0..<2_000 where random.unit() < 0.03 { before += 1 }
            var counts = AccountCounts()
            var given: [UInt32: Int] = [:]
            for answer in 1...2_000 {
                let honest = UInt32(1 + random.next(below: 40))
                let draw = random.unit()
                counts.add(
                    .init(answers: 1, scored: 1, lost: draw < lost ? 1 : 0, gained: draw > 0.95 ? 1 : 0),
                    of: honest
                )
                if random.unit() < corrected { given[honest, default: 0] += 1 }
                counts.add(.init(answers: 1, scored: 1, lost: isLost ? 1 : 0), of: 666)
                if isCorrected { given[666, default: 0] += 1 }
                guard answer.isMultiple(of: 20) else { continue }
                let compared = counts.compared
                let rule = WatchRule(
                    now: counts.corrections(
                        given.map { GivenCorrections(account: $0.key, isVouched: false, count: $0.value) }
                    ),
                    before: WatchRule.Corrections(answers: 2_000, corrections: before),
                    scored: compared.scored,
                    lost: compared.lost,
                    gained: compared.gained
                )
                if rule.alarm != nil { return true }
            }
            return false
        }
    }

    @Test(arguments: [(true, false), (false, true), (true, true), (false, false)])
    func `raises no more false alarms in a flood than the watch promises`(_ isLost: Bool, _ isCorrected: Bool) {
        let flood = Flood(isLost: isLost, isCorrected: isCorrected)
        let alarms = (0..<200).count { flood.alarm(seed: UInt64($0)) }
        print("watch in a flood: \(alarms) false alarms in 200")
        #expect(alarms <= Int(200 * WatchRule.falseAlarms))
    }

    @Test(arguments: [(0.2, 0.05), (0.03, 0.3)])
    func `does not hide in a flood that a version is worse`(_ corrected: Double, _ lost: Double) {
        let flood = Flood(isLost: false, isCorrected: false, corrected: corrected, lost: lost)
        #expect((0..<40).count { flood.alarm(seed: UInt64($0)) } >= 38)
    }

    @Test func `keeps its counts, and the later ones of too many together`() throws {
        var counts = AccountCounts()
        for account in 0..<UInt32(AccountCounts.limit + 50) {
            counts.add(.init(answers: 3, scored: 2, lost: 1, gained: 1), of: account)
        }
        counts.add(.init(answers: 9), of: nil)
        #expect(counts.accounts.count == AccountCounts.limit + 1)
        #expect(counts.total == 3 * (AccountCounts.limit + 50) + 9)
        #expect(AccountCounts(counts.json) == counts)
        for damaged: JSON in [["whole": [1, 2, 3]], ["1": [1, 2, 3, -4]], ["a": [1, 2, 3, 4]], "x"] {
            #expect(AccountCounts(damaged) == nil)
        }
    }
}
