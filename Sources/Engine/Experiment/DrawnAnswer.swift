import Text
import Wire
import World

/// What the experiment needs of a line of the chat log for which an arm was drawn.
struct DrawnAnswer: Sendable, Equatable {
    var id: Identifier
    var at: Timestamp
    var arm: Arm
    /// The probability of the LLM arm when this one was drawn.
    var llmProbability: Double
    var route: Route
    var reason: Reason
    var isError: Bool
    var uid: UInt32
    var session: String?
    var latencyMicroseconds: Int
    var promptTokens: Int
    var completionTokens: Int

    /// nil for a line without an arm, and for one that is not ours.
    init?(line: [UInt8]) {
        guard !Self.ineligible.isFound(in: line), let object = try? JSONParser.parse(line),
            object["eligible"]?.bool == true,
            let id = object["id"]?.string.flatMap({ Identifier($0) }),
            let at = object["ts"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let arm = object["arm"]?.string.flatMap(Arm.init(rawValue:)),
            let propensity = object["propensity"]?.double, 0...1 ~= propensity,
            let route = object["route"]?.string.flatMap(Route.init(rawValue:)),
            let reason = object["reason"]?.string.flatMap(Reason.init(rawValue:)),
            let uid = object["uid"]?.int.flatMap({ UInt32(exactly: $0) })
        else { return nil }
        (self.id, self.at, self.arm) = (id, at, arm)
        llmProbability = arm == .llm ? propensity : 1 - propensity
        self.route = route
        self.reason = reason
        isError = object["error"] != nil
        self.uid = uid
        session = object["session"]?.string
        latencyMicroseconds = object["latency_us"]?["total"]?.quantity ?? 0
        promptTokens = object["llm"]?["prompt_tokens"]?.quantity ?? 0
        completionTokens = object["llm"]?["completion_tokens"]?.quantity ?? 0
    }

    /// A key of what kept its arm: equal for answers of the same unit, in this process.
    func unit(_ unit: Configuration.Experiment.Unit) -> Int {
        var hasher = Hasher()
        switch (unit, session) {
        case (.uid, _): hasher.combine(uid)
        case (.session, let session?):
            hasher.combine(uid)
            hasher.combine(session)
        case (.session, nil), (.request, _): hasher.combine(id)
        }
        return hasher.finalize()
    }

    /// Most lines of most logs: found without parsing. In a person's text the quotes would be escaped.
    private static let ineligible = ByteSearch("\"eligible\":false")
}
