import Testing

@testable import Classifier

/// Figures against counting by hand.
@Suite struct EvaluationTests {
    /// A row whose prediction is given.
    private func row(
        _ expected: Int?,
        _ got: Int,
        _ confidence: Float,
        scope: Float = 1,
        outside: Bool = false
    ) -> RowPrediction {
        RowPrediction(
            prediction: Prediction(
                intent: got,
                confidence: confidence,
                logit: 0,
                scopeScore: scope,
                inScope: scope >= 0,
                isWithheld: false
            ),
            expected: expected,
            isOutOfScope: outside,
            isRight: expected == got,
            probability: expected == got ? confidence : (1 - confidence) / 2,
            isAnswered: confidence >= 0.7 && scope >= 0
        )
    }

    private func evaluation() async throws -> Evaluation {
        let names = ["a", "b", "c"]
        let model = try await Trainer.train(
            names.map { Example(text: "text \($0)\($0)", intent: $0) },
            settings: Settings(threshold: 0.7)
        )
        let intents: [String?] = ["a", "a", "a", "b", "b", "d", nil, nil]
        let rows = [
            row(0, 0, 0.9), row(0, 0, 0.8), row(0, 1, 0.6), row(1, 1, 0.95), row(1, 2, 0.5, scope: -1),
            row(nil, 1, 0.4), row(nil, 0, 0.75, outside: true), row(nil, 0, 0.3, scope: -2, outside: true),
        ]
        return Evaluation(
            model: model,
            examples: intents.map { Example(text: "", intent: $0 ?? outOfScopeIntent) },
            predictions: rows
        )
    }

    @Test func `shares`() async throws {
        let found = try await evaluation()
        #expect(found.rows == 8 && found.inScopeRows == 6)
        #expect(found.accuracy == 0.5)
        #expect(found.oosRecall == 0.5 && found.oosPrecision == 0.5)
        // Positives 1,1,1,1,−1,1; negatives 1,−2: five ties and six wins of twelve.
        #expect(found.oosAUROC == (6 + 5 * 0.5) / 12)
        #expect(found.threshold.map { Float($0) } == 0.7)
        #expect(found.coverage == 0.5)
        #expect(found.selectiveAccuracy == 1)
    }

    @Test func `per intent, with one that the model lacks`() async throws {
        let found = try await evaluation()
        #expect(found.intents.map(\.intent) == ["a", "b", "c", "d"])
        #expect(found.intents.map(\.support) == [3, 2, 0, 1])
        #expect(found.intents.map(\.recall) == [2.0 / 3, 0.5, 0, 0])
        #expect(found.intents.map(\.precision) == [1, 1.0 / 3, 0, 0])
        #expect(abs(found.macroF1 - (0.8 + 0.4) / 4) < 1e-12)
        #expect(
            found.confusions == [
                .init(from: "a", to: "b", count: 1), .init(from: "b", to: "c", count: 1),
                .init(from: "d", to: "b", count: 1),
            ]
        )
    }

    @Test func `calibration error in fifteen bins`() async throws {
        let found = try await evaluation()
        // Bins of .9, .8, .6, .95, .5, .4: only .95 and .9 could meet, and 13.5 and 14.25 do not.
        let expected = (0.1 + 0.2 + 0.6 + 0.05 + 0.5 + 0.4) / 6
        #expect(abs(found.ece - expected) < 1e-6)
        let bins = found.reliability
        #expect(bins.map(\.rows).reduce(0, +) == found.inScopeRows)
        #expect(bins.map(\.confidence) == bins.map(\.confidence).sorted())
        // Those of .4 and .6 are never right, those of .9 always.
        #expect(bins.first?.accuracy == 0 && bins.last?.accuracy == 1)
        let right = bins.reduce(0) { $0 + $1.accuracy * Double($1.rows) }
        #expect(abs(right - found.accuracy * Double(found.inScopeRows)) < 1e-9)
    }

    @Test func `risk falls with coverage`() async throws {
        let found = try await evaluation()
        #expect(found.riskCoverage.count == 20)
        #expect(found.riskCoverage.last == .init(coverage: 1, risk: 0.5))
        #expect(found.riskCoverage.first == .init(coverage: 1.0 / 6, risk: 0))
    }

    @Test func `no rows give no figures and no crash`() async throws {
        let model = try await Trainer.train(Samples.examples(perIntent: 3))
        let found = evaluate(model, on: [])
        #expect(found.rows == 0 && found.accuracy == 0 && found.oosAUROC == nil && found.selectiveAccuracy == nil)
        let outside = evaluate(model, on: Samples.outOfScope)
        #expect(outside.inScopeRows == 0 && outside.oosAUROC == nil && outside.oosRecall != nil)
    }

    @Test func `two models are compared row by row`() async throws {
        let examples = Samples.examples(perIntent: 30)
        let small = try await Trainer.train(Samples.examples(perIntent: 2))
        let large = try await Trainer.train(examples)
        let old = predictions(of: small, on: examples)
        let new = predictions(of: large, on: examples)
        #expect(zip(old, new).count { !$0.isRight && $1.isRight } > zip(old, new).count { $0.isRight && !$1.isRight })
    }
}
