import Wire
package import World

/// One line of `chat_metrics.log`, and what is read back from it.
package struct LogLine: Sendable {
    package static let schema = 1

    package var answer: Answer
    package var seq: Int
    package var uid: UInt32
    /// UTF-8.
    package var session: [UInt8]?
    package var mode: Mode
    package var promptCharacters: Int
    /// UTF-8.
    package var text: [UInt8]?
    package var error: String?

    /// The line with its newline.
    package func write(to bytes: inout [UInt8]) {
        var writer = JSONWriter()
        swap(&writer.bytes, &bytes)
        writer.beginObject()
        writer.name("schema")
        writer.value(Self.schema)
        writer.name("ts")
        writer.value(quoting: { answer.at.write(to: &$0) })
        writer.name("seq")
        writer.value(seq)
        answer.writeIdentity(to: &writer)
        answer.writeDecision(to: &writer)
        answer.writeProvenance(to: &writer)
        writer.name("uid")
        writer.value(Int(uid))
        writer.name("session")
        if let session { writer.value(utf8: session) } else { writer.null() }
        writer.name("mode")
        writer.value(mode.rawValue)
        writer.name("prompt_chars")
        writer.value(promptCharacters)
        writer.name("text")
        if let text { writer.value(utf8: text) } else { writer.null() }
        if let error {
            writer.name("error")
            writer.value(error)
        }
        writer.endObject()
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&writer.bytes, &bytes)
    }

    package var counted: Counters.Line {
        Counters.Line(
            at: answer.at,
            route: answer.route,
            reason: answer.reason,
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

/// What feedback, `explain` and a recount need of a line in the log.
package struct LoggedAnswer: Sendable, Equatable {
    package var id: Identifier
    package var seq: Int
    package var uid: UInt32
    package var version: Int
    package var text: String?
    package var counted: Counters.Line

    /// nil for a line that is not one of ours, or torn.
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
        self.id = id
        self.seq = seq
        self.uid = uid
        self.version = version
        text = object["text"]?.string
        counted = Counters.Line(
            at: time,
            route: route,
            reason: reason,
            intent: intent,
            // Through the precision it was written with, so that a recount falls into the same bins.
            confidence: Double(Float(confidence)),
            arm: object["arm"]?.string.flatMap(Arm.init(rawValue:)),
            anomalies: Anomaly.Kinds(
                (object["anomalies"]?.array ?? []).compactMap { anomaly in
                    anomaly["kind"]?.string.flatMap(Anomaly.Kind.init(rawValue:))
                }
            ),
            latencyMicroseconds: object["latency_us"]?["total"]?.quantity ?? 0,
            asksLLM: object["latency_us"]?["llm"]?.int != nil,
            llmTokens: ["prompt_tokens", "completion_tokens"].reduce(0) { $0 + (object["llm"]?[$1]?.quantity ?? 0) },
            isError: object["error"] != nil
        )
    }
}
