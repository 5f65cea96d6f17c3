// Chooses the sentence for a person whose message nobody answers. It picks an existing string and builds no new one, so
// that the reply allocates no memory.

extension Configuration.Replies {
    /// The reply for an intent that has no response.
    package func about(_ intent: String) -> String { about.replacing("{intent}", with: intent) }

    /// The reply if neither the local model nor an LLM answers.
    ///
    /// Where an LLM is there and failed, its failure is told first: it may help to ask again. An LLM that is off will
    /// not come, and then the local model's doubt says more.
    package func fallback(_ reason: Reason, _ doubt: Doubt?) -> String {
        let (failure, doubts) = (sentence(of: reason), sentence(of: doubt))
        let (first, second) = reason == .llmOff ? (doubts, failure) : (failure, doubts)
        if !first.isEmpty { return first }
        if !second.isEmpty { return second }
        if !otherwise.isEmpty { return otherwise }
        switch reason {
        case .llmLoading, .llmBusy:
            return "I am not sure what you mean, and the model that might know is busy. Please ask again in a moment."
        default:
            return doubt == .policy
                ? "I may not answer this by myself, and no other model can answer just now. Please ask a person."
                : "I am not sure what you mean, and no other model can answer just now. Please put it another way."
        }
    }

    private func sentence(of reason: Reason) -> String {
        switch reason {
        case .llmUnreachable: llmUnreachable
        case .llmTimeout: llmTimeout
        case .llmBusy, .llmLoading: llmBusy
        case .llmError, .llmModelMissing: llmError
        case .llmOff: llmOff
        case .confident, .belowThreshold, .outOfScope, .mode, .policy, .experiment: ""
        }
    }

    private func sentence(of doubt: Doubt?) -> String {
        switch doubt {
        case .outOfScope: outOfScope
        // To a person who asks, a threshold that is not known is no other case than one that is not reached.
        case .belowThreshold, .unproven: belowThreshold
        case .fewRows: fewRows
        case .policy: policy
        case nil: ""
        }
    }
}
