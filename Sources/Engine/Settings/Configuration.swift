import Learning
package import Wire
package import World

/// What an operator can set; every value has a default. The reader of the YAML file lives with the process.
package struct Configuration: Sendable, Equatable {
    package var local = Local()
    package var llm = LLM.Settings()
    /// What an LLM is told before a conversation.
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

    package struct Local: Sendable, Equatable {
        /// 0…1; nil (`auto`) takes the model's proven threshold.
        package var threshold: Double?
        /// 0.5…0.999
        package var targetPrecision = 0.95
    }

    package struct Experiment: Sendable, Equatable {
        package enum Unit: String, Sendable, CaseIterable { case request, session, uid }

        package var abProb = 0.0
        package var unit = Unit.session
    }

    package struct Sessions: Sendable, Equatable {
        package var maxTurns = 20
        /// Seconds.
        package var maxAge = 30.0 * 86_400
    }

    package struct Telemetry: Sendable, Equatable {
        package enum Text: String, Sendable, CaseIterable { case redacted, none, full }

        package var text = Text.redacted
        /// Bytes.
        package var rotateSize = 64 << 20
        /// Seconds.
        package var rotateAge = 86_400.0
        package var keep = 90.0 * 86_400
    }

    package struct Anomalies: Sendable, Equatable {
        package var lowConfidence = 0.4
        /// Characters.
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
        /// Accepted feedback items that start a retraining by themselves; 0 is never.
        package var afterFeedback = 0
        /// Answers for which a new champion is watched; 0 is not at all.
        package var watch = 2_000
        /// Seconds.
        package var cooldown = 3_600.0
        /// The share of an intent's total training weight that rows of one uid may carry; more is scaled down.
        package var maxSharePerUID = 0.05
        /// The same for all rows together that no admin wrote or accepted; never below the share of one uid.
        package var maxShareUnreviewed = 0.05
        /// How many prepared rows one accepted feedback row weighs.
        package var feedbackWeight = 10.0
        /// Bytes of address space of the training child.
        package var memory = 2 << 30
    }

    package struct Registry: Sendable, Equatable {
        package var keep = 10
    }

    package struct Access: Sendable, Equatable {
        /// User names, uids, or `@group`.
        package var admins = ["root"]
        package var gateway = "intentd-gateway"
    }

    package typealias Limits = ConnectionLimits
}
