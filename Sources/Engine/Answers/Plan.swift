import Classifier
package import Learning

// How a message is routed: a pure function from everything known about it to a list of steps.
//
// The order is mode, policy, experiment, threshold. A step names a tier and the reason that its answer carries. The
// runner asks one tier after the other until one answers. A tier that cannot answer says why; the next step without a
// reason of its own takes over that one. So a tier can be added between two others without a change to either.

/// The tiers that the caller allows: all of them, the local model alone, or the LLM alone.
package enum Mode: String, Sendable, CaseIterable { case auto, local, llm }

/// The kind of tier that answered.
package enum Route: String, Sendable, CaseIterable { case local, llm, fallback }

/// One of the places an answer can come from.
package enum Tier: String, Sendable, CaseIterable {
    /// The local model of words and letters.
    case lexical
    case llm
    /// Says that the daemon does not know.
    case fallback

    package var route: Route {
        switch self {
        case .lexical: .local
        case .llm: .llm
        case .fallback: .fallback
        }
    }
}

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

    /// Whether an LLM was asked, or should have been, and did not answer.
    var isFailureOfLLM: Bool {
        switch self {
        case .llmUnreachable, .llmTimeout, .llmModelMissing, .llmLoading, .llmBusy, .llmError: true
        case .confident, .belowThreshold, .outOfScope, .mode, .policy, .experiment, .llmOff: false
        }
    }
}

/// The two arms of the experiment.
package enum Arm: String, Sendable, CaseIterable { case local, llm }

/// The facts about one message on which its route depends.
package struct Question: Sendable {
    package var mode: Mode
    package var policy: Policy
    package var confidence: Float
    /// nil if no threshold is known: then the local model never answers by itself.
    package var threshold: Float?
    package var inScope: Bool
    /// Whether too little is known of the intent for the local model to answer alone.
    package var isWithheld: Bool
    /// The experiment's arm, if one was drawn.
    package var arm: Arm?

    /// Whether the local model is sure enough to answer by itself.
    var isSure: Bool {
        Prediction.isSure(confidence, inScope: inScope, isWithheld: isWithheld, threshold: threshold)
    }

    /// Returns whether an arm is drawn: only if it can make a difference.
    package static func drawsArm(mode: Mode, policy: Policy, abProb: Double) -> Bool {
        mode == .auto && policy == .auto && abProb > 0
    }
}

/// The tiers to ask for an answer, in this order. The last one always answers.
///
///     Plan(question).steps    // llm (below_threshold), then fallback with the LLM's own reason
package struct Plan: Sendable, Equatable {
    package struct Step: Sendable, Equatable {
        package var tier: Tier
        /// nil stands for the reason why the tier before it did not answer.
        package var reason: Reason?

        package init(_ tier: Tier, _ reason: Reason? = nil) {
            (self.tier, self.reason) = (tier, reason)
        }
    }

    package let steps: [Step]

    /// All plans are made once, so that a message needs no memory for its plan.
    private init(_ steps: Step...) { self.steps = steps }

    private static let localByMode = Plan(Step(.lexical, .mode))
    private static let localByPolicy = Plan(Step(.lexical, .policy))
    private static let sure = Plan(Step(.lexical, .confident))
    private static let unsure = Plan(Step(.fallback, .belowThreshold))
    private static let outside = Plan(Step(.fallback, .outOfScope))
    private static let llmByMode = Plan(Step(.llm, .mode), Step(.fallback))
    private static let llmByPolicy = Plan(Step(.llm, .policy), Step(.fallback))
    private static let llmByExperiment = Plan(Step(.llm, .experiment), Step(.fallback))
    /// If the LLM fails, the local model answers as it would have without the experiment.
    private static let llmBeforeSure = Plan(Step(.llm, .experiment), Step(.lexical))
    private static let llmForUnsure = Plan(Step(.llm, .belowThreshold), Step(.fallback))
    private static let llmForOutside = Plan(Step(.llm, .outOfScope), Step(.fallback))

    package init(_ question: Question) {
        let (isSure, isInScope) = (question.isSure, question.inScope)
        switch (question.mode, question.policy) {
        case (.local, _): self = Self.localByMode
        case (.llm, _): self = Self.llmByMode
        case (.auto, .neverLocal): self = Self.llmByPolicy
        case (.auto, .local): self = isSure ? Self.sure : isInScope ? Self.unsure : Self.outside
        case (.auto, .always) where isInScope: self = isSure ? Self.sure : Self.localByPolicy
        case (.auto, .auto) where question.arm == .llm: self = isSure ? Self.llmBeforeSure : Self.llmByExperiment
        case (.auto, .auto), (.auto, .always):
            self = isSure ? Self.sure : isInScope ? Self.llmForUnsure : Self.llmForOutside
        }
    }

    /// Returns the first step whose tier answers, with its reason. A tier does not answer if `fails` returns why.
    ///
    ///     plan.outcome { $0 == .llm ? .llmOff : nil }
    package func outcome(_ fails: (Tier) -> Reason?) -> (tier: Tier, reason: Reason) {
        var failure: Reason?
        for step in steps {
            if let reason = fails(step.tier) {
                failure = reason
            } else if let reason = step.reason ?? failure {
                return (step.tier, reason)
            }
        }
        return (.fallback, failure ?? .llmError)
    }
}
