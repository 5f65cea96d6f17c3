import Classifier
import World

/// A message that is classified and has a plan, and is not answered yet.
struct Considered: Sendable {
    var request: ChatRequest
    var uid: UInt32
    /// The version that it is answered by, whatever is promoted meanwhile, and where its answer is counted.
    var model: ServingModel
    var tally: ServingTally
    var id: Identifier
    var at: Timestamp
    /// The monotonic clock when the request's line was complete.
    var began: UInt64
    var ranked: [Ranked]
    var inScope: Bool
    var scores: ShadowScores
    var draw: Draw?
    var plan: Plan
    var anomalies: Anomalies
    var classifyMicroseconds: Int
    /// UTF-8 of the session's name.
    var session: [UInt8]?
    /// UTF-8 of the message as the log keeps it.
    var text: [UInt8]?
}

/// What is asked. The message, and the session's name if there is one, stand in the buffers.
struct ChatRequest: Sendable {
    /// Of the message, in Unicode scalars.
    var characters: Int
    var mode: Mode
    var abProb: Double?
    var hasSession: Bool
}

/// Who answers in the end, why, and the LLM's part in it.
struct Ending: Sendable {
    var tier: Tier
    var reason: Reason
    /// The LLM's words; nil for the intent's response or the fallback.
    var reply: String?
    var llm: LLM.Record?
    var llmMicroseconds: Int?
    /// Why nobody got the answer, as the log says it.
    var error: String?

    init(tier: Tier, reason: Reason, llmMicroseconds: Int? = nil) {
        (self.tier, self.reason, self.llmMicroseconds) = (tier, reason, llmMicroseconds)
    }
}
