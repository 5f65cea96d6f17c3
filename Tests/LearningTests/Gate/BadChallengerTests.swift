import Statistics
import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Classifier
@testable import Learning

/// Challengers that are worse in one way, which the gate has to find and to name, and harmless ones, which it has to
/// leave alone.
@Suite struct `A challenger` {
    private let town = Town()
    private let tests: [DataRow]

    init() { tests = town.rows(.test, 25, seed: 900) }

    private func model(_ rows: [DataRow], _ settings: Settings = Settings(threshold: 0.5)) async throws -> Model {
        try await Trainer.train(VersionBuilder.examples(rows, .train), validation: [], settings: settings)
    }

    private func training(seed: UInt64 = 1) -> [DataRow] { town.rows(.train, 40, seed: seed) }

    private func judge(
        _ challenger: Model,
        _ champion: Model,
        golden: [DataRow] = [],
        behaviour: Behaviour = Behaviour(),
        clock: Clock = ManualClock().clock
    ) -> Gate.Verdict {
        Gate(tests: tests, golden: GoldenFile(golden), behaviour: BehaviourFile(behaviour), clock: clock)
            .verdict(challenger: challenger, champion: champion)
    }

    /// The same model with another calibration.
    private func changed(_ model: Model, _ change: (inout Calibration) -> Void) -> Model {
        var calibration = model.calibration
        change(&calibration)
        return Model(
            intents: model.intents,
            groups: model.groups,
            withheld: model.withheld,
            settings: model.settings,
            space: model.space,
            weights: model.weights,
            bias: model.bias,
            calibration: calibration
        )
    }

    @Test func `with one intent broken fails that intent's recall and no other`() async throws {
        let rows = training()
        var broken = rows
        // All but a few rows of one intent bear another one's name.
        for (number, index) in rows.indices.filter({ rows[$0].intent == "intent03" }).enumerated() where number > 1 {
            broken[index].intent = "intent05"
        }
        let verdict = judge(try await model(broken), try await model(rows))
        #expect(verdict.outcome == .fail)
        let failed = verdict.names(of: .fail)
        #expect(failed.filter { $0.hasPrefix("recall:") } == ["recall:intent03"])
        #expect(Set(failed).isSubset(of: ["recall:intent03", "accuracy", "ece"]))
        let check = try #require(verdict["recall:intent03"])
        #expect(check.value < -0.5 && check.limit == -0.05 && (check.high ?? 0) < -0.05)
        #expect(check.message.contains("proven"))
        #expect(verdict.broken.contains { $0.intent == "intent03" })
    }

    /// 0.2 makes everything certain, 6 nothing.
    @Test(arguments: [Float(0.2), 6])
    func `whose confidences are ruined fails the calibration alone`(factor: Float) async throws {
        let champion = try await model(training())
        let challenger = changed(champion) { $0.temperature *= factor }
        let verdict = judge(challenger, champion)
        #expect(verdict.names(of: .fail) == ["ece"])
        #expect(verdict["ece"]?.limit == 0.02)
        #expect(verdict["accuracy"]?.value == 0)
        // And the way back is an improvement.
        #expect(judge(champion, challenger).outcome == .pass)
    }

    @Test func `that no longer knows what is out of scope fails that alone`() async throws {
        let champion = try await model(training())
        // What the model knows speaks against a text now.
        let verdict = judge(changed(champion) { $0.knownWords = -60 }, champion)
        #expect(verdict.names(of: .fail) == ["oos_auroc"])
        #expect(verdict["oos_auroc"]?.limit == -0.01)
        #expect((verdict["oos_auroc"]?.high ?? 0) < -0.01)
    }

    @Test func `that gets a golden case wrong fails that alone`() async throws {
        let champion = try await model(training())
        let golden = [
            DataRow(text: town.text(of: 1), intent: "intent01"), DataRow(text: town.text(of: 2), intent: "intent04"),
        ]
        let verdict = judge(champion, champion, golden: golden)
        #expect(verdict.names(of: .fail) == ["golden"])
        #expect(verdict.goldenMissed == [golden[1]])
        #expect(verdict["golden"]?.value == 1 && verdict["golden"]?.limit == 2)
    }

    @Test func `of twice the size fails that alone`() async throws {
        let city = Town(intents: 30)
        let rows = city.rows(.train, 40, seed: 1)
        var settings = Settings(threshold: 0.5)
        let champion = try await model(rows, settings)
        settings.features.characters = 1...9
        settings.features.minimumRows = 1
        let challenger = try await model(rows, settings)
        let gate = Gate(tests: city.rows(.test, 20, seed: 900), clock: ManualClock().clock)
        let verdict = gate.verdict(challenger: challenger, champion: champion)
        #expect(verdict.names(of: .fail) == ["size"])
        let check = try #require(verdict["size"])
        #expect(check.value > check.limit ?? .infinity)
        #expect(check.limit == (Double(champion.serialized().count) * 1.5).rounded(.down))
        #expect(gate.verdict(challenger: champion, champion: challenger)["size"]?.outcome == .pass)
        #expect(gate.verdict(challenger: challenger, champion: nil)["size"]?.limit == nil)
        // With twice the intents it may have twice as much.
        let larger = try await model(Town(intents: 60).rows(.train, 30, seed: 1), Settings(threshold: 0.5))
        let grown = try #require(gate.verdict(challenger: larger, champion: champion)["size"])
        #expect(grown.outcome == .pass && grown.value > check.limit ?? .infinity)
        // Below a quarter of a megabyte nobody needs to count.
        let (small, smaller) = (try await model(training()), try await model(town.rows(.train, 3, seed: 1)))
        #expect(small.serialized().count * 2 > smaller.serialized().count * 3)
        #expect(judge(small, smaller)["size"]?.outcome == .pass)
    }

