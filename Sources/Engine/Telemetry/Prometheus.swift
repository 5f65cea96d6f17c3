import Wire
import World

/// The text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/, 0.0.4).
enum Prometheus {
    static func text(_ metrics: JSON) -> String {
        var lines: [String] = []
        func family(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: JSON?)]) {
            let samples = samples.filter { $0.value?.double != nil }
            guard !samples.isEmpty else { return }
            lines.append("# HELP intentd_\(name) \(help)")
            lines.append("# TYPE intentd_\(name) \(type)")
            for sample in samples { lines.append("intentd_\(name)\(sample.labels) \(sample.value ?? 0)") }
        }
        func labelled(_ label: String, _ member: String) -> [(labels: String, value: JSON?)] {
            (metrics[member]?.object ?? []).map { ("{\(label)=\"\(escape($0.name))\"}", $0.value) }
        }
        family("requests_total", "counter", "Chat requests.", [("", metrics["requests"])])
        family("answers_total", "counter", "Chat answers by route.", labelled("route", "by_route"))
        family("reasons_total", "counter", "Chat answers by reason.", labelled("reason", "by_reason"))
        family("intents_total", "counter", "Chat requests by intent.", labelled("intent", "by_intent"))
        family(
            "errors_total",
            "counter",
            "Chat requests that were cancelled or interrupted.",
            [("", metrics["errors"])]
        )
        family("anomalies_total", "counter", "Flagged chat requests.", labelled("kind", "anomalies"))
        family("feedback_total", "counter", "Feedback rows.", labelled("kind", "feedback"))
        family("llm_calls_total", "counter", "Questions put to an LLM.", [("", metrics["llm"]?["calls"])])
        family(
            "llm_fallbacks_total",
            "counter",
            "Questions that an LLM did not answer.",
            [("", metrics["llm"]?["fallbacks"])]
        )
        family(
            "llm_tokens_total",
            "counter",
            "Tokens read and written by an LLM.",
            [("", metrics["llm"]?["tokens"])]
        )
        family(
            "lost_lines_total",
            "counter",
            "Telemetry lines that the disk did not take.",
            [("", metrics["lost_lines"])]
        )
        family(
            "drift_score",
            "gauge",
            "How far what is asked is from the champion's first answers, 0 to 1.",
            [("", metrics["drift"]?["score"])]
        )
        family(
            "drift_alarm",
            "gauge",
            "1 while what is asked has changed.",
            [("", metrics["drift"]?["alarm"]?.bool.map { .integer($0 ? 1 : 0) })]
        )
        family("champion_version", "gauge", "The version that answers.", [("", metrics["model"])])
        let quantiles = [("p50", "0.5"), ("p90", "0.9"), ("p99", "0.99")]
        for who in ["local", "llm"] {
            family(
                "\(who)_latency_microseconds",
                "summary",
                "From the parsed request to its encoded answer.",
                quantiles.map { ("{quantile=\"\($0.1)\"}", metrics["latency_us"]?[who]?[$0.0]) }
            )
        }
        return lines.joined(separator: "\n") + "\n"
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
