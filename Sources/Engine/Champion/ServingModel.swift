package import Classifier
package import Learning
package import World

/// Everything that a chat or a prediction needs. It is immutable: each event loop holds a reference, and a promotion or
/// a reload replaces it as a whole, so that no request ever mixes two versions. Counts are kept beside it, in
/// ``ServingTally``.
package final class ServingModel: Sendable {
    package let version: Int
    /// The first twelve digits of the model's SHA-256.
    package let digest: String
    package let model: Model
    /// One for each class index.
    package let policies: [Policy]
    /// At least one for each class index.
    package let responses: [[String]]
    package let rules: AnswerRules
    /// Versions that score the same messages; at most ``mostShadows``.
    package let shadows: [ShadowModel]
    /// The waiting candidate and the champion before this one.
    static let mostShadows = 2

    init(_ loaded: LoadedModel, intents: [IntentSource], rules: AnswerRules, shadows: [ShadowModel]) {
        (version, model, digest) = (loaded.version, loaded.model, Digest.short(loaded.digest))
        (self.rules, self.shadows) = (rules, shadows)
        let sources = Dictionary(intents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        policies = model.intents.map { sources[$0]?.policy ?? .auto }
        responses = model.intents.map { intent in
            let own = sources[intent]?.responses ?? []
            return own.isEmpty ? ["I think this is about \(intent)."] : own
        }
    }

    /// The confidence from which the local model answers, 0…1; nil if none is configured and none proven.
    package var threshold: Float? { rules.threshold ?? model.threshold.value }

    package func policy(of intent: String) -> Policy {
        model.intents.firstIndex(of: intent).map { policies[$0] } ?? .auto
    }

    package func reply(for intent: Int, answer: Identifier) -> String {
        let variations = responses[intent]
        return variations[Int((answer.low ^ answer.high) % UInt64(variations.count))]
    }
}

/// The part of the configuration on which answers depend.
package struct AnswerRules: Sendable {
    package var threshold: Float?
    package var abProb: Double
    package var unit: Configuration.Experiment.Unit
    package var telemetryText: Configuration.Telemetry.Text
    package var detectors: Detectors
    package var experimentSalt: String
    /// Whether there is an LLM to ask.
    package var relays: Bool

    package init(_ configuration: Configuration, experimentSalt: String, hasLLM: Bool) {
        threshold = configuration.local.threshold.map { Float($0) }
        abProb = configuration.experiment.abProb
        unit = configuration.experiment.unit
        telemetryText = configuration.telemetry.text
        detectors = Detectors(configuration.anomalies)
        self.experimentSalt = experimentSalt
        relays = hasLLM && configuration.llm.backend != .off
    }
}
