/// The person or program at the other end of a connection, and what the connection has under way.
package struct Caller: Sendable {
    /// Who acts, and with which rights. The socket sets both from the kernel's credentials; from then on they are the
    /// door's to change, so that a connection can act for somebody else one day.
    package var identity: Identity
    /// Requests of this connection that are not answered yet.
    package var inFlight = 0
    /// Bytes of their lines.
    package var heldBytes = 0
    /// Bytes of the line that is being answered; 0 once a request that waits has taken them over.
    package var lineBytes = 0
    /// Sends a line to this connection; nothing happens once it has closed.
    package let notify: @Sendable ([UInt8]) -> Void

    package struct Identity: Sendable, Equatable {
        package var uid: UInt32
        package var role: Role

        package init(uid: UInt32, role: Role) {
            self.uid = uid
            self.role = role
        }
    }

    package init(uid: UInt32, role: Role, notify: @escaping @Sendable ([UInt8]) -> Void) {
        identity = Identity(uid: uid, role: role)
        self.notify = notify
    }

    package var uid: UInt32 { identity.uid }

    package var role: Role { identity.role }

    /// The uid to which "own" is limited: nil for an admin, who sees everybody's.
    package var ownUID: UInt32? { role == .admin ? nil : uid }
}

/// What a line comes to.
package enum Outcome: Sendable {
    /// Nothing to say: a blank line or a notification.
    case none
    /// A whole line, newline included, was added to the output.
    case written
    /// A whole line, newline included.
    case reply([UInt8])
    /// Requests that wait for something: each runs as a task and ends in a line (none for a notification).
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
    /// Bytes that they hold in memory until then.
    package var bytes = 0
    /// The line; nil where nothing is to be said.
    package var run: @Sendable () async -> [UInt8]?

    package init(
        id: RequestID?,
        requests: Int = 1,
        bytes: Int = 0,
        run: @escaping @Sendable () async -> [UInt8]?
    ) {
        self.id = id
        self.requests = requests
        self.bytes = bytes
        self.run = run
    }
}
