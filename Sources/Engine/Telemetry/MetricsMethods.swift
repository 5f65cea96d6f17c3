import Wire
import World

/// `metrics`: the figures since the log began, as JSON or for Prometheus.
struct MetricsMethods: Sendable {
    let telemetry: Telemetry
    let feedback: FeedbackStore
    let drift: Drift
    let llm: LLMStatus
    let champion: Champion
    let naming: Naming

    func metrics(_ call: Call) throws -> Response {
        if let window = try call.params.string("window"), window != "all" {
            throw RPCError.invalidParams("Only the window all is counted so far.", field: "window")
        }
        let format = try call.params.string("format") ?? "json"
        return .laterValue {
            let value = try await value()
            return format == "prometheus" ? ["text": .string(Prometheus.text(value))] : value
        }
    }

    private func value() async throws -> JSON {
        let counters = await telemetry.counters()
        let summary = try await feedback.summary()
        func counts<Key: Hashable>(_ counts: [Key: Int], _ name: (Key) -> String) -> JSON {
            .object(counts.map { Member(name($0.key), .integer($0.value)) }.sorted { $0.name < $1.name })
        }
        return [
            "window": "all", "requests": .integer(counters.requests),
            "by_route": .object(Route.allCases.map { Member($0.rawValue, .integer(counters.byRoute[$0] ?? 0)) }),
            "by_reason": counts(counters.byReason, \.rawValue),
            "by_doubt": counts(counters.byDoubt, \.rawValue),
            "by_intent": counts(counters.byIntent(naming.current), \.self),
            "arms": .object(Arm.allCases.map { Member($0.rawValue, .integer(counters.arms[$0] ?? 0)) }),
            "errors": .integer(counters.errors),
            "anomalies": .object(
                Anomaly.Kind.allCases.map { Member($0.rawValue, .integer(counters.anomalies[$0] ?? 0)) }
            ),
            "confidence": counters.confidenceSummary,
            "latency_us": [
                "local": counters.latencySummary(asksLLM: false), "llm": counters.latencySummary(asksLLM: true),
            ],
            "feedback": [
                "up": .integer(summary.up), "down": .integer(summary.down),
                "corrections": .integer(summary.corrections), "pending": .integer(summary.pending),
            ],
            "estimated_accuracy": nil,
            "drift": drift.json,
            "llm": [
                "state": .string(llm.state.rawValue), "calls": .integer(counters.llmCalls),
                "fallbacks": .integer(counters.llmFallbacks), "tokens": .integer(counters.llmTokens),
            ],
            "model": JSON(champion.version), "since": JSON(counters.since),
            "lost_lines": .integer(telemetry.log.lostLines),
        ]
    }
}
