import Wire
import World

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
        writer.name("backend")
        writer.value(backend.rawValue)
        writer.name("model")
        writer.value(model)
        writer.name("prompt_tokens")
        writer.value(JSON(promptTokens))
        writer.name("completion_tokens")
        writer.value(JSON(completionTokens))
        writer.name("first_token_ms")
        writer.value(JSON(firstTokenMilliseconds))
        writer.name("truncated")
        writer.value(isTruncated)
        writer.name("left_host")
        writer.value(leftHost)
        writer.endObject()
    }
}
