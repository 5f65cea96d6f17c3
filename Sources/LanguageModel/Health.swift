extension LanguageModel {
    /// What is known of the LLM, without asking it.
    package struct Health: Sendable, Equatable {
        package enum State: String, Sendable, CaseIterable {
            case unknown, unreachable, notOllama, forbidden, modelMissing, loading, ready, busy
        }

        package var state = State.unknown
        /// A sentence, where there is something to say.
        package var reason: String?
        /// Seconds since 1970: when the state became what it is.
        package var since: Double
        /// The window of the loaded model in tokens.
        package var contextLength: Int?
        /// Nobody is sent to the LLM for now.
        package var isBreakerOpen = false
    }

    package struct Counters: Sendable, Equatable {
        package var calls = 0
        package var finished = 0
        /// Whoever asked went away.
        package var cancelled = 0
        /// By ``Failure/Kind/name``.
        package var failures: [String: Int] = [:]
        package var promptTokens = 0
        package var completionTokens = 0
        /// Asked right now, and waiting for their turn.
        package var inFlight = 0
        package var queued = 0
    }
}
