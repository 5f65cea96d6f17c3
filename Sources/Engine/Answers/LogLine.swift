import Wire
package import World

/// One line of `chat_metrics.log`.
package struct LogLine: Sendable {
    /// Lines of schema 1 have neither `doubt` nor `threshold_basis`.
    package static let schema = 2

    package var answer: Answer
    package var seq: Int
    package var uid: UInt32
    /// The session's name in UTF-8, as it may be kept.
    package var session: [UInt8]?
    package var mode: Mode
    package var promptCharacters: Int
    /// The message in UTF-8, as the log may keep it.
    package var text: [UInt8]?
    package var error: String?

    /// Appends the line with its newline.
    package func write(to bytes: inout [UInt8]) {
        var writer = JSONWriter()
        swap(&writer.bytes, &bytes)
        writer.beginObject()
        writer.member("schema", Self.schema)
        writer.name("ts")
        writer.value(quoting: { answer.at.write(to: &$0) })
        writer.member("seq", seq)
        answer.writeIdentity(to: &writer)
        answer.writeDecision(to: &writer)
        answer.writeProvenance(to: &writer)
        writer.member("uid", Int(uid))
        writer.name("session")
        if let session { writer.value(utf8: session) } else { writer.null() }
        writer.member("mode", mode.rawValue)
        writer.member("prompt_chars", promptCharacters)
        writer.name("text")
        if let text { writer.value(utf8: text) } else { writer.null() }
        if let error { writer.member("error", error) }
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&writer.bytes, &bytes)
    }

    package var counted: CountedLine {
        CountedLine(
            at: answer.at,
            version: answer.version,
            route: answer.route,
            reason: answer.reason,
            doubt: answer.doubt,
            intent: answer.intent,
            confidence: Double(answer.confidence),
            arm: answer.draw?.arm,
            anomalies: Anomaly.Kinds(answer.anomalies),
            latencyMicroseconds: answer.totalMicroseconds,
            asksLLM: answer.llmMicroseconds != nil,
            llmTokens: answer.llm?.tokens ?? 0,
            isError: error != nil
        )
    }
}

/// The part of a log line that is counted: the same for a line just made and for one read back.
package struct CountedLine: Sendable, Equatable {
    package var at: Timestamp
    package var version: Int
    package var route: Route
    package var reason: Reason
    /// nil also in a line that was written before it was told.
    package var doubt: Doubt?
    /// As the version called it.
    package var intent: String
    package var confidence: Double
    package var arm: Arm?
    package var anomalies: Anomaly.Kinds
    package var latencyMicroseconds: Int
    /// Whether an LLM was asked, even if it did not answer.
    package var asksLLM = false
    package var llmTokens = 0
    /// Whether the request was cancelled or its answer broke off.
    package var isError: Bool
}
