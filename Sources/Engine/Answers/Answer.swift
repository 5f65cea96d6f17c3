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
    /// Whether too little is known of the intent for the local model to answer alone.
    package var isWithheld: Bool
    /// nil without a threshold.
    package var thresholdBasis: ThresholdBasis?
    /// nil if the local model answered by itself, or would have.
    package var doubt: Doubt?
    package var draw: Draw?
    package var version: Int
    package var digest: String
    /// The LLM's part; nil if it gave no answer.
    package var llm: LLM.Record?
    /// The LLM's own words about its failure, for a caller who may read them. No log has them.
    package var llmError: String?
    package var anomalies: Anomalies
    package var totalMicroseconds: Int
    package var classifyMicroseconds: Int
    package var llmMicroseconds: Int?

    package var intent: String { names[ranked[0].intent] }
    package var confidence: Float { ranked[0].confidence }
    /// Whether the local model was sure enough to answer alone.
    var isSure: Bool { Prediction.isSure(confidence, inScope: inScope, isWithheld: isWithheld, threshold: threshold) }

    /// Writes the result of `chat`.
    package func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writeIdentity(to: &writer)
        writer.member("reply", reply)
        writeDecision(to: &writer)
        writer.name("alternatives")
        ranked.write(names: names, to: &writer)
        writer.member("llm_error", llmError)
        writeProvenance(to: &writer)
        writer.endObject()
    }

    /// Writes the members that the log line shares with the result; so do the next two.
    func writeIdentity(to writer: inout JSONWriter) {
        writer.name("id")
        writer.value(quoting: { id.write(to: &$0) })
    }

    func writeDecision(to writer: inout JSONWriter) {
        writer.member("route", route.rawValue)
        writer.member("reason", reason.rawValue)
        writer.member("doubt", doubt?.rawValue)
        // The tier that classified the message, whichever tier answered it.
        writer.member("tier", Tier.lexical.rawValue)
        writer.member("intent", intent)
        writer.member("confidence", confidence)
        writer.member("threshold", threshold)
        writer.member("threshold_basis", thresholdBasis?.rawValue)
        writer.member("in_scope", inScope)
    }

    func writeProvenance(to writer: inout JSONWriter) {
        writer.member("arm", draw?.arm.rawValue)
        writer.name("propensity")
        if let draw { writer.value(draw.propensity) } else { writer.null() }
        writer.member("eligible", draw != nil)
        writer.member("model", version)
        writer.member("digest", digest)
        writer.name("llm")
        if let llm { llm.write(to: &writer) } else { writer.null() }
        writer.name("anomalies")
        writer.beginArray()
        for anomaly in anomalies { anomaly.write(to: &writer) }
        writer.endArray()
        writer.name("latency_us")
        writer.beginObject()
        writer.member("total", totalMicroseconds)
        writer.member("classify", classifyMicroseconds)
        writer.member("llm", llmMicroseconds)
        writer.endObject()
    }
}

extension [Ranked] {
    /// Writes the list as `alternatives` has it on the wire.
    func write(names: [String], to writer: inout JSONWriter) {
        writer.beginArray()
        for entry in self { writer.guess(names[entry.intent], entry.confidence) }
        writer.endArray()
    }
}

extension JSONWriter {
    /// Writes an intent and how sure the model is of it.
    mutating func guess(_ intent: String, _ confidence: Float) {
        beginObject()
        member("intent", intent)
        member("confidence", confidence)
        endObject()
    }

    /// Writes a whole member, as its siblings do; nil is `null`.
    mutating func member(_ name: StaticString, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: Int?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: Float?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    mutating func member(_ name: StaticString, _ value: Bool) {
        self.name(name)
        self.value(value)
    }
}

// The words and members by which an answer tells about the LLM.

extension LLM.Failure {
    /// The reason that an answer made without the LLM gives.
    var reason: Reason {
        switch kind {
        case .unreachable: .llmUnreachable
        case .timeout: .llmTimeout
        case .modelMissing: .llmModelMissing
        case .loading: .llmLoading
        case .busy: .llmBusy
        case .off: .llmOff
        case .interrupted, .error: .llmError
        }
    }
}

extension LLM.Record {
    var tokens: Int { (promptTokens ?? 0) + (completionTokens ?? 0) }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("backend", backend.rawValue)
        writer.member("model", model)
        writer.member("prompt_tokens", promptTokens)
        writer.member("completion_tokens", completionTokens)
        writer.member("first_token_ms", firstTokenMilliseconds)
        writer.member("truncated", isTruncated)
        writer.member("left_host", leftHost)
        writer.endObject()
    }
}
