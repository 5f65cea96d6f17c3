import Statistics

/// The quality of a model on labelled rows. All shares are 0…1.
///
///     let evaluation = evaluate(model, on: examples)
///     evaluation.accuracy  // the share of in-scope rows whose intent is right
package struct Evaluation: Sendable, Equatable {
    /// The figures of one intent, over the in-scope rows.
    package struct Intent: Sendable, Equatable {
        package var intent: String
        package var precision: Double
        package var recall: Double
        package var f1: Double
        /// The number of rows of this intent.
        package var support: Int
    }

    /// How many rows of one intent were taken for another.
    package struct Confusion: Sendable, Equatable {
        package var from: String
        package var to: String
        package var count: Int
    }

    /// A point of the risk-coverage curve.
    package struct RiskPoint: Sendable, Equatable {
        /// The share of in-scope rows that are answered.
        package var coverage: Double
        /// The share of wrong answers among them.
        package var risk: Double
    }

    /// The rows of about the same confidence.
    package struct Bin: Sendable, Equatable {
        /// The mean confidence, 0…1.
        package var confidence: Double
        /// The share of right answers.
        package var accuracy: Double
        package var rows: Int
    }

    /// The number of all rows, out-of-scope ones included.
    package var rows: Int
    /// The number of in-scope rows, to which all but the `oos` figures refer. An intent that the model lacks counts as
    /// wrong.
    package var inScopeRows: Int
    package var accuracy: Double
    /// The mean F1 of the intents that have rows or predictions.
    package var macroF1: Double
    /// The expected calibration error of the top confidence, over 15 equal-width bins.
    package var ece: Double
    /// The mean negative log-likelihood of the true intent, in nats.
    package var nll: Double
    /// The probability that an in-scope row has a higher scope score than an out-of-scope one; nil unless there are both.
    package var oosAUROC: Double?
    /// The share of out-of-scope rows with `inScope` false; nil without out-of-scope rows.
    package var oosRecall: Double?
    /// The share of out-of-scope rows among those with `inScope` false; nil without out-of-scope rows, and if `inScope`
    /// is true everywhere.
    package var oosPrecision: Double?
    /// The lowest confidence that the model answers; nil if it answers none.
    package var threshold: Double?
    /// The share of in-scope rows answered at the threshold.
    package var coverage: Double
    /// The accuracy on the answered in-scope rows; nil if there are none.
    package var selectiveAccuracy: Double?
    /// The number of answered rows, out-of-scope ones included, and of the right ones among them.
    package var (answered, answeredRight): (Int, Int)
    /// The figures of each intent, by name, ascending.
    package var intents: [Intent]
    /// All confusions, by falling count, then by names.
    package var confusions: [Confusion]
    /// The risk at 5 %, 10 %, … 100 % of the in-scope rows, the most confident first.
    package var riskCoverage: [RiskPoint]
    /// How often the in-scope rows are right, by confidence, ascending.
    package var reliability: [Bin] = []
}

/// The outcome of one row, from which the figures and paired comparisons are made.
package struct RowPrediction: Sendable, Equatable {
    package var prediction: Prediction
    /// The position of the true intent in `Model.intents`; nil if the row is out of scope or the model lacks the intent.
    package var expected: Int?
    package var isOutOfScope: Bool
    /// Whether the model's answer is the true intent; false for out-of-scope rows.
    package var isRight: Bool
    /// The calibrated probability of the true intent; 0 if `expected` is nil.
    package var probability: Float
    /// Whether the model alone may answer.
    package var isAnswered: Bool
}

/// Predicts every row once. The outcomes are in the order of the examples.
package func predictions(of model: Model, on examples: [Example]) -> [RowPrediction] {
    let number = Dictionary(model.intents.enumerated().map { ($1, $0) }) { first, _ in first }
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

/// Evaluates `model` on `examples`.
package func evaluate(_ model: Model, on examples: [Example]) -> Evaluation {
    Evaluation(model: model, examples: examples, predictions: predictions(of: model, on: examples))
}

extension Evaluation {
    /// Makes the figures from the outcomes of ``predictions(of:on:)`` on the same examples.
    package init(model: Model, examples: [Example], predictions: [RowPrediction]) {
        let inside = predictions.filter { !$0.isOutOfScope }
        let outside = predictions.filter(\.isOutOfScope)
        let count = Double(max(inside.count, 1))
        rows = predictions.count
        inScopeRows = inside.count
        accuracy = Double(inside.count(where: \.isRight)) / count
        reliability = Reliability.bins(inside)
        ece = Reliability.expectedError(reliability)
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
        self.answered = predictions.count(where: \.isAnswered)
        answeredRight = predictions.count { $0.isAnswered && $0.isRight }
        riskCoverage = Reliability.riskCoverage(inside)
        (intents, confusions) = Confusions.count(model: model, examples: examples, predictions: predictions)
        macroF1 = intents.isEmpty ? 0 : intents.reduce(0) { $0 + $1.f1 } / Double(intents.count)
    }
}
