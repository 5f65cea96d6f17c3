package import Classifier
package import Learning
package import World

/// Everything that a chat or a prediction needs, immutable. Each event loop holds its own reference; a promotion and a
/// reload replace it as a whole, so that no request ever mixes two versions. What is counted while it serves stands
/// beside it, in ``ServingTally``.
package final class ServingModel: Sendable {
    package let version: Int
    /// First twelve digits of the model's SHA-256.
    package let digest: String
    package let model: Model
    /// By class index.
    package let policies: [Policy]
    /// By class index; one at least.
    package let responses: [[String]]
    package let rules: AnswerRules
    /// Versions that score along; ``mostShadows`` at most.
    package let shadows: [ShadowModel]
    /// A candidate that waits, and the champion before.
    static let mostShadows = 2

    package init(
        version: Int,
        digest: String,
        model: Model,
        intents: [IntentSource],
        rules: AnswerRules,
        shadows: [ShadowModel] = []
    ) {
        self.version = version
        self.digest = Digest.short(digest)
        (self.model, self.rules, self.shadows) = (model, rules, shadows)
        let sources = Dictionary(intents.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        policies = model.intents.map { sources[$0]?.policy ?? .auto }
        responses = model.intents.map { intent in
            let own = sources[intent]?.responses ?? []
            return own.isEmpty ? ["I think this is about \(intent)."] : own
        }
    }

    /// The confidence from which the local model answers; nil where no threshold is proven and none configured.
    package var threshold: Float? { rules.threshold ?? model.threshold.value }

    package func policy(of intent: String) -> Policy {
        model.intents.firstIndex(of: intent).map { policies[$0] } ?? .auto
    }

    package func reply(for intent: Int, answer: Identifier) -> String {
        let variations = responses[intent]
        return variations[Int((answer.low ^ answer.high) % UInt64(variations.count))]
    }
}

/// The parts of the configuration that answers depend on.
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
