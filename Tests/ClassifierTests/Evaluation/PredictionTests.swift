import Statistics
import Testing

@testable import Classifier

@Suite struct PredictionTests {
    private func model() async throws -> Model {
        try await Trainer.train(Samples.examples(perIntent: 20) + Samples.outOfScope)
    }

    @Test func `any text gives finite numbers and never a crash`() async throws {
        let model = try await model()
        var random = SplitMix64(seed: 11)
        var workspace = Workspace()
        for round in 0..<2_000 {
            let length = random.next(below: round % 50 == 0 ? 3_000 : 60)
            let prediction: Prediction
            if round % 2 == 0 {
                let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                prediction = bytes.withUnsafeBufferPointer { model.predict($0, top: 3, workspace: &workspace) }
            } else {
                let text = Samples.text(&random, length: length)
                prediction = model.predict(text, top: 3, workspace: &workspace)
                _ = model.explain(text)
            }
            #expect(prediction.confidence.isFinite && prediction.logit.isFinite && prediction.scopeScore.isFinite)
            #expect((0...1).contains(prediction.confidence))
            #expect(workspace.ranked.count == 3)
        }
    }

    @Test func `hostile lengths stay finite`() async throws {
        let model = try await model()
        var workspace = Workspace()
        for text in [String(repeating: "a", count: 65_536), String(repeating: "parcel ", count: 20_000), ""] {
            #expect(model.predict(text, workspace: &workspace).confidence.isFinite)
        }
    }

    @Test func `the order of texts does not matter and predicting changes nothing`() async throws {
        let model = try await model()
        let before = model.serialized()
        let texts = Samples.examples(perIntent: 30, seed: 4).map(\.text) + ["", "ü", "zzz qqq"]
        var first = Workspace()
        let forward = texts.map { model.predict($0, top: 2, workspace: &first) }
        var second = Workspace()
        let backward = texts.reversed().map { model.predict($0, top: 2, workspace: &second) }
        #expect(forward == backward.reversed())
        for (text, prediction) in zip(texts, forward) {
            var fresh = Workspace()
            #expect(model.predict(text, workspace: &fresh) == prediction)
        }
        #expect(model.serialized() == before)
    }

    @Test func `a workspace may change models`() async throws {
        let one = try await model()
        let other = try await Trainer.train(Samples.examples(perIntent: 5, intents: ["refund", "hours"]))
        var shared = Workspace()
        for text in ["refund please", "opening hours"] {
            for model in [one, other] {
                var fresh = Workspace()
                let expected = model.predict(text, top: 9, workspace: &fresh)
                #expect(model.predict(text, top: 9, workspace: &shared) == expected)
                #expect(shared.ranked == fresh.ranked)
            }
        }
    }

    @Test func `the best classes come best first and sum to 1 when all are asked for`() async throws {
        let model = try await model()
        var workspace = Workspace()
        let prediction = model.predict("where is my parcel", top: 20, workspace: &workspace)
        let ranked = workspace.ranked
        #expect(ranked.count == 4)
        #expect(ranked.first?.intent == prediction.intent && ranked.first?.confidence == prediction.confidence)
        #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.confidence >= $1.confidence })
        #expect(Set(ranked.map(\.intent)).count == 4)
        #expect(abs(ranked.reduce(0) { $0 + $1.confidence } - 1) < 1e-5)
    }

    @Test func `contributions and bias add up to the logit`() async throws {
        let model = try await model()
        for text in ["where is my parcel", "Refund! refund? REFUND.", "Überweisung zurück", "nothing of it", ""] {
            let explanation = model.explain(text)
            let sum = explanation.contributions.reduce(explanation.bias) { $0 + $1.weight }
            #expect(abs(sum - explanation.logit) < 1e-4)
            let sizes = explanation.contributions.map { abs($0.weight) }
            #expect(sizes == sizes.sorted(by: >))
            var workspace = Workspace()
            let prediction = model.predict(text, workspace: &workspace)
            #expect(explanation.intent == model.intents[prediction.intent])
            #expect(explanation.confidence == prediction.confidence && explanation.logit == prediction.logit)
        }
        let names = model.explain("where is my parcel").contributions.map(\.feature)
        #expect(names.contains("parcel") && names.contains("<s> where"))
        #expect(Set(names).count == names.count)
    }
}
