import Classifier
import Statistics
import Synchronization
import Testing

@Suite struct TrainerTests {
    private func train(_ examples: [Example], _ validation: [Example] = [], threads: Int = 2) async throws -> Model {
        try await Trainer.train(examples, validation: validation, threads: threads)
    }

    @Test func `what it was trained on it knows`() async throws {
        let examples = Samples.examples(perIntent: 30)
        let model = try await train(examples)
        let evaluation = evaluate(model, on: examples)
        #expect(model.intents == Samples.intents)
        #expect(evaluation.accuracy > 0.99)
    }

    @Test func `the same bytes with 1, 2 and 7 threads`() async throws {
        let examples = Samples.examples(perIntent: 25) + Samples.outOfScope
        let validation = Samples.examples(perIntent: 10, seed: 9)
        let one = try await train(examples, validation, threads: 1).serialized()
        #expect(try await train(examples, validation, threads: 2).serialized() == one)
        #expect(try await train(examples, validation, threads: 7).serialized() == one)
    }

    @Test(arguments: [(2, 1), (2, 2), (2, 5), (3, 1), (4, 3)])
    func `few rows are enough for a model`(intents: Int, rows: Int) async throws {
        let names = Array(Samples.intents.prefix(intents))
        let examples = Samples.examples(perIntent: rows, intents: names)
        let model = try await train(examples)
        #expect(evaluate(model, on: examples).accuracy == 1)
        // So few rows do not even give an estimate, and it says how many groups might.
        guard case .unproven(.some(let missing)) = model.threshold else {
            Issue.record("\(examples.count) rows gave \(model.threshold)")
            return
        }
        #expect(missing >= 27 - examples.count && missing < 10_000)
        #expect(try Model(safetensors: model.serialized()).serialized() == model.serialized())
    }

    @Test func `two spellings of one name in Unicode are one intent`() async throws {
        let examples = Samples.examples(perIntent: 12, intents: Array(Samples.intents.prefix(3)))
        let names = ["gr\u{F6}\u{DF}e", "gro\u{308}\u{DF}e", "grund"]
        let spelled = examples.map { example in
            let place = Samples.intents.firstIndex(of: example.intent) ?? 0
            return Example(text: example.text, intent: names[place])
        }
        let model = try await train(spelled)
        #expect(Set(model.intents) == ["gr\u{F6}\u{DF}e", "grund"])
        #expect(model.intents.count == 2)
    }

    @Test func `texts without any word can be trained on`() async throws {
        let examples = ["", "?", "!", "   "].enumerated().map { Example(text: $1, intent: $0 % 2 == 0 ? "a" : "b") }
        let model = try await train(examples)
        var workspace = Workspace()
        #expect(model.predict("??", workspace: &workspace).confidence >= 0.5)
    }

