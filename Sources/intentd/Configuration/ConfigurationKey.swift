import Engine
import Wire
import World

/// One key of the configuration file: how it is read, shown and when it takes effect.
struct ConfigurationKey: Sendable {
    enum Effect: Sendable {
        case reload
        case restart
    }

    /// `section.key`
    let name: String
    /// What it accepts, for messages and the manual.
    let accepts: String
    let effect: Effect
    /// Puts a value in, or says why it does not fit.
    let read: @Sendable (YAMLValue, inout Configuration) -> Bool
    /// The value as a person would write it.
    let show: @Sendable (Configuration) -> String

    var section: String { String(name.prefix { $0 != "." }) }
    var member: String { String(name.dropFirst(section.count + 1)) }

    static func key<Value>(
        _ name: String,
        _ path: any WritableKeyPath<Configuration, Value> & Sendable,
        _ kind: ValueKind<Value>,
        _ effect: Effect = .reload
    ) -> ConfigurationKey {
        ConfigurationKey(
            name: name,
            accepts: kind.accepts,
            effect: effect,
            read: { value, configuration in
                guard let parsed = kind.parse(value) else { return false }
                configuration[keyPath: path] = parsed
                return true
            },
            show: { kind.show($0[keyPath: path]) }
        )
    }

    /// Every key there is; one that is not here is refused.
    static let all: [ConfigurationKey] = [
        key("local.threshold", \.local.threshold, .autoOr(.number(0...1))),
        key("local.target_precision", \.local.targetPrecision, .number(0.5...0.999)),
        key("llm.backend", \.llm.backend, .choice()),
        key("llm.url", \.llm.url, .text),
        key("llm.model", \.llm.model, .text),
        key("llm.models", \.llm.models, .texts),
        key("llm.instructions", \.instructions, .text),
        key("llm.connect_timeout", \.llm.connectTimeout, .duration(0.001...600)),
        key("llm.first_byte_timeout", \.llm.firstByteTimeout, .duration(0.001...3_600)),
        key("llm.idle_timeout", \.llm.idleTimeout, .duration(0.001...3_600)),
        key("llm.total_timeout", \.llm.totalTimeout, .duration(0.001...600)),
        key("llm.max_in_flight", \.llm.maxInFlight, .whole(1...1_024)),
        key("llm.max_queued", \.llm.maxQueued, .whole(0...65_536)),
        key("llm.allow_remote", \.llm.allowRemote, .flag),
        key("experiment.ab_prob", \.experiment.abProb, .number(0...1)),
        key("experiment.unit", \.experiment.unit, .choice()),
        key("sessions.max_turns", \.sessions.maxTurns, .whole(1...1_000)),
        key("sessions.max_age", \.sessions.maxAge, .duration(1...31_536_000)),
        key("telemetry.text", \.telemetry.text, .choice()),
        key("telemetry.rotate_size", \.telemetry.rotateSize, .size(4_096...(1 << 40))),
        key("telemetry.rotate_age", \.telemetry.rotateAge, .duration(1...31_536_000)),
        key("telemetry.keep", \.telemetry.keep, .duration(1...3_153_600_000)),
        key("anomalies.low_confidence", \.anomalies.lowConfidence, .number(0...1)),
        key("anomalies.long_prompt", \.anomalies.longPrompt, .whole(1...16_384)),
        key("anomalies.suspicious", \.anomalies.suspicious, .texts),
        key("training.policy", \.training.policy, .choice()),
        key("training.four_eyes", \.training.fourEyes, .flag),
        key("training.trust_users", \.training.trustUsers, .flag),
        key("training.after_feedback", \.training.afterFeedback, .whole(0...1_000_000)),
        key("training.watch", \.training.watch, .whole(0...100_000_000)),
        key("training.cooldown", \.training.cooldown, .duration(0...31_536_000)),
        key("training.max_share_per_uid", \.training.maxSharePerUID, .number(0...1)),
        key("training.max_share_unreviewed", \.training.maxShareUnreviewed, .number(0...1)),
        key("training.feedback_weight", \.training.feedbackWeight, .number(0.01...1_000)),
        key("training.memory", \.training.memory, .size((64 << 20)...(1 << 40))),
        key("registry.keep", \.registry.keep, .whole(1...10_000)),
        key("access.admins", \.access.admins, .texts),
        key("access.gateway", \.access.gateway, .text),
        key("limits.connections", \.limits.connections, .whole(1...100_000)),
        key("limits.connections_per_uid", \.limits.connectionsPerUID, .whole(1...100_000)),
        key("limits.line", \.limits.line, .size(1_024...(64 << 20))),
        key("limits.in_flight", \.limits.inFlight, .whole(1...65_536)),
        key("limits.output_soft", \.limits.outputSoft, .size(4_096...(1 << 30))),
        key("limits.output_hard", \.limits.outputHard, .size(4_096...(1 << 30))),
        key("limits.unfinished_line", \.limits.unfinishedLine, .duration(0.1...3_600)),
        key("limits.memory", \.limits.memory, .size((1 << 20)...(1 << 36))),
    ]
}
