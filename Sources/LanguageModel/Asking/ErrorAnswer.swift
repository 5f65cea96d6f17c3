import Wire
import World

/// The meaning of an answer whose status is not 200: the failure of the question, and what it shows of the LLM's health.
/// Servers use the same status for different things, so the text of the error counts too.
struct ErrorAnswer {
    var failure: LLM.Failure
    /// The state of the LLM that the answer shows; nil if it shows none.
    var health: LLM.Health.State?

    init(_ answer: HTTPAnswer, model: String, settings: LLM.Settings, endpoint: Endpoint) {
        let said = answer.json?["error"].map(errorText)
        let detail = "status \(answer.status)" + (said.map { ": \(String($0.prefix(500)))" } ?? "")
        let name = endpoint.name
        func error(_ message: String) -> LLM.Failure { LLM.Failure(.error(detail), message) }
        switch answer.status {
        case 300..<400:
            failure = error(
                "The LLM at \(name) points elsewhere, and that is not followed. Set llm.url to the new address."
            )
        case 401:
            (failure, health) = (error("The LLM at \(name) wants a key: the credential llm_api_key."), .forbidden)
        case 403: (failure, health) = (error("The LLM at \(name) refuses us."), .forbidden)
        case 404 where said != nil: (failure, health) = (Site.missing(model), .modelMissing)
        case 404:
            failure = error(
                "The server at \(name) does not know \(Requests.path(settings.backend)). Set llm.url or llm.backend."
            )
        case 408, 504: failure = LLM.Failure(.timeout, "The LLM at \(name) gave up (status \(answer.status)).")
        case 429: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) has no more room for questions."), .busy)
        case 502: failure = LLM.Failure(.unreachable, "The proxy at \(name) does not reach the LLM.")
        case 503 where said?.lowercased().contains("loading") == true:
            (failure, health) = (
                LLM.Failure(.loading, "The LLM at \(name) is loading its model. Ask again in a moment."), .loading
            )
        case 503: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) is busy."), .busy)
        default: failure = error("The LLM at \(name) failed (status \(answer.status)).")
        }
    }
}
