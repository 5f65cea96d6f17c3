import Wire
import World

/// The meaning of an answer whose status is not 200: the failure of the question, and what it shows of the LLM's health.
/// Servers use the same status for different things, so the text of the error counts too.
struct ErrorAnswer {
    var failure: LLM.Failure
    /// The state of the LLM that the answer shows; nil if it shows none.
    var health: LLM.Health.State?
    /// Whether the question itself may be to blame, so that one such answer shows nothing yet.
    var mayBeQuestion = false

    init(
        _ answer: HTTPAnswer,
        to prompt: LLM.Prompt? = nil,
        model: String,
        settings: LLM.Settings,
        endpoint: Endpoint
    ) {
        let raw = answer.said
        let said = Words.of(raw, asking: prompt)
        let lower = raw?.lowercased() ?? ""
        let detail = "status \(answer.status)" + (said.map { ": \($0)" } ?? "")
        let name = endpoint.name
        func error(_ message: String) -> LLM.Failure { LLM.Failure(.error(detail), message) }
        switch answer.status {
        case 300..<400:
            (failure, health) = (
                error("The LLM at \(name) points elsewhere, and that is not followed. Set llm.url to the new address."),
                .failing
            )
        case 401:
            (failure, health) = (error("The LLM at \(name) wants a key: the credential llm_api_key."), .forbidden)
        case 403: (failure, health) = (error("The LLM at \(name) refuses us."), .forbidden)
        case 400 where lower.contains("https server") || lower.contains("https port"):
            (failure, health) = (
                error("The server at \(name) speaks TLS. Set llm.url to https://\(name)."), .failing
            )
        case 404 where answer.json?["error"] != nil && !["not found", "file not found"].contains(lower),
            404 where lower.contains("model"):
            (failure, health) = (Site.missing(model), .modelMissing)
        case 404:
            (failure, health) = (
                error(
                    "The server at \(name) does not know \(Requests.path(settings.backend)). Set llm.url or llm.backend."
                ), .failing
            )
        case 408, 504: failure = LLM.Failure(.timeout, "The LLM at \(name) gave up (status \(answer.status)).")
        case 429: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) has no more room for questions."), .busy)
        case 502:
            (failure, health) = (
                LLM.Failure(.unreachable, "The proxy at \(name) does not reach the LLM."), .unreachable
            )
        case 503 where lower.contains("loading"):
            (failure, health) = (
                LLM.Failure(.loading, "The LLM at \(name) is loading its model. Ask again in a moment."), .loading
            )
        case 503: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) is busy."), .busy)
        default:
            failure = error("The LLM at \(name) failed (status \(answer.status)).")
            health = .failing
            mayBeQuestion = 400..<500 ~= answer.status
        }
        failure.said = said
    }
}
