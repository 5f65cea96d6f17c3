import Statistics
import Testing
import Wire
import World

@testable import Engine

private func moment(_ day: Int) -> Timestamp { Timestamp(microseconds: Int64(day) * 86_400_000_000) }

@Suite struct `What people ask` {
    /// People who ask a host of 26 intents.
    private struct People {
        /// Shares of the intents, and of messages that the model is unsure of.
        var mix: [Double]
        var unsure = 0.15
        var perDay = 500

        /// As languages do: a few intents make up most of it.
        static let usual: [Double] = {
            let weights = (1...26).map { 1 / Double($0) }
            let sum = weights.reduce(0, +)
            return weights.map { $0 / sum }
        }()

        func ask(_ drift: inout DriftFigures, _ random: inout SplitMix64, _ cumulative: [Double]) {
            let draw = random.unit()
            var (low, high) = (0, cumulative.count - 1)
            while low < high {
                let middle = (low + high) / 2
                if cumulative[middle] > draw { high = middle } else { low = middle + 1 }
            }
            drift.count(low, isSure: random.unit() >= unsure)
        }

        /// The day on which the alarm comes, of so many days; nil for none.
        func alarm(_ drift: inout DriftFigures, days: Int, from first: Int, _ random: inout SplitMix64) -> Int? {
            var sum = 0.0
            let cumulative = mix.map { share in
                sum += share
                return sum
            }
            for day in first..<first + days {
                for _ in 0..<perDay { ask(&drift, &random, cumulative) }
                if drift.look(at: moment(day + 1)) { return day }
            }
            return nil
        }
    }

    private static func fresh(_ intents: Int = 26) -> DriftFigures {
        DriftFigures(
            version: 1,
            began: moment(0),
            threshold: 0.5,
            intents: (0..<intents).map { "intent\($0)" },
            at: moment(0)
        )
    }

    @Test func `raises no more false alarms than it says, over a thousand quiet months`() {
        var alarms = 0
        for month in 0..<1_000 {
            var random = SplitMix64(seed: UInt64(month))
            var drift = Self.fresh()
            let mix = month.isMultiple(of: 2) ? People.usual : [Double](repeating: 1 / 26, count: 26)
            let people = People(mix: mix, unsure: [0.02, 0.15, 0.5][month % 3])
            // Two days for the beginning, and a month of windows as small as they may be.
            if people.alarm(&drift, days: 2 + DriftFigures.windowsPerMonth, from: 0, &random) != nil { alarms += 1 }
        }
        print("drift: \(alarms) false alarms in 1,000 quiet months")
        #expect(alarms <= Int(1_000 * DriftFigures.falseAlarms))
    }

    /// What is asked from some day on, and how much unsureness.
    fileprivate static let changes: [(name: String, mix: [Double], unsure: Double, within: Int)] = {
        let usual = People.usual
        var asked = usual.map { $0 * 0.85 }
        asked[20] += 0.15
        return [
            ("unsure of 30 % instead of 15", usual, 0.30, 2), ("unsure of 50 % instead of 15", usual, 0.50, 1),
            ("15 % ask what few asked", asked, 0.15, 2), ("intents change places", usual.reversed(), 0.15, 1),
        ]
    }()

    @Test(arguments: changes.indices) func `is found where it is real`(index: Int) throws {
        let change = Self.changes[index]
        let delays = (0..<40).map { seed in
            var random = SplitMix64(seed: UInt64(seed))
            var drift = Self.fresh()
            // From noon on, so that one window is half of the old kind.
            let before = People(mix: People.usual)
            guard before.alarm(&drift, days: 6, from: 0, &random) == nil else { return Int.min }
            var half = People(mix: change.mix, unsure: change.unsure, perDay: 250)
            var old = People(mix: People.usual, perDay: 250)
            _ = old.alarm(&drift, days: 1, from: 5, &random)
            if half.alarm(&drift, days: 1, from: 6, &random) != nil { return 250 }
            (half.perDay, old.perDay) = (500, 500)
            return half.alarm(&drift, days: 30, from: 7, &random).map { 250 + ($0 - 6) * 500 } ?? .max
        }.sorted()
        let found = delays.count { $0 < .max }
        print("drift: \(change.name): found in \(found) of 40, median after \(delays[20]) answers at 500 a day")
        #expect(found >= 38)
        #expect(delays[20] <= 250 + change.within * 500)
    }

    @Test func `is not seen in what is certain and small`() {
        var random = SplitMix64(seed: 5)
        var drift = Self.fresh()
        var people = People(mix: People.usual, perDay: 20_000)
        var day = people.alarm(&drift, days: 3, from: 0, &random)
        #expect(day == nil)
        // A busy host proves five points; they are not worth an alarm.
        people.unsure = 0.2
        day = people.alarm(&drift, days: 5, from: 3, &random)
        #expect(day == nil)
        #expect(drift.score.map { 0.04...0.06 ~= $0 } == true)
        #expect(!drift.isAlarm)
    }

