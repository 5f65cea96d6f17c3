/// What the audit trail knows.
package enum EventKind: String, Sendable, CaseIterable {
    case feedback = "feedback.submitted"
    case review = "feedback.reviewed"
    case revision = "feedback.revised"
    case withdrawal = "feedback.withdrawn"
    case forgetting = "person.forgotten"
    case job = "job.finished"
    case jobRequest = "job.requested"
    case version = "model.registered"
    case move = "alias.moved"
    case approval = "model.approved"
    case collection = "model.collected"
    /// The tables are stated anew: what stands before it does not tell all of them.
    case baseline = "ledger.baseline"
    /// A row as it is; what came before does not tell it, or does not tell it any more.
    case statement = "row.stated"

    /// Whether its payload may hold a person's words, which go when the person is forgotten. Other payloads stay; their
    /// words stand beside them.
    package var isPersonal: Bool {
        switch self {
        // Of a job, what was recorded before a baseline: it had its words in the payload.
        case .feedback, .review, .revision, .withdrawal, .job, .statement: true
        case .forgetting, .jobRequest, .version, .move, .approval, .collection, .baseline: false
        }
    }
}
