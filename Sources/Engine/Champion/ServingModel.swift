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
    /// The sentences for each class where nobody can answer; none where there is nothing special to say.
    package let handOffs: [[String]]
    /// The summary of each class in a person's words; nil where nobody wrote one.
    package let summaries: [String?]
    /// The confidence from which the local model answers, 0…1; nil if none is configured and none known.
    package let threshold: Float?
    /// nil without a threshold.
    package let thresholdBasis: ThresholdBasis?
    package let rules: AnswerRules
    /// Versions that score the same messages; at most ``mostShadows``.
    package let shadows: [ShadowModel]
    /// The length in characters above which a summary is cut: it shares an LLM's window with the conversation.
    private static let longestSummary = 300
    /// The waiting candidate and the champion before this one.
    static let mostShadows = 2

    init(_ loaded: LoadedModel, treatments: Treatments, rules: AnswerRules, shadows: [ShadowModel]) {
        (version, model, digest) = (loaded.version, loaded.model, Digest.short(loaded.digest))
        (self.rules, self.shadows) = (rules, shadows)
        let inForce = rules.threshold(of: model)
        (threshold, thresholdBasis) = (inForce?.value, inForce?.basis)
        let own = model.intents.map { treatments[$0] }
        policies = own.map { $0.policy ?? .auto }
        summaries = own.map { $0.summary.flatMap { $0.isEmpty ? nil : String($0.prefix(Self.longestSummary)) } }
        responses = zip(model.intents, own).map { intent, own in
            own.hasResponses ? own.responses ?? [] : [rules.replies.about(intent)]
        }
        handOffs = own.map { own in
            if let otherwise = own.otherwise { return [otherwise] }
            // The response of an intent that is never answered locally is written for where nobody else is there.
            return own.policy == .neverLocal ? own.responses ?? [] : []
        }
    }

    package func policy(of intent: String) -> Policy {
        model.intents.firstIndex(of: intent).map { policies[$0] } ?? .auto
    }

    package func reply(for intent: Int, answer: Identifier) -> String {
        Self.variation(of: responses[intent], answer)
    }

    /// nil if there is nothing special to say of the intent where nobody can answer.
    package func handOff(of intent: Int, answer: Identifier) -> String? {
        handOffs[intent].isEmpty ? nil : Self.variation(of: handOffs[intent], answer)
    }

    private static func variation(of sentences: [String], _ answer: Identifier) -> String {
        sentences[Int((answer.low ^ answer.high) % UInt64(sentences.count))]
    }
}

/// The part of the configuration on which answers depend.
package struct AnswerRules: Sendable {
    /// The threshold that a person has set; nil if it is the model's own.
    package var fixedThreshold: Float?
    package var unproven: Configuration.Local.Unproven
    package var replies: Configuration.Replies
    package var abProb: Double
    package var unit: Configuration.Experiment.Unit
    package var telemetryText: Configuration.Telemetry.Text
    package var detectors: Detectors
    package var experimentSalt: String
    /// Whether there is an LLM to ask.
    package var relays: Bool

    package init(_ configuration: Configuration, experimentSalt: String, hasLLM: Bool) {
        fixedThreshold = configuration.local.threshold.map { Float($0) }
        unproven = configuration.local.unproven
        replies = configuration.replies
        abProb = configuration.experiment.abProb
        unit = configuration.experiment.unit
        telemetryText = configuration.telemetry.text
        detectors = Detectors(configuration.anomalies)
        self.experimentSalt = experimentSalt
        relays = hasLLM && configuration.llm.backend != .off
    }

    /// The confidence from which a model answers, and what is known of it; nil if it never answers by itself.
    package func threshold(of model: Model) -> (value: Float, basis: ThresholdBasis)? {
        if let fixedThreshold { return (fixedThreshold, .fixed) }
        return switch model.threshold {
        // Before groups were counted, every row of a template was a piece of evidence, which proves too much.
        case .proven(let value, _, _) where model.groups.isEmpty: unproven == .answer ? (value, .estimated) : nil
        case .proven(let value, _, _): (value, .proven)
        case .estimated(let value, _, _, _): unproven == .answer ? (value, .estimated) : nil
        case .fixed(let value): (value, .fixed)
        case .unproven: nil
        }
    }
}
