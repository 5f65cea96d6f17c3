import Text

/// The confidence from which on an answer may be given locally.
package enum Threshold: Sendable, Equatable {
    /// A threshold with a proven precision. `coverage` is the share of in-scope calibration rows that reach `value` and
    /// are found in scope. `precision` is the lower bound that was proven for all answered rows, with out-of-scope ones
    /// counted as wrong. All are 0…1.
    case proven(value: Float, coverage: Double, precision: Double)
    /// No threshold could be proven, and nothing is answered locally. About `rowsNeeded` calibration rows would prove one.
    case unproven(rowsNeeded: Int)
    /// The threshold that the settings ask for.
    case fixed(Float)

    /// The lowest confidence that is answered; nil if none is.
    package var value: Float? {
        switch self {
        case .proven(let value, _, _), .fixed(let value): value
        case .unproven: nil
        }
    }
}

/// The numbers that turn raw scores into probabilities and decisions.
struct Calibration: Sendable, Equatable {
    /// The number by which scores are divided before the softmax.
    var temperature: Float = 1
    /// The factor of the share of known word n-grams in the scope score.
    var knownWords: Float = 0
    /// The factor of the share of known character n-grams in the scope score.
    var knownCharacters: Float = 0
    /// The scope score below which a text is out of scope.
    var outOfScopeCut: Float = 0
    var threshold = Threshold.unproven(rowsNeeded: 0)
}

/// A trained classifier: immutable, complete, and a function of its file's bytes alone. It is a class so that the event
/// loops share one copy of the weights.
///
///     let model = try await Trainer.train(examples)
///     let same = try Model(safetensors: model.serialized())
package final class Model: Sendable {
    /// The names of the classes, ascending by their UTF-8 bytes. A `Prediction` holds positions in this array.
    package let intents: [String]
    package let settings: Settings
    package var threshold: Threshold { calibration.threshold }
    package var outOfScopeCut: Float { calibration.outOfScopeCut }
    package var temperature: Float { calibration.temperature }
    package var featureCount: Int { space.count }

    let space: FeatureSpace
    /// Features × chunks vectors, with 0 for padded classes. A second, dense block would stand beside it: scores are sums
    /// over blocks.
    let weights: [Float8]
    /// The amount that the bias feature adds to the score of each class: `chunks` vectors.
    let bias: [Float8]
    let calibration: Calibration
    let tokenizer: Tokenizer
    let ngrams: NGrams
    var chunks: Int { bias.count }

    init(
        intents: [String],
        settings: Settings,
        space: FeatureSpace,
        weights: [Float8],
        bias: [Float8],
        calibration: Calibration
    ) {
        (self.intents, self.settings, self.space) = (intents, settings, space)
        (self.weights, self.bias, self.calibration) = (weights, bias, calibration)
        tokenizer = Tokenizer(settings.features.text)
        ngrams = NGrams(settings.features)
    }
}
