import Wire
package import World

/// An answer as a line of the log tells it: what feedback, `explain` and a recount need.
package struct LoggedAnswer: Sendable, Equatable {
    package var id: Identifier
    package var seq: Int
    package var uid: UInt32
    package var version: Int
    package var text: String?
    package var counted: CountedLine

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
        (self.id, self.seq, self.uid, self.version) = (id, seq, uid, version)
        text = object["text"]?.string
        counted = CountedLine(
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