    @Test func `says what has changed, and stays until another champion reigns`() throws {
        var random = SplitMix64(seed: 1)
        var drift = Self.fresh()
        #expect(drift.json == ["score": nil, "alarm": false, "reasons": []])
        var people = People(mix: People.usual)
        var day = people.alarm(&drift, days: 4, from: 0, &random)
        #expect(day == nil)
        people.mix = People.usual.reversed()
        people.unsure = 0.6
        day = people.alarm(&drift, days: 1, from: 4, &random)
        #expect(day == 4)
        #expect(drift.reasons.count == 4)
        #expect(drift.reasons[0].hasPrefix("the local model is not sure of "))
        #expect(drift.reasons[1].contains("of the messages, at first"))
        let reasons = drift.reasons
        people = People(mix: People.usual)
        day = people.alarm(&drift, days: 3, from: 5, &random)
        #expect(day == nil)
        #expect(drift.reasons == reasons)
        #expect(try #require(drift.score) < 0.2)
    }

    @Test func `is kept as it is`() throws {
        var random = SplitMix64(seed: 2)
        var drift = Self.fresh()
        #expect(DriftFigures(stored: drift.stored) == drift)
        var people = People(mix: People.usual, perDay: 700)
        var day = people.alarm(&drift, days: 4, from: 0, &random)
        #expect(day == nil)
        people.unsure = 0.7
        day = people.alarm(&drift, days: 2, from: 4, &random)
        #expect(day != nil)
        drift.count(3, isSure: false)
        drift.hasTrained = true
        #expect(DriftFigures(stored: drift.stored) == drift)
        #expect(JSON(stored: drift.stored.description).flatMap { DriftFigures(stored: $0) } == drift)
        #expect(DriftFigures(stored: ["version": 1]) == nil)
    }

    @Test(arguments: ["-9223372036854775808", "-1", "9223372036854775807", "1e300", "\"1\""])
    func `takes nothing from what nobody stored`(number: String) throws {
        let stored = Self.fresh(2).stored.description
        for name in ["began", "window_began", "unsure"] {
            let changed = stored.replacing(try Regex("\"\(name)\":-?[0-9]+"), with: "\"\(name)\":\(number)")
            #expect(changed != stored)
            #expect(JSON(stored: changed).flatMap { DriftFigures(stored: $0) } == nil, "\(name)")
        }
    }

    @Test func `goes on after the clock was ahead`() {
        var drift = Self.fresh(2)
        for _ in 0..<5_000 { drift.count(0, isSure: true) }
        _ = drift.look(at: moment(20_000))
        for _ in 0..<5_000 { drift.count(0, isSure: true) }
        _ = drift.look(at: moment(1))
        for _ in 0..<5_000 { drift.count(1, isSure: true) }
        let isAlarmed = drift.look(at: moment(3))
        #expect(isAlarmed)
    }

    @Test func `needs a day and enough answers`() {
        var drift = Self.fresh(2)
        func alarms(_ time: Timestamp) -> Bool { drift.look(at: time) }
        for _ in 0..<5_000 { drift.count(0, isSure: true) }
        #expect(!alarms(Timestamp(microseconds: 3_600_000_000)))
        #expect(drift.first == nil)
        #expect(!alarms(moment(1)))
        #expect(drift.first?.answers == 5_000)
        for _ in 0..<499 { drift.count(1, isSure: false) }
        #expect(!alarms(moment(40)))
        drift.count(1, isSure: false)
        #expect(alarms(moment(40)))
    }

    @Test func `has at most a tenth of a window from one account, in every window`() async throws {
        let world = try TestWorld()
        let user = Client(try await world.engine())
        /// The number of messages that count since the last time.
        func counted() -> Int {
            var sum = 0
            user.engine.telemetry.withTallies { tally in
                sum += tally.answers
                var taken = IntentTally(
                    version: tally.version,
                    threshold: tally.threshold,
                    intents: tally.intents.count
                )
                taken.take(from: &tally)
            }
            return sum
        }
        for _ in 0..<120 { _ = try await user.chat("where is my parcel") }
        #expect(counted() == DriftFigures.windowAnswers / 10)
        let admin = user.other(uid: 0, role: .admin)
        for _ in 0..<120 { _ = try await admin.chat("where is my parcel") }
        #expect(counted() == 120)
        user.engine.telemetry.beginWindow()
        for _ in 0..<120 { _ = try await user.chat("where is my parcel") }
        #expect(counted() == DriftFigures.windowAnswers / 10)
    }
}
