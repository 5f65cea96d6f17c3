// The order of decision, as a pure function: mode, then policy, then experiment, then threshold.

package import Learning

package enum Mode: String, Sendable, CaseIterable { case auto, local, llm }

package enum Route: String, Sendable, CaseIterable { case local, llm, fallback }

/// Why an answer took its route.
package enum Reason: String, Sendable, CaseIterable {
    case confident
    case belowThreshold = "below_threshold"
    case outOfScope = "out_of_scope"
    case mode
    case policy
    case experiment
    case llmUnreachable = "llm_unreachable"
    case llmTimeout = "llm_timeout"
    case llmModelMissing = "llm_model_missing"
    case llmLoading = "llm_loading"
    case llmBusy = "llm_busy"
    case llmError = "llm_error"
    case llmOff = "llm_off"

    /// An LLM was asked, or was to be, and did not answer.
    var isFailureOfLLM: Bool {
        switch self {
        case .llmUnreachable, .llmTimeout, .llmModelMissing, .llmLoading, .llmBusy, .llmError: true
        case .confident, .belowThreshold, .outOfScope, .mode, .policy, .experiment, .llmOff: false
        }
    }
}

package enum Arm: String, Sendable, CaseIterable { case local, llm }

/// What is known about one message before anything is decided.
package struct Question: Sendable {
    package var mode: Mode
    package var policy: Policy
    package var confidence: Float
    /// nil: no threshold is proven, so that the local model never answers by itself.
    package var threshold: Float?
    package var inScope: Bool
    /// The experiment's arm, if one was drawn.
    package var arm: Arm?

    package init(mode: Mode, policy: Policy, confidence: Float, threshold: Float?, inScope: Bool, arm: Arm?) {
        self.mode = mode
        self.policy = policy
        self.confidence = confidence
        self.threshold = threshold
        self.inScope = inScope
        self.arm = arm
    }

    var isSure: Bool {
        guard let threshold else { return false }
        return inScope && confidence >= threshold
    }

    /// Why a message that the local model does not answer went elsewhere.
    var doubt: Reason { inScope ? .belowThreshold : .outOfScope }
}

package enum Decision: Sendable, Equatable {
    case local(Reason)
    case fallback(Reason)
    /// Ask the LLM, because of `reason`; where it fails, the local model answers if `localIfItFails`, else the
    /// fallback, both with the LLM's own reason.
    case relay(Reason, localIfItFails: Bool)

    package init(_ question: Question) {
        switch question.mode {
        case .local: self = .local(.mode)
        case .llm: self = .relay(.mode, localIfItFails: false)
        case .auto:
            switch question.policy {
            case .neverLocal: self = .relay(.policy, localIfItFails: false)
            case .local: self = question.isSure ? .local(.confident) : .fallback(question.doubt)
            case .auto:
                if question.arm == .llm {
                    self = .relay(.experiment, localIfItFails: question.isSure)
                } else if question.isSure {
                    self = .local(.confident)
                } else {
                    self = .relay(question.doubt, localIfItFails: false)
                }
            }
        }
    }

    /// An arm is drawn only where it can decide something.
    package static func drawsArm(mode: Mode, policy: Policy, abProb: Double) -> Bool {
        mode == .auto && policy == .auto && abProb > 0
    }
}