    @Test func `nothing to learn from is an error with a remedy`() async {
        await #expect(throws: TrainingError.noRows) { try await Trainer.train([]) }
        await #expect(throws: TrainingError.noRows) { try await Trainer.train(Samples.outOfScope) }
        await #expect(throws: TrainingError.oneClass("a")) {
            try await Trainer.train([Example(text: "x", intent: "a"), Example(text: "y", intent: "a")])
        }
        for weight in [Float.nan, .infinity, 0, -1] {
            await #expect(throws: TrainingError.badWeight(row: 1)) {
                try await Trainer.train([
                    Example(text: "x", intent: "a"), Example(text: "y", intent: "b", weight: weight),
                ])
            }
        }
        await #expect(throws: TrainingError.badSetting("cost must be above 0")) {
            try await Trainer.train(Samples.examples(perIntent: 2), settings: Settings(cost: 0))
        }
        #expect(!TrainingError.noRows.remedy.isEmpty)
    }

    @Test func `cancelling ends it`() async {
        let task = Task {
            try await Trainer.train(
                Samples.examples(perIntent: 80),
                settings: Settings(gap: 1e-12, maximumEpochs: 1_000_000)
            )
        }
        task.cancel()
        await #expect(throws: TrainingError.cancelled) { try await task.value }
    }

    @Test func `progress rises to 1`() async throws {
        let seen = Mutex<[TrainingProgress]>([])
        _ = try await Trainer.train(Samples.examples(perIntent: 20), threads: 2) { progress in
            seen.withLock { $0.append(progress) }
        }
        let steps = seen.withLock { $0 }
        #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.fraction <= $1.fraction })
        #expect(steps.first?.fraction == 0 && steps.last?.fraction == 1)
        #expect(Set(steps.map(\.step)) == ["features", "fit", "folds", "calibrate", "done"])
        #expect(steps.last?.gap ?? 1 <= 0.001)
    }

    @Test func `one contrary row of weight 10 does not overturn hundreds`() async throws {
        let examples = Samples.examples(perIntent: 90)
        let contrary = examples.first { $0.intent == "delivery" }
        let text = try #require(contrary?.text)
        let clean = try await train(examples)
        let model = try await train(examples + [Example(text: text, intent: "refund", weight: 10)])
        let others = Samples.examples(perIntent: 90, intents: ["delivery"]).filter { $0.text != text }
        #expect(evaluate(model, on: others).accuracy >= evaluate(clean, on: others).accuracy - 0.02)
    }

    @Test func `a corrected text comes out right`() async throws {
        let examples = Samples.examples(perIntent: 60)
        let before = try await train(examples)
        var workspace = Workspace()
        for text in [
            "my parcel is not what i want send the cash", "the shop van was late on sunday", "Grüße, zurück damit!",
        ] {
            let wrong = before.intents[before.predict(text, workspace: &workspace).intent]
            for intent in Samples.intents where intent != wrong {
                let model = try await train(examples + [Example(text: text, intent: intent, weight: 10)])
                let after = model.predict(text, workspace: &workspace)
                #expect(model.intents[after.intent] == intent, "\(text)")
                #expect(evaluate(model, on: examples).accuracy > 0.98)
            }
        }
    }

    @Test func `rows of a new intent are learned beside large ones`() async throws {
        let examples =
            Samples.examples(perIntent: 80)
            + ["do you sell gift cards", "gift card please", "a voucher as a present"].map {
                Example(text: $0, intent: "gift")
            }
        let model = try await train(examples)
        var workspace = Workspace()
        let prediction = model.predict("i want to buy a gift card", workspace: &workspace)
        #expect(model.intents[prediction.intent] == "gift")
    }

    @Test func `of an intent with one group nothing is answered, nor is it evidence of anything`() async throws {
        // Every text of the intent says the same in other numbers.
        let alike = (0..<60).map { Example(text: "gift card number\($0) please", intent: "gift", group: 7) }
        let others = Samples.examples(perIntent: 60)
        let (model, without) = (try await train(others + alike), try await train(others))
        let place = try #require(model.intents.firstIndex(of: "gift"))
        #expect(model.groups[place] == 1)
        #expect(model.withheld.enumerated().allSatisfy { $1 == ($0 == place) })
        #expect(without.withheld == [false, false, false, false])
        var workspace = Workspace()
        let prediction = model.predict("gift card number7 please", workspace: &workspace)
        #expect(prediction.intent == place && prediction.isWithheld && !model.answers(prediction))
        let again = try Model(safetensors: model.serialized())
        #expect(again.groups == model.groups && again.withheld == model.withheld)
        #expect(again.serialized() == model.serialized())
    }

    @Test func `intents that are withheld are learnt, and not answered`() async throws {
        let model = try await Trainer.train(Samples.examples(perIntent: 40), withheld: ["refund"], threads: 2)
        #expect(zip(model.intents, model.withheld).filter(\.1).map(\.0) == ["refund"])
        var workspace = Workspace()
        let prediction = model.predict("where is my refund", workspace: &workspace)
        #expect(model.intents[prediction.intent] == "refund" && prediction.isWithheld)
        #expect(!prediction.isSure(threshold: 0))
    }

    @Test func `out-of-scope rows are never a class`() async throws {
        let model = try await train(Samples.examples(perIntent: 40) + Samples.outOfScope, Samples.outOfScope)
        #expect(!model.intents.contains(outOfScopeIntent))
    }

    @Test func `enough good rows prove a threshold, and a wanted one is taken`() async throws {
        let examples = Samples.examples(perIntent: 90)
        let model = try await train(examples)
        guard case .proven(let value, let coverage, let precision) = model.threshold else {
            Issue.record("not proven: \(model.threshold)")
            return
        }
        #expect(value > 0 && value <= 1 && coverage > 0 && coverage <= 1 && precision >= 0.95)
        let fixed = try await Trainer.train(examples, settings: Settings(threshold: 0.7))
        #expect(fixed.threshold == .fixed(0.7))
        let unreachable = try await Trainer.train(examples, settings: Settings(targetPrecision: 0.99999))
        #expect(unreachable.threshold.value == nil)
    }

    @Test func `out-of-scope rows count as wrong answers in the proof`() async throws {
        let examples = Samples.examples(perIntent: 90)
        // What looks in scope but is not takes the proof away. A text that was learnt would be no evidence.
        let lures = Samples.examples(perIntent: 60, seed: 5).map {
            Example(text: $0.text + " thanks", intent: outOfScopeIntent)
        }
        let honest = try await train(examples)
        let lured = try await train(examples, lures)
        guard case .proven = honest.threshold else {
            Issue.record("not proven: \(honest.threshold)")
            return
        }
        if case .proven = lured.threshold { Issue.record("proven although half of the answers would be wrong") }
    }
}
