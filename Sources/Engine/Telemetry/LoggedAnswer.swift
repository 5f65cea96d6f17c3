import Wire
package import World

// The one reader of log lines. A recount, feedback, `explain` and the experiment all see a line through it, so that they
// agree on which lines are the daemon's own. The log may hold lines that are not: a power cut tears the last one, a newer
// daemon adds members, and the file can be written by anybody with access to it. Members that every caller relies on are
// required; a line without one of them is skipped as a whole. All others have a default.

/// An answer, read back from its line in the chat log.
///
///     try segment.forEachLine { line in
///         if let answer = LoggedAnswer(line: line) { counters.count(answer.counted) }
///         return true
///     }
package struct LoggedAnswer: Sendable, Equatable {
    package var id: Identifier
    package var seq: Int
    package var uid: UInt32
    package var session: String?
    package var version: Int
    package var text: String?
    /// The probability with which the arm was drawn; nil for an answer that does not take part in the experiment.
    package var propensity: Double?
    /// Tokens that the LLM read; 0 if it was not asked or did not tell.
    package var promptTokens: Int
    /// Tokens that the LLM wrote; 0 if it was not asked or did not tell.
    package var completionTokens: Int
    package var counted: CountedLine

    /// Reads a line without its newline; nil if the line is torn or was not written by an intentd.
    package init?(line: [UInt8]) {
        guard let object = try? JSONParser.parse(line),
            let time = object["ts"]?.string.flatMap(Timestamp.init(rfc3339:)),
            let id = object["id"]?.string.flatMap({ Identifier($0) }),
            let seq = object["seq"]?.int,
            let uid = object["uid"]?.int.flatMap({ UInt32(exactly: $0) }),
            let version = object["model"]?.int,
            let route = object["route"]?.string.flatMap(Route.init(rawValue:)),
            let reason = object["reason"]?.string.flatMap(Reason.init(rawValue:)),
            let intent = object["intent"]?.string,
            let confidence = object["confidence"]?.double
        else { return nil }
        (self.id, self.seq, self.uid, self.version) = (id, seq, uid, version)
        session = object["session"]?.string
        text = object["text"]?.string
        propensity = object["eligible"]?.bool == true ? object["propensity"]?.double : nil
        promptTokens = object["llm"]?["prompt_tokens"]?.quantity ?? 0
        completionTokens = object["llm"]?["completion_tokens"]?.quantity ?? 0
        counted = CountedLine(
            at: time,
            version: version,
            route: route,
            reason: reason,
            doubt: object["doubt"]?.string.flatMap(Doubt.init(rawValue:)),
            intent: intent,
            // Rounded to the precision it was written with, so that a recount falls into the same bins.
            confidence: Double(Float(confidence)),
            arm: object["arm"]?.string.flatMap(Arm.init(rawValue:)),
            anomalies: Anomaly.Kinds(
                (object["anomalies"]?.array ?? []).compactMap { anomaly in
                    anomaly["kind"]?.string.flatMap(Anomaly.Kind.init(rawValue:))
                }
            ),
            latencyMicroseconds: object["latency_us"]?["total"]?.quantity ?? 0,
            asksLLM: object["latency_us"]?["llm"]?.int != nil,
            llmTokens: promptTokens + completionTokens,
            isError: object["error"] != nil
        )
    }
}
