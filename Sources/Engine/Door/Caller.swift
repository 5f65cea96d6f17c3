package import Wire

/// Who is at the other end of a connection, and how much he has asked for.
package struct Caller: Sendable {
    package let uid: UInt32
    package var role: Role
    /// Requests of this connection that are not answered yet.
    package var inFlight = 0
    /// Bytes of their lines.
    package var heldBytes = 0
    /// Of the line that is being answered; 0 once a request that waits has taken it over.
    var lineBytes = 0
    /// Sends a line to this connection; nothing happens once it has closed.
    package let notify: @Sendable ([UInt8]) -> Void

    package init(uid: UInt32, role: Role, notify: @escaping @Sendable ([UInt8]) -> Void) {
        self.uid = uid
        self.role = role
        self.notify = notify
    }

    /// nil for an admin, who sees everybody's: the uid to which "own" is limited.
    package var ownUID: UInt32? { role == .admin ? nil : uid }
}

/// What a line comes to.
package enum Outcome: Sendable {
    /// Nothing to say: a blank line or a notification.
    case none
    /// A whole line, newline included, was added to the lane's output.
    case written
    /// A whole line, newline included.
    case reply([UInt8])
    /// Something that waits: runs as a task, ends in a line (none for a notification).
    case later([Pending])
    /// The client takes back what it asked.
    case cancel(RequestID)
}

/// One request that is answered later.
package struct Pending: Sendable {
    /// nil where it cannot be cancelled by name: a notification.
    package var id: RequestID?
    /// How many requests it answers: those of a batch leave together.
    package var requests = 1
    /// What they hold in memory until then.
    package var bytes = 0
    /// The line; nil where nothing is to be said.
    package var run: @Sendable () async -> [UInt8]?
}
