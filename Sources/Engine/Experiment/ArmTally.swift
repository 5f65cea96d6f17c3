import Histogram
import Learning
import Statistics
import Wire

// Answers are counted by the arm that was drawn and not by the route that they took. An LLM that fails falls back to
// the local model; counting such answers as local would compare the LLM's good moments with everybody else's bad ones.

/// The figures of one arm's answers.
struct ArmTally: Sendable {
    private var answers = 0
    private var routes: [Route: Int] = [:]
    private var llmFailures = 0
    private var errors = 0
    private var promptTokens = 0
    private var completionTokens = 0
    private var up = 0
    private var down = 0
    private var corrections = 0
    private var latency = Histogram<UInt32>.latencies
    /// One trial for each unit, so that a person who rates a hundred answers counts once.
    private(set) var success = RateSequence()

    mutating func count(_ answer: LoggedAnswer) {
        answers += 1
        routes[answer.counted.route, default: 0] += 1
        if answer.counted.reason.rawValue.hasPrefix("llm_") { llmFailures += 1 }
        promptTokens += answer.promptTokens
        completionTokens += answer.completionTokens
        if answer.counted.isError {
            // The time after which a caller gave up is not the latency of an answer.
            errors += 1
        } else {
            latency.record(UInt64(answer.counted.latencyMicroseconds))
        }
    }

    mutating func count(_ rated: FeedbackStore.RatedAnswer) {
        if rated.rating == .up { up += 1 } else { down += 1 }
        if rated.isCorrected { corrections += 1 }
    }

    mutating func compare(_ isSuccess: Bool) { success.add(isSuccess) }

    func json(alpha: Double) -> JSON {
        let rated = up + down
        let (low, high) = success.interval(alpha: alpha)
        return [
            "answers": .integer(answers),
            "routes": .object(Route.allCases.map { Member($0.rawValue, .integer(routes[$0] ?? 0)) }),
            "llm_failed": .integer(llmFailures), "errors": .integer(errors), "rated": .integer(rated),
            "rated_share": answers == 0 ? .null : .double((Double(rated) / Double(answers)).rounded(toPlaces: 6)),
            "up": .integer(up), "down": .integer(down), "corrections": .integer(corrections),
            "success": [
                "units": .integer(success.trials), "successes": .integer(success.successes),
                "rate": success.estimate.map { .double($0.rounded(toPlaces: 6)) } ?? .null,
                "low": .double(low.rounded(toPlaces: 6)), "high": .double(high.rounded(toPlaces: 6)),
            ],
            "latency_us": latency.summary,
            "tokens": ["prompt": .integer(promptTokens), "completion": .integer(completionTokens)],
        ]
    }
}
