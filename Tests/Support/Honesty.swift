package import Classifier
import Statistics

/// What a model claims of texts that it has not seen, and what is true of them.
package struct Honesty: Sendable {
    package var threshold: Threshold
    /// The share of fresh texts that are answered, 0…1.
    package var coverage: Double
    /// The share of those that are answered rightly, 0…1; 1 if none is answered.
    package var precision: Double

    /// A kind of data that people bring.
    package struct Shape: Sendable, CustomStringConvertible {
        package var intents: Int
        package var templates: Int
        /// Rows of each template.
        package var rows: Int
        package var keywords: Int
        package var noise: Double

        package var description: String { "\(intents) intents × \(templates) templates × \(rows) rows" }

        /// A small practice that writes ten sentences for each intent and lets them vary.
        package static let practice = Shape(intents: 8, templates: 10, rows: 20, keywords: 30, noise: 0)
        /// Few sentences, and intents that are easy to tell apart.
        package static let kiosk = Shape(intents: 6, templates: 16, rows: 5, keywords: 6, noise: 0.015)
        package static let shop = Shape(intents: 30, templates: 40, rows: 5, keywords: 12, noise: 0.015)
        /// Sentences that people wrote one by one.
        package static let bank = Shape(intents: 77, templates: 100, rows: 1, keywords: 12, noise: 0.015)
    }

    /// Trains on rows of a population and tries the model on fresh templates of the same one.
    package static func measure(_ shape: Shape, seed: UInt64, threads: Int) async throws -> Honesty {
        let population = Population(
            intents: shape.intents,
            keywords: shape.keywords,
            noise: shape.noise,
            seed: seed
        )
        var random = SplitMix64(seed: seed &+ 1_000_000)
        let examples = population.rows(templates: shape.templates, rows: shape.rows, with: &random)
        let model = try await Trainer.train(examples, threads: threads)
        let fresh = population.rows(templates: max(1, 12_000 / shape.intents), rows: 1, with: &random)
        return Honesty(of: model, on: fresh)
    }

    /// Tries a model on texts that it has not seen.
    package init(of model: Model, on fresh: [Example]) {
        var workspace = Workspace()
        var (answered, right) = (0, 0)
        for example in fresh {
            let prediction = model.predict(example.text, workspace: &workspace)
            guard model.answers(prediction) else { continue }
            answered += 1
            if model.intents[prediction.intent] == example.intent { right += 1 }
        }
        threshold = model.threshold
        coverage = Double(answered) / Double(fresh.count)
        precision = answered == 0 ? 1 : Double(right) / Double(answered)
    }
}

/// What many runs of one shape say together.
package struct HonestyTally: Sendable {
    package private(set) var proven = 0
    /// Runs whose true precision lies below the bound that they call proven.
    package private(set) var broken = 0
    /// The true precision of each run whose threshold is estimated, ascending.
    package private(set) var estimated: [Double] = []
    package private(set) var unproven = 0
    package private(set) var runs: [Honesty] = []

    package init() {}

    package mutating func add(_ run: Honesty) {
        runs.append(run)
        switch run.threshold {
        case .proven(_, _, let precision):
            proven += 1
            if run.precision < precision { broken += 1 }
        case .estimated:
            estimated.append(run.precision)
            estimated.sort()
        case .unproven, .fixed: unproven += 1
        }
    }

    /// The middle of the true precisions at estimated thresholds; 1 without one.
    package var medianOfEstimated: Double { estimated.isEmpty ? 1 : estimated[estimated.count / 2] }
    /// The share of estimated runs whose true precision is more than three points below `target`; 0 without one.
    package func farBelow(_ target: Double) -> Double {
        estimated.isEmpty ? 0 : Double(estimated.count { $0 < target - 0.03 }) / Double(estimated.count)
    }
}
