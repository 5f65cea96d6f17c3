import Wire
import World

/// What a status other than 200 means.
struct Verdict {
    var failure: LLM.Failure
    /// What it says of the LLM's health, if anything.
    var health: LLM.Health.State?

    init(_ answer: Answer, _ model: String, _ settings: LLM.Settings, _ endpoint: Endpoint) {
        let value = try? JSONParser.parse(answer.body)
        let said = value?["error"].map(errorText)
        let detail = "status \(answer.status)" + (said.map { ": \(String($0.prefix(500)))" } ?? "")
        let name = endpoint.name
        func error(_ message: String) -> LLM.Failure { LLM.Failure(.error(detail), message) }
        switch answer.status {
        case 300..<400:
            failure = error(
                "The LLM at \(name) points elsewhere, and that is not followed. Set llm.url to where it is."
            )
        case 401:
            (failure, health) = (error("The LLM at \(name) wants a key: the credential llm_api_key."), .forbidden)
        case 403: (failure, health) = (error("The LLM at \(name) refuses us."), .forbidden)
        case 404 where said != nil: (failure, health) = (Site.missing(model), .modelMissing)
        case 404:
            failure = error(
                "What answers at \(name) knows no \(Requests.path(settings.backend)). Set llm.url or llm.backend."
            )
        case 408, 504: failure = LLM.Failure(.timeout, "The LLM at \(name) gave up (status \(answer.status)).")
        case 429: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) has no more room for questions."), .busy)
        case 502: failure = LLM.Failure(.unreachable, "What stands before the LLM at \(name) does not reach it.")
        case 503 where said?.lowercased().contains("loading") == true:
            (failure, health) = (
                LLM.Failure(.loading, "The LLM at \(name) is loading its model. Ask again in a moment."), .loading
            )
        case 503: (failure, health) = (LLM.Failure(.busy, "The LLM at \(name) is busy."), .busy)
        default: failure = error("The LLM at \(name) failed (status \(answer.status)).")
        }
    }
}
