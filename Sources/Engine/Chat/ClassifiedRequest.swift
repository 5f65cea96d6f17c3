import Classifier
import World

/// A request whose message has been classified and whose plan is made; it is not answered yet.
struct ClassifiedRequest: Sendable {
    var request: ChatRequest
    var uid: UInt32
    /// The uid as it counts where many decide; nil if it counts without a limit.
    var account: UInt32?
    /// The version that answers it, whatever is promoted meanwhile.
    var model: ServingModel
    /// The counts of that version.
    var tally: ServingTally
    var id: Identifier
    var at: Timestamp
    /// The time when the request's line was complete, in nanoseconds of the monotonic clock.
    var began: UInt64
    var ranked: [Ranked]
    var inScope: Bool
    var isWithheld: Bool
    var doubt: Doubt?
    var scores: ShadowScores
    var draw: Draw?
    var plan: Plan
    var anomalies: Anomalies
    var classifyMicroseconds: Int
    /// The session's name as ``NameSeal`` keeps it, in UTF-8; nil without a session.
    var session: [UInt8]?
    /// The message in UTF-8, as the log may keep it; nil if it must not.
    var text: [UInt8]?
}

/// The parameters of a chat request. The message and the session's name stand in the buffers.
struct ChatRequest: Sendable {
    /// The length of the message in Unicode scalars.
    var characters: Int
    var mode: Mode
    var abProb: Double?
    var hasSession: Bool
}

/// How a request ends: the tier that answers it, the reason, and the LLM's part.
struct Ending: Sendable {
    var tier: Tier
    var reason: Reason
    /// The LLM's words; nil if another tier answers.
    var reply: String?
    var llm: LLM.Record?
    var llmMicroseconds: Int?
    /// The LLM's own words about its failure, if the caller may read them.
    var llmError: String?
    /// The reason, as the log has it, why the caller did not get the answer; nil if it did.
    var error: String?

    init(tier: Tier, reason: Reason, llmMicroseconds: Int? = nil) {
        (self.tier, self.reason, self.llmMicroseconds) = (tier, reason, llmMicroseconds)
    }
}
