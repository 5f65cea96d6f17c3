import Text

/// From which confidence on an answer may be given locally.
package enum Threshold: Sendable, Equatable {
    /// `coverage`: share of in-scope calibration rows at or above `value` and in scope. `precision`: the lower bound
    /// that was proven for all answered rows, out-of-scope ones counted as wrong.
    case proven(value: Float, coverage: Double, precision: Double)
    /// Nothing is answered locally. `rowsNeeded`: about how many calibration rows would prove it.
    case unproven(rowsNeeded: Int)
    /// As the settings wanted it.
    case fixed(Float)

    /// The lowest confidence that is answered, nil if none is.
    package var value: Float? {
        switch self {
        case .proven(let value, _, _), .fixed(let value): value
        case .unproven: nil
        }
    }
}

/// What turns scores into statements about the world.
struct Calibration: Sendable, Equatable {
    /// Scores are divided by it before the softmax.
    var temperature: Float
    /// Added to the highest score per share of known word and character n-grams.
    var knownWords: Float
    var knownCharacters: Float
    /// Scope scores below it are out of scope.
    var outOfScopeCut: Float
    var threshold: Threshold
}

/// A trained classifier: immutable, complete, and a function of its file's bytes.
package final class Model: Sendable {
    /// Class names, ascending by their UTF-8 bytes. A `Prediction` holds positions in it.
    package let intents: [String]
    package let settings: Settings
    package var threshold: Threshold { calibration.threshold }
    package var outOfScopeCut: Float { calibration.outOfScopeCut }
    package var temperature: Float { calibration.temperature }
    package var featureCount: Int { space.count }

    let space: FeatureSpace
    /// Features × chunks, padded classes 0. A second, dense block would stand beside it: scores are sums over blocks.
    let weights: [Lanes]
    /// What the bias feature adds to each class's score.
    let bias: [Lanes]
    let calibration: Calibration
    let tokenizer: Tokenizer
    let ngrams: NGrams
    var chunks: Int { bias.count }

    init(
        intents: [String],
        settings: Settings,
        space: FeatureSpace,
        weights: [Lanes],
        bias: [Lanes],
        calibration: Calibration
    ) {
        self.intents = intents
        self.settings = settings
        self.space = space
        self.weights = weights
        self.bias = bias
        self.calibration = calibration
        tokenizer = Tokenizer(settings.features.text)
        ngrams = NGrams(settings.features)
    }
}
