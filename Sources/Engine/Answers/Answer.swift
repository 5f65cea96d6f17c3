package import Classifier
package import Wire
package import World

/// One answered chat request. The result on the wire and the line in the log are two views of it.
package struct Answer: Sendable {
    package var id: Identifier
    package var at: Timestamp
    package var reply: String
    package var route: Route
    package var reason: Reason
    /// The best classes as positions in `names`, best first; at least one.
    package var ranked: [Ranked]
    /// The names of the model's classes.
    package var names: [String]
    package var threshold: Float?
    package var inScope: Bool
    package var draw: Draw?
    package var version: Int
    package var digest: String
    /// The LLM's part; nil if it gave no answer.
    package var llm: LLM.Record?
    package var anomalies: Anomalies
    package var totalMicroseconds: Int
    package var classifyMicroseconds: Int
    package var llmMicroseconds: Int?

    package var intent: String { names[ranked[0].intent] }
    package var confidence: Float { ranked[0].confidence }
    /// Whether the local model was sure enough to answer alone.
    var isSure: Bool { Prediction.isSure(confidence, inScope: inScope, threshold: threshold) }

    /// Writes the result of `chat`.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeIdentity(to: &writer)
        writer.name("reply")
        writer.value(reply)
        writeDecision(to: &writer)
        writer.name("alternatives")
        ranked.write(names: names, to: &writer)
        writeProvenance(to: &writer)
        writer.endObject()
    }

    /// Writes the members that the log line shares with the result; so do the next two.
    func writeIdentity(to writer: inout JSONWriter) {
        writer.name("id")
        writer.value(quoting: { id.write(to: &$0) })
    }

    func writeDecision(to writer: inout JSONWriter) {
        writer.name("route")
        writer.value(route.rawValue)
        writer.name("reason")
        writer.value(reason.rawValue)
        writer.name("tier")
        // The tier that classified the message, whichever tier answered it.
        writer.value(Tier.lexical.rawValue)
        writer.name("intent")
        writer.value(intent)
        writer.name("confidence")
        writer.value(confidence)
        writer.name("threshold")
        if let threshold { writer.value(threshold) } else { writer.null() }
        writer.name("in_scope")
        writer.value(inScope)
    }

    func writeProvenance(to writer: inout JSONWriter) {
        writer.name("arm")
        if let draw { writer.value(draw.arm.rawValue) } else { writer.null() }
        writer.name("propensity")
        if let draw { writer.value(draw.propensity) } else { writer.null() }
        writer.name("eligible")
        writer.value(draw != nil)
        writer.name("model")
        writer.value(version)
        writer.name("digest")
        writer.value(digest)
        writer.name("llm")
        if let llm { llm.write(to: &writer) } else { writer.null() }
        writer.name("anomalies")
        writer.beginArray()
        for anomaly in anomalies { anomaly.write(to: &writer) }
        writer.endArray()
        writer.name("latency_us")
        writer.beginObject()
        writer.name("total")
        writer.value(totalMicroseconds)
        writer.name("classify")
        writer.value(classifyMicroseconds)
        writer.name("llm")
        if let llmMicroseconds { writer.value(llmMicroseconds) } else { writer.null() }
        writer.endObject()
    }
}

extension [Ranked] {
    /// Writes the list as `alternatives` has it on the wire.
    func write(names: [String], to writer: inout JSONWriter) {
        writer.beginArray()
        for entry in self {
            writer.beginObject()
            writer.name("intent")
            writer.value(names[entry.intent])
            writer.name("confidence")
            writer.value(entry.confidence)
            writer.endObject()
        }
        writer.endArray()
    }
}
