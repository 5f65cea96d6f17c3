/// The cause of a retraining, which the job and the history tell.
package enum Cause: Sendable, Equatable {
    case noModel
    case admin
    /// A request from the daemon's own user, as the timer's service makes it.
    case ownUser
    /// This many accepted items that no training has seen yet.
    case feedback(Int)
    case drift
    /// The words of a forgotten person must be unlearnt.
    case forgetting

    /// The cause of a request. One from the daemon's own system account (a uid from 1 to 999) comes from the timer; a
    /// person who runs a daemon under an account of their own is an admin.
    init(uid: UInt32, daemon: UInt32) { self = uid == daemon && 1..<1_000 ~= uid ? .ownUser : .admin }

    /// The words that follow "retrained".
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
