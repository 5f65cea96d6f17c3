import Statistics

/// How good a model is on labelled rows. Shares are 0…1.
package struct Evaluation: Sendable, Equatable {
    package struct Intent: Sendable, Equatable {
        package var intent: String
        package var precision: Double
        package var recall: Double
        package var f1: Double
        /// Rows of this intent.
        package var support: Int
    }

    package struct Confusion: Sendable, Equatable {
        package var from: String
        package var to: String
        package var count: Int
    }

    package struct RiskPoint: Sendable, Equatable {
        /// Share of in-scope rows that are answered.
        package var coverage: Double
        /// Share of wrong ones among them.
        package var risk: Double
    }

    /// All rows, out-of-scope ones too.
    package var rows: Int
    /// In-scope rows, which all but the `oos` figures are about. An intent that the model lacks counts as wrong.
    package var inScopeRows: Int
    package var accuracy: Double
    /// Mean F1 of the intents that have rows or predictions.
    package var macroF1: Double
    /// Expected calibration error of the top confidence, 15 equal-width bins.
    package var ece: Double
    /// Mean negative log-likelihood of the true intent, in nats.
    package var nll: Double
    /// Probability that an in-scope row has a higher scope score than an out-of-scope one; nil without both.
    package var oosAUROC: Double?
    /// Share of out-of-scope rows with `inScope` false; nil without such rows.
    package var oosRecall: Double?
    /// Share of out-of-scope rows among those with `inScope` false; nil without out-of-scope rows or such answers.
    package var oosPrecision: Double?
    /// From which confidence the model answers; nil if it does not.
    package var threshold: Double?
    /// Share of in-scope rows answered at the threshold.
    package var coverage: Double
    /// Accuracy of those; nil if there are none.
    package var selectiveAccuracy: Double?
    /// By name, ascending.
    package var intents: [Intent]
    /// By falling count, then by names.
    package var confusions: [Confusion]
    /// At 5 %, 10 %, … 100 % of the in-scope rows, most confident first.
    package var riskCoverage: [RiskPoint]
}

/// One row's outcome, in the order of the examples: what paired comparisons and the figures are made from.
package struct RowPrediction: Sendable, Equatable {
    package var prediction: Prediction
    /// Position of the true intent in `Model.intents`, nil if the row is out of scope or the model lacks the intent.
    package var expected: Int?
    package var isOutOfScope: Bool
    /// Whether the model's answer is the true intent; false for out-of-scope rows.
    package var isRight: Bool
    /// Calibrated probability of the true intent; 0 where `expected` is nil.
    package var probability: Float
    /// Whether the model alone may answer.
    package var isAnswered: Bool
}

/// Predicts every row once.
package func predictions(of model: Model, on examples: [Example]) -> [RowPrediction] {
    let number = Dictionary(uniqueKeysWithValues: model.intents.enumerated().map { ($1, $0) })
    var workspace = Workspace()
    return examples.map { example in
        let prediction = model.predict(example.text, top: 1, workspace: &workspace)
        let isOutOfScope = example.intent == outOfScopeIntent
        let expected = isOutOfScope ? nil : number[example.intent]
        return RowPrediction(
            prediction: prediction,
            expected: expected,
            isOutOfScope: isOutOfScope,
            isRight: expected == prediction.intent,
            probability: expected.map { workspace.probabilities[$0 / 8][$0 % 8] } ?? 0,
            isAnswered: model.answers(prediction)
        )
    }
}

/// All figures of `model` on `examples`.
package func evaluate(_ model: Model, on examples: [Example]) -> Evaluation {
    Evaluation(model: model, examples: examples, predictions: predictions(of: model, on: examples))
}

extension Evaluation {
    /// From predictions made before; as many as examples and in their order.
    package init(model: Model, examples: [Example], predictions: [RowPrediction]) {
        let inside = predictions.filter { !$0.isOutOfScope }
        let outside = predictions.filter(\.isOutOfScope)
        let count = Double(max(inside.count, 1))
        rows = predictions.count
        inScopeRows = inside.count
        accuracy = Double(inside.count(where: \.isRight)) / count
        ece = Reliability.expectedError(inside)
        nll = inside.reduce(0) { $0 - Portable.log(max(Double($1.probability), 1e-30)) } / count
        oosAUROC = areaUnderROC(
            positives: inside.map(\.prediction.scopeScore),
            negatives: outside.map(\.prediction.scopeScore)
        )
        let refused = predictions.filter { !$0.prediction.inScope }
        let caught = refused.count(where: \.isOutOfScope)
        oosRecall = outside.isEmpty ? nil : Double(caught) / Double(outside.count)
        oosPrecision = outside.isEmpty || refused.isEmpty ? nil : Double(caught) / Double(refused.count)
        threshold = model.threshold.value.map(Double.init)
        let answered = inside.filter(\.isAnswered)
        coverage = Double(answered.count) / count
        selectiveAccuracy =
            answered.isEmpty ? nil : Double(answered.count(where: \.isRight)) / Double(answered.count)
        riskCoverage = Reliability.riskCoverage(inside)
        (intents, confusions) = Confusions.count(model: model, examples: examples, predictions: predictions)
        macroF1 = intents.isEmpty ? 0 : intents.reduce(0) { $0 + $1.f1 } / Double(intents.count)
    }
}
