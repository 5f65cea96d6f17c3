/// Why a retraining began, as the job and the history tell it.
package enum Cause: Sendable, Equatable {
    case noModel
    case admin
    /// Somebody who is the daemon's own user, as the service of the timer is.
    case ownUser
    /// So many accepted items, which no training has seen yet.
    case feedback(Int)
    case drift
    /// Somebody's words are to be unlearnt.
    case forgetting

    /// Of what somebody asked for. A person who runs a daemon of his own is an admin like any other; an account of the
    /// system is no person.
    init(uid: UInt32, daemon: UInt32) { self = uid == daemon && 1..<1_000 ~= uid ? .ownUser : .admin }

    /// What follows "retrained".
    package var words: String {
        switch self {
        case .noModel: "for want of a model"
        case .admin: "by an admin"
        case .ownUser: "by the daemon's own user"
        case .feedback(1): "after 1 accepted correction"
        case .feedback(let count): "after \(count) accepted corrections"
        case .drift: "after a drift alarm"
        case .forgetting: "to unlearn a person's words"
        }
    }
}
