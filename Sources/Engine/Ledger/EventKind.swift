/// The kinds of records in the audit trail.
package enum EventKind: String, Sendable, CaseIterable {
    case feedback = "feedback.submitted"
    case review = "feedback.reviewed"
    case revision = "feedback.revised"
    case withdrawal = "feedback.withdrawn"
    case forgetting = "person.forgotten"
    case job = "job.finished"
    case jobRequest = "job.requested"
    case version = "model.registered"
    /// A training made the bytes of a version that is known.
    case reproduction = "version.reproduced"
    case move = "alias.moved"
    case approval = "model.approved"
    case collection = "model.collected"
    /// Intents were renamed, merged or removed.
    case intentMove = "intent.moved"
    /// Such a move was undone.
    case intentRestoration = "intent.restored"
    /// The tables are stated anew after it, because the records before it do not tell everything.
    case baseline = "ledger.baseline"
    /// States one row as it is, because earlier records do not tell it, or no longer do.
    case statement = "row.stated"

    /// Whether its payload may hold a person's words, which go when the person is forgotten. Other payloads stay; their
    /// words stand beside them.
    package var isPersonal: Bool {
        switch self {
        // A job from before the baseline has its words in the payload.
        case .feedback, .review, .revision, .withdrawal, .job, .statement: true
        case .forgetting, .jobRequest, .version, .reproduction, .move, .approval, .collection, .baseline, .intentMove,
            .intentRestoration:
            false
        }
    }
}
