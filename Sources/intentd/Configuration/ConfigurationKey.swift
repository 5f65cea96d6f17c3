import Engine
import Wire
import World

/// One key of the configuration file: how it is read and shown. Every key takes effect at a reload.
///
/// The table of all keys is the only place that knows them: the reader, the list of changes after a reload and the check
/// of the manual go by it.
struct ConfigurationKey: Sendable {
    /// The key with its section, `section.key`; a key that stands alone has no section.
    let name: String
    /// The values that it accepts, for messages and the manual.
    let accepts: String
    /// Puts a value in; false where it does not fit.
    let read: @Sendable (YAMLValue, inout Configuration) -> Bool
    /// The value as a person would write it.
    let show: @Sendable (Configuration) -> String

    var section: String { String(name.prefix { $0 != "." }) }
    var member: String { String(name.dropFirst(section.count + 1)) }

    static func key<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Configuration, Value> & Sendable,
        as kind: ValueKind<Value>
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            accepts: kind.accepts,
            read: { value, configuration in
                guard let parsed = kind.parse(value) else { return false }
                configuration[keyPath: path] = parsed
                return true
            },
            show: { kind.show($0[keyPath: path]) }
        )
    }

    /// Every key. A key that is not here is refused.
    static let all: [ConfigurationKey] = [
        key("language", \.language, as: .choice()),
        key("local.threshold", \.local.threshold, as: .autoOr(.number(0...1))),
        key("local.target_precision", \.local.targetPrecision, as: .number(0.5...0.999)),
        key("local.unproven", \.local.unproven, as: .choice()),
        key("replies.about", \.replies.about, as: .sentence(naming: "intent")),
        key("replies.out_of_scope", \.replies.outOfScope, as: .sentenceOrNone),
        key("replies.below_threshold", \.replies.belowThreshold, as: .sentenceOrNone),
        key("replies.few_rows", \.replies.fewRows, as: .sentenceOrNone),
        key("replies.policy", \.replies.policy, as: .sentenceOrNone),
        key("replies.llm_unreachable", \.replies.llmUnreachable, as: .sentenceOrNone),
        key("replies.llm_timeout", \.replies.llmTimeout, as: .sentenceOrNone),
        key("replies.llm_busy", \.replies.llmBusy, as: .sentenceOrNone),
        key("replies.llm_error", \.replies.llmError, as: .sentenceOrNone),
        key("replies.llm_off", \.replies.llmOff, as: .sentenceOrNone),
        key("replies.default", \.replies.otherwise, as: .sentenceOrNone),
        key("llm.backend", \.llm.backend, as: .choice()),
        key("llm.url", \.llm.url, as: .text),
        key("llm.model", \.llm.model, as: .text),
        key("llm.models", \.llm.models, as: .texts),
        key("llm.instructions", \.instructions, as: .text),
        key("llm.connect_timeout", \.llm.connectTimeout, as: .duration(0.001...600)),
        key("llm.first_byte_timeout", \.llm.firstByteTimeout, as: .duration(0.001...3_600)),
        key("llm.idle_timeout", \.llm.idleTimeout, as: .duration(0.001...3_600)),
        key("llm.total_timeout", \.llm.totalTimeout, as: .duration(0.001...600)),
        key("llm.max_in_flight", \.llm.maxInFlight, as: .whole(1...1_024)),
        key("llm.max_queued", \.llm.maxQueued, as: .whole(0...65_536)),
        key("llm.allow_remote", \.llm.allowRemote, as: .flag),
        key("experiment.ab_prob", \.experiment.abProb, as: .number(0...1)),
        key("experiment.unit", \.experiment.unit, as: .choice()),
        key("sessions.max_turns", \.sessions.maxTurns, as: .whole(1...1_000)),
        key("sessions.max_age", \.sessions.maxAge, as: .duration(1...31_536_000)),
        key("telemetry.text", \.telemetry.text, as: .choice()),
        key("telemetry.rotate_size", \.telemetry.rotateSize, as: .size(4_096...(1 << 40))),
        key("telemetry.rotate_age", \.telemetry.rotateAge, as: .duration(1...31_536_000)),
        key("telemetry.keep", \.telemetry.keep, as: .duration(1...3_153_600_000)),
        key("anomalies.low_confidence", \.anomalies.lowConfidence, as: .number(0...1)),
        key("anomalies.long_prompt", \.anomalies.longPrompt, as: .whole(1...16_384)),
        key("anomalies.suspicious", \.anomalies.suspicious, as: .texts),
        key("training.policy", \.training.policy, as: .choice()),
        key("training.four_eyes", \.training.fourEyes, as: .flag),
        key("training.trust_users", \.training.trustUsers, as: .flag),
        key("training.after_feedback", \.training.afterFeedback, as: .whole(0...1_000_000)),
        key("training.watch", \.training.watch, as: .whole(0...100_000_000)),
        key("training.cooldown", \.training.cooldown, as: .duration(0...31_536_000)),
        key("training.max_share_per_uid", \.training.maxSharePerUID, as: .number(0...1)),
        key("training.max_share_unreviewed", \.training.maxShareUnreviewed, as: .number(0...1)),
        key("training.feedback_weight", \.training.feedbackWeight, as: .number(0.01...1_000)),
        key("training.memory", \.training.memory, as: .size((64 << 20)...(1 << 40))),
        key("registry.keep", \.registry.keep, as: .whole(1...10_000)),
        key("access.admins", \.access.admins, as: .texts),
        key("access.gateway", \.access.gateway, as: .text),
        key("access.services", \.access.services, as: .texts),
        key("limits.connections", \.limits.connections, as: .whole(1...100_000)),
        key("limits.connections_per_uid", \.limits.connectionsPerUID, as: .whole(1...100_000)),
        key("limits.line", \.limits.line, as: .size(1_024...(64 << 20))),
        key("limits.in_flight", \.limits.inFlight, as: .whole(1...65_536)),
        key("limits.output_soft", \.limits.outputSoft, as: .size(4_096...(1 << 30))),
        key("limits.output_hard", \.limits.outputHard, as: .size(4_096...(1 << 30))),
        key("limits.unfinished_line", \.limits.unfinishedLine, as: .duration(0.1...3_600)),
        key("limits.memory", \.limits.memory, as: .size((1 << 20)...(1 << 36))),
        key("limits.workers", \.limits.workers, as: .whole(0...1_024)),
        key("limits.deferred_per_uid", \.limits.deferredPerUID, as: .size((1 << 20)...(1 << 36))),
        key("limits.deferred_queue", \.limits.deferredQueue, as: .whole(1...65_536)),
        key("limits.turns_per_uid", \.limits.turnsPerUID, as: .whole(1...100_000_000)),
        key("limits.pending_per_uid", \.limits.pendingPerUID, as: .whole(1...100_000_000)),
        key("limits.stored_per_uid", \.limits.storedPerUID, as: .size((1 << 16)...(1 << 40))),
    ]
}
