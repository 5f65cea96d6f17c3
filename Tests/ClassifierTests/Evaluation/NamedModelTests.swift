import Classifier
import Testing

/// A model whose classes are called otherwise than when it was trained.
@Suite struct NamedModelTests {
    private static func model() async throws -> Model {
        try await Trainer.train(Samples.examples(perIntent: 30) + Samples.outOfScope)
    }

    private func texts() -> [String] { Samples.examples(perIntent: 40, seed: 7).map(\.text) + ["hello", ""] }

    @Test func `says the new name with the same figures and the same bytes`() async throws {
        let model = try await Self.model()
        let named = model.named(model.classes.map { $0 == "refund" ? "money back" : $0 })
        #expect(named.classes == model.intents && named.intents == ["account", "delivery", "hours", "money back"])
        #expect(named.serialized() == model.serialized())
        var (one, other) = (Workspace(), Workspace())
        for text in texts() {
            #expect(model.predict(text, top: 4, workspace: &one) == named.predict(text, top: 4, workspace: &other))
            #expect(one.ranked == other.ranked)
        }
        #expect(named.explain("my refund please").intent == "money back")
    }

    @Test func `with the names that it has is itself`() async throws {
        let model = try await Self.model()
        #expect(model.named(model.classes) === model)
        let named = model.named(model.classes.map { $0 + "!" })
        #expect(named.named(model.classes.map { $0 + "!" }) === named)
        #expect(named.named(model.classes).intents == model.intents)
    }

    @Test func `adds up the probabilities of classes that became one`() async throws {
        let model = try await Self.model()
        let merged = model.named(model.classes.map { $0 == "refund" || $0 == "account" ? "money" : $0 })
        var (one, other) = (Workspace(), Workspace())
        var differing = 0
        for text in texts() {
            let before = model.predict(text, top: 4, workspace: &one)
            let after = merged.predict(text, top: 4, workspace: &other)
            let parts = one.ranked.filter { ["refund", "account"].contains(model.intents[$0.intent]) }
            let money = parts.reduce(0) { $0 + $1.confidence }
            // Each name stands in the list once, and the probabilities are a whole.
            #expect(other.ranked.count == 3)
            #expect(Set(other.ranked.map { merged.intents[$0.intent] }) == ["money", "delivery", "hours"])
            #expect(abs(other.ranked.reduce(0) { $0 + $1.confidence } - 1) < 1e-5)
            let sum = try #require(other.ranked.first { merged.intents[$0.intent] == "money" })
            #expect(abs(sum.confidence - money) < 1e-6)
            #expect(other.ranked.map(\.confidence) == other.ranked.map(\.confidence).sorted(by: >))
            #expect(after.scopeScore == before.scopeScore && after.inScope == before.inScope)
            if merged.intents[after.intent] != model.intents[before.intent] { differing += 1 }
        }
        #expect(differing > 0)
    }

    @Test func `counts a row of either class as right`() async throws {
        let model = try await Self.model()
        let merged = model.named(model.classes.map { $0 == "refund" || $0 == "account" ? "money" : $0 })
        let rows = Samples.examples(perIntent: 40, seed: 7)
        let renamed = rows.map { row in
            Example(text: row.text, intent: ["refund", "account"].contains(row.intent) ? "money" : row.intent)
        }
        let (before, after) = (evaluate(model, on: rows), evaluate(merged, on: renamed))
        #expect(after.accuracy >= before.accuracy)
        #expect(after.intents.map(\.intent) == ["delivery", "hours", "money"])
        #expect(after.intents.map(\.support).reduce(0, +) == before.intents.map(\.support).reduce(0, +))
    }

    @Test func `explains the score of the class that weighs most`() async throws {
        let model = try await Self.model()
        let merged = model.named(model.classes.map { $0 == "refund" || $0 == "account" ? "money" : $0 })
        for text in ["my password is wrong", "i want my cash return", "need login now"] {
            let explanation = merged.explain(text)
            #expect(explanation.intent == "money")
            let sum = explanation.contributions.reduce(explanation.bias) { $0 + $1.weight }
            #expect(abs(sum - explanation.logit) < 1e-3)
            #expect(abs(explanation.logit - model.explain(text).logit) < 1e-6)
        }
    }

    @Test func `never answers an intent alone that was removed`() async throws {
        let model = try await Self.model()
        let named = model.named(model.classes.map { $0 == "refund" ? nil : $0 })
        var workspace = Workspace()
        let prediction = named.predict("i want my money back", workspace: &workspace)
        #expect(named.intents[prediction.intent] == "refund" && prediction.isWithheld)
        #expect(!prediction.isSure(threshold: 0))
        #expect(!model.predict("i want my money back", workspace: &workspace).isWithheld)
        #expect(named.serialized() == model.serialized())
    }
}
