import Classifier
import World

/// A message that is classified and decided on, and not yet answered.
struct Considered: Sendable {
    var request: ChatService.Request
    var uid: UInt32
    var snapshot: Snapshot
    var id: Identifier
    var at: Timestamp
    /// The monotonic clock when the request's line was complete.
    var began: UInt64
    var ranked: [Ranked]
    var inScope: Bool
    var scores: ShadowScores
    var draw: Draw?
    var decision: Decision
    var anomalies: Anomalies
    var classifyMicroseconds: Int
    /// UTF-8 of the session's name.
    var session: [UInt8]?
    /// UTF-8 of the message as the log keeps it.
    var text: [UInt8]?

    /// Whether the local model would answer by itself.
    var isSure: Bool { inScope && snapshot.threshold.map { ranked[0].confidence >= $0 } ?? false }

    /// Whether an LLM is to be asked, and there is one.
    var isForLLM: Bool {
        if case .relay = decision { snapshot.rules.relays } else { false }
    }
}

/// Who answers in the end, why, and what the LLM had to do with it.
struct Ending: Sendable {
    var route: Route
    var reason: Reason
    /// The LLM's words; nil for the intent's response or the fallback.
    var reply: String?
    var llm: LLM.Record?
    var llmMicroseconds: Int?
    /// Why nobody got the answer, as the log says it.
    var error: String?
}

extension Decision {
    /// What it comes to without the LLM, which failed for `llmFailure`.
    func ending(llmFailure: Reason) -> Ending {
        switch self {
        case .local(let reason): Ending(route: .local, reason: reason)
        case .fallback(let reason): Ending(route: .fallback, reason: reason)
        case .relay(_, let localIfItFails):
            Ending(route: localIfItFails ? .local : .fallback, reason: llmFailure)
        }
    }

    /// What it comes to where the LLM, if it is asked, answers.
    func ending() -> Ending {
        if case .relay(let reason, _) = self { return Ending(route: .llm, reason: reason) }
        return ending(llmFailure: .llmOff)
    }
}
