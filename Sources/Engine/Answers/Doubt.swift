import Learning

/// Why the local model did not answer by itself.
package enum Doubt: String, Sendable, CaseIterable {
    case belowThreshold = "below_threshold"
    case outOfScope = "out_of_scope"
    /// The intent's policy is never to answer locally.
    case policy
    /// Too little is known of the intent.
    case fewRows = "few_rows"
    /// No threshold is known from which on it might answer.
    case unproven

    /// The reason that a step after the local model gives; the list of reasons is closed.
    var reason: Reason {
        switch self {
        case .outOfScope: .outOfScope
        case .policy: .policy
        case .belowThreshold, .fewRows, .unproven: .belowThreshold
        }
    }
}

/// How much is known of the threshold in force.
package enum ThresholdBasis: String, Sendable, CaseIterable {
    case proven
    /// Its precision is likely and not proven.
    case estimated
    /// A person has set it.
    case fixed
}

extension Question {
    /// Why the local model does not answer by itself; nil if it does, or would where the mode or the experiment had not
    /// asked the LLM.
    var doubt: Doubt? {
        if mode == .local { return nil }
        switch policy {
        case .neverLocal: return .policy
        case .always where inScope: return nil
        case .always, .auto, .local: break
        }
        if isSure { return nil }
        guard inScope else { return .outOfScope }
        if isWithheld { return .fewRows }
        return threshold == nil ? .unproven : .belowThreshold
    }
}
