import Learning
package import Text
package import Wire
package import World

/// The values that an operator can set, each with its default. The process reads them from YAML; this type knows no
/// file.
package struct Configuration: Sendable, Equatable {
    /// By whose letters texts are folded in case and compared; it counts from the next training on.
    package var language = Language.und
    package var local = Local()
    package var replies = Replies()
    package var llm = LLM.Settings()
    /// The text that an LLM gets before a conversation.
    package var instructions =
        "You answer the people who write to this host. Answer the last message, briefly and in its language. "
        + "Say so if you do not know."
    package var experiment = Experiment()
    package var sessions = Sessions()
    package var telemetry = Telemetry()
    package var anomalies = Anomalies()
    package var training = Training()
    package var registry = Registry()
    package var access = Access()
    package var limits = Limits()

    package init() {}

    package typealias Language = TextSettings.Language

    package struct Local: Sendable, Equatable {
        /// The confidence from which the local model answers, 0…1; nil (`auto`) takes the model's proven threshold.
        package var threshold: Double?
        /// The share of local answers that must be right at a proven threshold, 0.5…0.999.
        package var targetPrecision = 0.95
        /// What happens at a threshold whose precision is estimated and not proven.
        package var unproven = Unproven.answer

        package enum Unproven: String, Sendable, CaseIterable {
            /// The local model answers.
            case answer
            /// Nothing is answered locally; an LLM is asked.
            case ask
        }
    }

    /// The daemon's own sentences. An empty one is replaced by ``otherwise``; if that is empty too, by an English one.
    package struct Replies: Sendable, Equatable {
        /// What is said of an intent without a response; `{intent}` stands for its name. Never empty.
        package var about = "I think this is about {intent}."
        package var outOfScope = ""
        package var belowThreshold = ""
        package var fewRows = ""
        package var policy = ""
        package var llmUnreachable = ""
        package var llmTimeout = ""
        package var llmBusy = ""
        package var llmError = ""
        package var llmOff = ""
        /// The key `default`.
        package var otherwise = ""
    }

    package struct Experiment: Sendable, Equatable {
        package enum Unit: String, Sendable, CaseIterable { case request, session, uid }

        package var abProb = 0.0
        package var unit = Unit.session
    }

    package struct Sessions: Sendable, Equatable {
        package var maxTurns = 20
        /// In seconds.
        package var maxAge = 30.0 * 86_400
    }

    package struct Telemetry: Sendable, Equatable {
        package enum Text: String, Sendable, CaseIterable { case redacted, none, full }

        package var text = Text.redacted
        /// The size in bytes at which a segment of the log is closed.
        package var rotateSize = 64 << 20
        /// The age in seconds at which a segment of the log is closed.
        package var rotateAge = 86_400.0
        /// The age in seconds at which a closed segment is removed.
        package var keep = 90.0 * 86_400
    }

    package struct Anomalies: Sendable, Equatable {
        package var lowConfidence = 0.4
        /// In characters.
        package var longPrompt = 2_000
        package var suspicious = [
            "ignore previous instructions", "system prompt", "<script", "drop table", "; rm -", "../../", "base64,",
        ]
    }

    package struct Training: Sendable, Equatable {
        package enum Policy: String, Sendable, CaseIterable { case gate, hold }

        package var policy = Policy.gate
        package var fourEyes = false
        package var trustUsers = false
        /// The number of accepted feedback items that starts a retraining; 0 turns this off.
        package var afterFeedback = 0
        /// The number of answers for which a new champion is watched; 0 turns the watch off.
        package var watch = 2_000
        /// The least time in seconds between two retrainings that nobody asked for.
        package var cooldown = 3_600.0
        /// The share of an intent's training weight that the rows of one uid may carry, 0…1; more is scaled down.
        package var maxSharePerUID = 0.05
        /// The same for all rows together that no admin wrote or accepted. It is never below the share of one uid.
        package var maxShareUnreviewed = 0.05
        /// The weight of an accepted feedback row, in prepared rows.
        package var feedbackWeight = 10.0
        /// The address space of the training child, in bytes.
        package var memory = 2 << 30
    }

    package struct Registry: Sendable, Equatable {
        /// The number of newest versions that are kept in any case.
        package var keep = 10
    }

    package struct Access: Sendable, Equatable {
        /// User names, uids or `@group`.
        package var admins = ["root"]
        package var gateway = "intentd-gateway"
        /// Accounts that pass on many people's messages, in the same form.
        package var services: [String] = []
    }

    package typealias Limits = ConnectionLimits
}
