import Statistics
import Testing
import Wire

@testable import Engine

@Suite struct `The watch over a new champion` {
    /// One version in use: each answer is corrected, and each of the two versions is sure, with these probabilities.
    private struct Traffic {
        var corrected = 0.03
        var correctedBefore = 0.03
        /// Messages that only the version before, and only the new one, is sure of.
        var lost = 0.04
        var gained = 0.04

        /// After how many answers the alarm comes; nil for none.
        func alarm(within answers: Int, seed: UInt64, every: Int = 1) -> Int? {
            var random = SplitMix64(seed: seed)
            let past = 2_000
            var before = 0
            for _ in 0..<past where random.unit() < correctedBefore { before += 1 }
            var rule = WatchRule(
                now: .init(answers: 0, corrections: 0),
                before: .init(answers: past, corrections: before),
                scored: 0,
                lost: 0,
                gained: 0
            )
            for answer in 1...answers {
                rule.now.answers = answer
                if random.unit() < corrected { rule.now.corrections += 1 }
                rule.scored = answer
                let draw = random.unit()
                if draw < lost { rule.lost += 1 } else if draw < lost + gained { rule.gained += 1 }
                if answer.isMultiple(of: every), rule.alarm != nil { return answer }
            }
            return nil
        }
    }

    @Test func `raises no more false alarms than it says, over a thousand quiet months`() {
        var alarms = 0
        for month in 0..<1_000 {
            // Of a watch's 2,000 answers; as quiet as it may be, the margin included.
            let traffic = Traffic(lost: 0.05, gained: month.isMultiple(of: 2) ? 0.05 : 0.01)
            if traffic.alarm(within: 2_000, seed: UInt64(month), every: 5) != nil { alarms += 1 }
        }
        print("watch: \(alarms) false alarms in 1,000 quiet months")
        #expect(alarms <= Int(1_000 * WatchRule.falseAlarms))
    }

    static let drops: [(name: String, corrected: Double, lost: Double, within: Int)] = [
        ("corrections from 3 to 6 %", 0.06, 0.04, 1_800), ("corrections from 3 to 10 %", 0.10, 0.04, 400),
        ("corrections from 3 to 30 %", 0.30, 0.04, 120), ("sure of 15 points less", 0.03, 0.19, 600),
        ("sure of 40 points less", 0.03, 0.44, 120),
    ]

    @Test(arguments: drops)
    func `finds a real drop`(_ name: String, _ corrected: Double, _ lost: Double, _ within: Int) {
        let delays = (0..<60).map { seed in
            Traffic(corrected: corrected, lost: lost).alarm(within: 2_000, seed: UInt64(seed)) ?? .max
        }.sorted()
        let found = delays.count { $0 < .max }
        print("watch: \(name): found in \(found) of 60, median after \(delays[30]) answers")
        #expect(delays[30] <= within)
    }

    @Test func `knows nothing without answers`() {
        for answers in [0, 1, 10] {
            let rule = WatchRule(
                now: .init(answers: answers, corrections: answers),
                before: .init(answers: 0, corrections: 0),
                scored: 0,
                lost: 0,
                gained: 0
            )
            #expect(rule.alarm == nil)
            #expect(rule.json["sureness"]?["low"] == -1.0)
        }
    }
}
