import Text

/// The confidence from which on an answer may be given locally. All figures are 0…1.
package enum Threshold: Sendable, Equatable {
    /// A threshold with a proven precision. `coverage` is the share of in-scope calibration rows that reach `value` and
    /// are found in scope. `precision` is the lower bound that was proven for all answered rows, with out-of-scope ones
    /// counted as wrong.
    case proven(value: Float, coverage: Double, precision: Double)
    /// A threshold whose precision is likely and not proven: `precision` is a lower bound at 75 %. About `groupsMissing`
    /// more groups of rows would prove one.
    case estimated(value: Float, coverage: Double, precision: Double, groupsMissing: Int)
    /// No threshold could even be estimated, and nothing is answered locally. About `groupsMissing` more groups of rows
    /// would give an estimate; nil for a version that was trained before there were estimates.
    case unproven(groupsMissing: Int?)
    /// The threshold that the settings ask for.
    case fixed(Float)

    /// The lowest confidence that is answered; nil if none is.
    package var value: Float? {
        switch self {
        case .proven(let value, _, _), .estimated(let value, _, _, _), .fixed(let value): value
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
    var threshold = Threshold.unproven(groupsMissing: nil)
}

/// A trained classifier: immutable, complete, and a function of its file's bytes alone. It is a class so that the event
/// loops share one copy of the weights.
///
///     let model = try await Trainer.train(examples)
///     let same = try Model(safetensors: model.serialized())
package final class Model: Sendable {
    /// The names that the classes were trained with, ascending by their UTF-8 bytes.
    package let classes: [String]
    /// The names of the classes, in the order of ``classes``, and the same unless they were given others (``named(_:)``). A
    /// `Prediction` holds positions in this array.
    package let intents: [String]
    package let settings: Settings
    /// How many groups of rows each class was learnt from; empty in a version that was trained before they were counted.
    package let groups: [Int]
    /// Whether answers of a class are not given locally, whatever their confidence: too little is known of it.
    package let withheld: [Bool]
    /// The first class of the same name for each class; empty while all names differ.
    let merged: [Int]
    package var threshold: Threshold { calibration.threshold }
    package var outOfScopeCut: Float { calibration.outOfScopeCut }
    package var temperature: Float { calibration.temperature }
    package var featureCount: Int { space.count }
    /// The features behind which fewer than ``Example/enoughSupport`` people stand, so that they are somebody's own words;
    /// nil in a version that was trained before they were marked.
    package let scarce: FeatureBits?

    let space: FeatureSpace
    /// Features × chunks vectors, with 0 for padded classes. A second, dense block would stand beside it: scores are sums
    /// over blocks.
    let weights: [Float8]
    /// The amount that the bias feature adds to the score of each class: `chunks` vectors.
    let bias: [Float8]
    let calibration: Calibration
    /// As it was trained: ``withheld`` without the classes that are not wanted any more.
    let ownWithheld: [Bool]
    let tokenizer: Tokenizer
    let ngrams: NGrams
    var chunks: Int { bias.count }

    init(
        intents: [String],
        groups: [Int],
        withheld: [Bool],
        settings: Settings,
        space: FeatureSpace,
        scarce: FeatureBits? = nil,
        weights: [Float8],
        bias: [Float8],
        calibration: Calibration
    ) {
        (classes, self.intents, self.groups, self.withheld) = (intents, intents, groups, withheld)
        (ownWithheld, merged) = (withheld, [])
        (self.settings, self.space, self.scarce) = (settings, space, scarce)
        (self.weights, self.bias, self.calibration) = (weights, bias, calibration)
        tokenizer = Tokenizer(settings.features.text)
        ngrams = NGrams(settings.features)
    }

    private init(_ model: Model, intents: [String], withheld: [Bool], merged: [Int]) {
        (classes, ownWithheld) = (model.classes, model.ownWithheld)
        (self.intents, self.withheld, self.merged, groups) = (intents, withheld, merged, model.groups)
        (settings, space, scarce) = (model.settings, model.space, model.scarce)
        (weights, bias) = (model.weights, model.bias)
        (calibration, tokenizer, ngrams) = (model.calibration, model.tokenizer, model.ngrams)
    }

    /// Calls the classes otherwise. It shares the weights with this model.
    ///
    /// Classes that get the same name are one: its probability is the sum of theirs, and the first of them stands for all in
    /// predictions.
    ///
    /// - Parameter names: one for each of ``classes``; nil for a class that is not wanted any more, which keeps its name and is
    ///   not answered locally.
    /// - Returns: this model if it has these names already.
    package func named(_ names: [String?]) -> Model {
        let intents = zip(names, classes).map { $0 ?? $1 }
        var withheld = zip(names, ownWithheld).map { $0 == nil || $1 }
        guard intents != self.intents || withheld != self.withheld else { return self }
        var first: [String: Int] = [:]
        for (place, name) in intents.enumerated() where first[name] == nil { first[name] = place }
        let merged = intents.indices.map { first[intents[$0]] ?? $0 }
        // The class is withheld only if each of its parts is: one part that is well known is enough.
        for (place, whole) in merged.enumerated() where whole != place {
            withheld[whole] = withheld[whole] && withheld[place]
        }
        return Model(
            self,
            intents: intents,
            withheld: withheld,
            merged: first.count == classes.count ? [] : merged
        )
    }
}