    @Test func `that breaks a must or a must_not fails that alone`() async throws {
        let champion = try await model(training())
        var behaviour = Behaviour()
        behaviour.must = [.init(town.text(of: 1), "intent01"), .init(town.text(of: 2), "intent06")]
        behaviour.mustNot = [.init(town.text(of: 3), "intent03"), .init(town.text(of: 3), "intent04")]
        let verdict = judge(champion, champion, behaviour: behaviour)
        #expect(verdict.names(of: .fail) == ["behaviour"])
        #expect(verdict.behaviourMissed.map(\.kind) == [.must, .mustNot])
        #expect(verdict.behaviourMissed.map(\.got) == ["intent02", "intent03"])
        #expect(verdict["behaviour"]?.value == 2 && verdict["behaviour"]?.limit == 4)
    }

    @Test func `that small changes to a text confuse fails the invariance alone`() async throws {
        let champion = try await model(training())
        // Whole words only: a typo or a comma makes them strange.
        var settings = Settings(threshold: 0.5)
        settings.features.characters = nil
        let challenger = try await model(training(), settings)
        var behaviour = Behaviour()
        behaviour.perturbations = [.typo]
        behaviour.invariance = (0..<40).map { .init(town.word(of: $0 % 8, $0 / 8), "intent0\($0 % 8)") }
        let gate = Gate(tests: [], behaviour: BehaviourFile(behaviour), clock: ManualClock().clock)
        let verdict = gate.verdict(challenger: challenger, champion: champion)
        #expect(verdict.names(of: .fail) == ["behaviour:invariance"])
        #expect(verdict.behaviourMissed.allSatisfy { $0.kind == .invariance })
        // With nobody to compare with, the floor speaks.
        let alone = gate.verdict(challenger: challenger, champion: nil)
        #expect(alone["behaviour:invariance"]?.limit == 0.9)
        #expect(alone["behaviour:invariance"]?.outcome == .fail)
        // Below the floor and no worse than the champion is for a person to decide.
        #expect(gate.verdict(challenger: challenger, champion: challenger).outcome == .borderline)
    }

    @Test func `that words move the wrong way is found by the direction`() async throws {
        let champion = try await model(training())
        var behaviour = Behaviour()
        behaviour.direction = (0..<24).map {
            .init(town.text(of: 0), adding: town.text(of: 1, $0), raises: true, "intent01")
        }
        #expect(judge(champion, champion, behaviour: behaviour).outcome == .pass)
        for index in behaviour.direction.indices.prefix(20) { behaviour.direction[index].raises = false }
        let verdict = judge(champion, champion, behaviour: behaviour)
        #expect(verdict["behaviour:direction"]?.outcome == .borderline)
        #expect(verdict.behaviourMissed.count == 20)
    }

    /// A clock by which the challenger's turns take `challenger` and the champion's `champion` nanoseconds.
    private func turns(_ challenger: UInt64, _ champion: UInt64, stall: @escaping @Sendable (Int) -> UInt64) -> Clock {
        let state = Mutex((looks: 0, now: UInt64(0)))
        var clock = ManualClock().clock
        clock.monotonic = {
            state.withLock { state in
                defer { state.looks += 1 }
                guard !state.looks.isMultiple(of: 2) else { return state.now }
                let turn = state.looks / 2
                // The order of the two changes from round to round.
                let isChallenger = (turn % 2 == 0) == ((turn / 2) % 2 == 0)
                state.now += (isChallenger ? challenger : champion) + stall(turn)
                return state.now
            }
        }
        return clock
    }

    @Test func `that is too slow fails that alone, and a busy machine fails nobody`() async throws {
        let champion = try await model(training())
        let slow = judge(champion, champion, clock: turns(2_500, 1_000) { _ in 0 })
        #expect(slow.names(of: .fail) == ["latency"])
        #expect(slow["latency"]?.value == 2.5)
        // Two turns in five are interrupted for a long time, whoever's they are.
        for seed in 0..<50 {
            let stalls = judge(
                champion,
                champion,
                clock: turns(1_000, 1_000) { turn in
                    SplitMix64.mix(UInt64(seed * 1_000 + turn)) % 5 < 2 ? 50_000 : 0
                }
            )
            #expect(stalls["latency"]?.outcome == .pass)
        }
        #expect(judge(champion, champion, clock: turns(2_050, 1_000) { $0 % 3 == 0 ? 90 : 0 }).outcome >= .borderline)
    }

    /// Version after version of the same data and a little more, and of other data of the same kind: some get better,
    /// some worse, none is broken.
    @Test(arguments: [true, false])
    func `that is no worse on purpose is refused as seldom as promised`(withMore: Bool) async throws {
        var (refused, waiting) = (0, 0)
        for seed in UInt64(1)...60 {
            let rows = training(seed: seed)
            let other = withMore ? rows + town.rows(.train, 4, seed: 10_000 + seed) : training(seed: 20_000 + seed)
            let verdict = judge(try await model(other), try await model(rows))
            if verdict.outcome == .fail { refused += 1 }
            if verdict.outcome == .borderline { waiting += 1 }
        }
        #expect(refused <= 3, "\(refused) refused, \(waiting) borderline of 60")
    }
}
