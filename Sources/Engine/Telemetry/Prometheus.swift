import Wire
import World

/// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4).
enum Prometheus {
    private typealias Sample = (labels: String, value: JSON?)

    /// A metric family: its name after `intentd_`, its type, its help, and where its samples stand in the result of
    /// `metrics`.
    private typealias Family = (name: String, type: String, help: String, samples: @Sendable (JSON) -> [Sample])

    private static let families: [Family] = [
        ("requests_total", "counter", "Chat requests.", one("requests")),
        ("answers_total", "counter", "Chat answers by route.", each("by_route", as: "route")),
        ("reasons_total", "counter", "Chat answers by reason.", each("by_reason", as: "reason")),
        ("doubts_total", "counter", "Chat requests by the local model's doubt.", each("by_doubt", as: "doubt")),
        ("intents_total", "counter", "Chat requests by intent.", each("by_intent", as: "intent")),
        ("errors_total", "counter", "Chat requests that were cancelled or interrupted.", one("errors")),
        ("anomalies_total", "counter", "Flagged chat requests.", each("anomalies", as: "kind")),
        ("feedback_total", "counter", "Feedback rows.", each("feedback", as: "kind")),
        ("llm_calls_total", "counter", "Questions put to an LLM.", one("llm", "calls")),
        ("llm_fallbacks_total", "counter", "Questions that an LLM did not answer.", one("llm", "fallbacks")),
        ("llm_tokens_total", "counter", "Tokens read and written by an LLM.", one("llm", "tokens")),
        ("lost_lines_total", "counter", "Telemetry lines that the disk did not take.", one("lost_lines")),
        (
            "drift_score", "gauge", "Distance of the messages from those of the champion's first answers, 0 to 1.",
            one("drift", "score")
        ),
        ("drift_alarm", "gauge", "1 while there is a drift alarm.", one("drift", "alarm")),
        ("champion_version", "gauge", "The version that answers.", one("model")),
        ("local_latency_microseconds", "summary", "From the parsed request to its encoded answer.", quantiles("local")),
        ("llm_latency_microseconds", "summary", "From the parsed request to its encoded answer.", quantiles("llm")),
    ]

    static func text(_ metrics: JSON) -> String {
        var lines: [String] = []
        for family in families {
            let samples = family.samples(metrics).compactMap { sample in
                // A truth value is 0 or 1; what is not there has no sample.
                let value = sample.value?.bool.map { .integer($0 ? 1 : 0) } ?? sample.value
                return value?.double == nil ? nil : "intentd_\(family.name)\(sample.labels) \(value ?? 0)"
            }
            guard !samples.isEmpty else { continue }
            lines.append("# HELP intentd_\(family.name) \(family.help)")
            lines.append("# TYPE intentd_\(family.name) \(family.type)")
            lines += samples
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func one(_ path: String...) -> @Sendable (JSON) -> [Sample] {
        { metrics in [("", path.reduce(Optional(metrics)) { $0?[$1] })] }
    }

    private static func each(_ member: String, as label: String) -> @Sendable (JSON) -> [Sample] {
        { ($0[member]?.object ?? []).map { ("{\(label)=\"\(escape($0.name))\"}", $0.value) } }
    }

    private static func quantiles(_ tier: String) -> @Sendable (JSON) -> [Sample] {
        { metrics in
            [("p50", "0.5"), ("p90", "0.9"), ("p99", "0.99")].map { name, quantile in
                ("{quantile=\"\(quantile)\"}", metrics["latency_us"]?[tier]?[name])
            }
        }
    }

    private static func escape(_ value: String) -> String {
        var escaped = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
