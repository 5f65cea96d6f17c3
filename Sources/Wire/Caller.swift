/// The person or program at the other end of a connection, and what the connection has under way.
package struct Caller: Sendable {
    /// The user who acts, and with which rights. The socket sets both from the kernel's credentials; after that only the
    /// door changes them, so that a connection can act for somebody else one day.
    package var identity: Identity
    /// The number of requests of this connection that are not answered yet.
    package var inFlight = 0
    /// The number of bytes of their lines.
    package var heldBytes = 0
    /// The number of bytes of the line that is being answered; 0 once a request that waits has taken them over.
    package var lineBytes = 0
    /// Whether the line was refused because too much is under way. Whoever goes on asking all the same would keep an event
    /// loop busy with refusals, so the server takes the next lines of the connection a little later.
    package var isOverLimit = false
    /// Sends a line to this connection; nothing happens once it has closed.
    package let notify: @Sendable ([UInt8]) -> Void

    package struct Identity: Sendable, Equatable {
        package var uid: UInt32
        package var role: Role
        /// Whether the account passes on many people's messages, as the configuration says.
        package var isService = false

        /// The uid as it counts where many accounts decide something together; nil if it counts without a limit.
        package var account: UInt32? { role == .admin || isService ? nil : uid }
    }

    package init(
        uid: UInt32,
        role: Role,
        isService: Bool = false,
        notify: @escaping @Sendable ([UInt8]) -> Void
    ) {
        identity = Identity(uid: uid, role: role, isService: isService)
        self.notify = notify
    }

    package var uid: UInt32 { identity.uid }

    package var role: Role { identity.role }

    /// The uid to which "own" is limited: nil for an admin, who sees everybody's.
    package var ownUID: UInt32? { role == .admin ? nil : uid }
}

/// The result of handling one line. It stays on the loop that read the line.
package enum Outcome {
    /// There is nothing to send: the line was blank or a notification.
    case none
    /// A whole line, newline included, was added to the output.
    case written
    /// A whole line, newline included, has to be sent.
    case reply([UInt8])
    /// Requests wait for something: each runs as a task and ends in a line (none for a notification).
    case later([Pending])
    /// The client cancels one of its requests.
    case cancel(RequestID)
    /// A part of the line is handled. The rest may wait for others' lines, but not for later ones of the same connection.
    case unfinished(any UnfinishedLine)
}

/// A line of many requests, which are handled one by one. Either ``proceed(_:)`` is called until its outcome is another one,
/// or ``abandon()`` once.
package protocol UnfinishedLine: AnyObject {
    func proceed(_ caller: inout Caller) -> Outcome
    /// Gives back what the handled part has reserved, for a connection that has closed.
    func abandon()
}

/// One request that is answered later.
package struct Pending: Sendable {
    /// The id by which it can be cancelled; nil for a notification.
    package var id: RequestID?
    /// The number of requests it answers: those of a batch are answered together.
    package var requests = 1
    /// The number of bytes that they hold in memory until then.
    package var bytes = 0
    /// Makes the line to send; nil if there is none.
    package var run: @Sendable () async -> [UInt8]?

    package init(id: RequestID?, requests: Int = 1, bytes: Int = 0, run: @escaping @Sendable () async -> [UInt8]?) {
        (self.id, self.requests, self.bytes, self.run) = (id, requests, bytes, run)
    }
}
