import Logging
import Wire
import World

/// A call of which the journal is told at its end.
struct AuditedCall: Sendable {
    let method: Method
    let id: RequestID?
    let uid: UInt32
    /// The time when the line was complete, in nanoseconds of the monotonic clock.
    let began: UInt64
}

/// Tells the journal about requests: audited calls, refusals, trouble with the disk. It never tells people's words, and
/// it writes at most one line of each kind per uid and second.
package final class Notices: Sendable {
    private let clock: Clock
    private let logger: Logger
    private let forbidden = Throttle()
    private let overLimit = Throttle()
    /// It is keyed by the kind of storage error, not by uid.
    private let storageTrouble = Throttle()

    init(clock: Clock, logger: Logger) {
        (self.clock, self.logger) = (clock, logger)
    }

    /// Tells of the end of an audited call.
    ///
    /// - Parameter refusal: the reason of a refusal; nil if the call succeeded.
    func ended(_ call: AuditedCall?, refusal: RPCError.Reason?) {
        guard let call else { return }
        let result = refusal?.rawValue ?? "ok"
        var fields: Logger.Metadata = [
            "method": .string(call.method.rawValue), "uid": "\(call.uid)",
            "duration_usec": "\((clock.monotonic() - call.began) / 1_000)", "result": .string(result),
        ]
        if let id = call.id { fields["request_id"] = .string(id.short) }
        let metadata = JournalMessage.called.metadata(fields)
        logger.notice("uid \(call.uid) called \(call.method.rawValue): \(result)", metadata: metadata)
    }

    /// Tells that a method was called without the right to it.
    func forbidden(_ method: Method, id: RequestID?, uid: UInt32, at now: UInt64) {
        guard forbidden.admits(uid, at: now) else { return }
        var fields: Logger.Metadata = ["method": .string(method.rawValue), "uid": "\(uid)"]
        if let id { fields["request_id"] = .string(id.short) }
        logger.warning(
            "uid \(uid) may not call \(method.rawValue), which needs the role \(method.role.rawValue).",
            metadata: JournalMessage.forbidden.metadata(fields)
        )
    }

    /// Tells that a connection was refused or closed because it went over a limit.
    package func overLimit(_ what: String, uid: UInt32) {
        guard overLimit.admits(uid, at: clock.monotonic()) else { return }
        logger.warning(
            "A connection of uid \(uid) was closed: \(what).",
            metadata: JournalMessage.overLimit.metadata(["uid": "\(uid)"])
        )
    }

    /// Tells that the disk is full or failing, if the error means that.
    func storage(_ error: any Error) {
        let message: JournalMessage
        switch error {
        case StorageError.full: message = .storageFull
        case is StorageError: message = .storageFailed
        case let error as FileError: message = error.kind == .full ? .storageFull : .storageFailed
        default: return
        }
        let kind: UInt32 = message == .storageFull ? 0 : 1
        guard storageTrouble.admits(kind, at: clock.monotonic()) else { return }
        let why = error as? StorageError == .busy ? "another process holds the database" : "\(error)"
        logger.error("A request was refused: \(why)", metadata: message.metadata())
    }

    /// Tells how many lines were held back in the seconds that are over.
    var chore: Chore {
        Chore("notices") { [self] in
            let now = clock.monotonic()
            for (uid, count) in forbidden.collect(at: now) {
                logger.warning(
                    "\(count) more calls of uid \(uid) were refused for lack of rights.",
                    metadata: JournalMessage.forbidden.metadata(["uid": "\(uid)", "suppressed": "\(count)"])
                )
            }
            for (uid, count) in overLimit.collect(at: now) {
                logger.warning(
                    "\(count) more connections of uid \(uid) were closed over a limit.",
                    metadata: JournalMessage.overLimit.metadata(["uid": "\(uid)", "suppressed": "\(count)"])
                )
            }
            for (kind, count) in storageTrouble.collect(at: now) {
                logger.error(
                    "\(count) more requests were refused because of the disk.",
                    metadata: (kind == 0 ? JournalMessage.storageFull : .storageFailed)
                        .metadata(["suppressed": "\(count)"])
                )
            }
        }
    }
}
