import Logging
import Wire
import World

// What of the requests is told to the journal. Never what people wrote, except at debug level.

/// One audited call, from its role check to its end.
struct Audit {
    let engine: Engine
    let method: Method
    let id: RequestID?
    let uid: UInt32
    /// The monotonic clock when the line was complete.
    let began: UInt64

    /// - Parameter reason: why it was refused; nil where it was done.
    func ended(_ reason: RPCError.Reason?) {
        var fields: Logger.Metadata = [
            "method": .string(method.rawValue), "uid": "\(uid)",
            "duration_usec": "\((engine.world.clock.monotonic() - began) / 1_000)",
            "result": .string(reason?.rawValue ?? "ok"),
        ]
        if let id { fields["request_id"] = .string(id.short) }
        engine.world.logger.notice(
            "uid \(uid) called \(method.rawValue): \(reason?.rawValue ?? "ok")",
            metadata: Event.called.metadata(fields)
        )
    }
}

extension RequestID {
    /// For the journal: the client chose it, so it is as long as it wants.
    var short: String { String(decoding: raw.prefix(128), as: UTF8.self) }
}

extension Engine {
    /// Says that a method was called without the right to it.
    func noteForbidden(_ method: Method, _ id: RequestID?, uid: UInt32, at now: UInt64) {
        guard forbidden.admits(uid, at: now) else { return }
        var fields: Logger.Metadata = ["method": .string(method.rawValue), "uid": "\(uid)"]
        if let id { fields["request_id"] = .string(id.short) }
        world.logger.warning(
            "uid \(uid) may not call \(method.rawValue), which needs the role \(method.role.rawValue).",
            metadata: Event.forbidden.metadata(fields)
        )
    }

    /// Says that a connection was refused or closed because it went over a limit.
    package func noteOverLimit(_ what: String, uid: UInt32) {
        guard overLimit.admits(uid, at: world.clock.monotonic()) else { return }
        world.logger.warning(
            "A connection of uid \(uid) was closed: \(what).",
            metadata: Event.overLimit.metadata(["uid": "\(uid)"])
        )
    }

    /// Says once a second at most that the disk below the database is full or failing.
    func noteStorage(_ error: any Error) {
        let event: Event
        switch error {
        case StorageError.full: event = .storageFull
        case is StorageError: event = .storageFailed
        case let error as FileError: event = error.kind == .full ? .storageFull : .storageFailed
        default: return
        }
        let kind: UInt32 = event == .storageFull ? 0 : 1
        guard storageTrouble.admits(kind, at: world.clock.monotonic()) else { return }
        world.logger.error("A request was refused: \(error)", metadata: event.metadata())
    }

    /// An answer, without its words.
    func noteAnswer(_ line: LogLine, _ id: RequestID?) {
        guard world.logger.logLevel <= .debug else { return }
        let answer = line.answer
        var fields: Logger.Metadata = [
            "answer": .string(answer.id.description), "route": .string(answer.route.rawValue),
            "model_version": "\(answer.version)", "duration_usec": "\(answer.totalMicroseconds)", "uid": "\(line.uid)",
            "method": "chat",
        ]
        if let id { fields["request_id"] = .string(id.short) }
        world.logger.debug("Answered by route \(answer.route.rawValue).", metadata: fields)
    }

    /// Once a second: what the throttles held back.
    func noteHeldBack() {
        let now = world.clock.monotonic()
        for (uid, count) in forbidden.collect(at: now) {
            world.logger.warning(
                "\(count) more calls of uid \(uid) were refused for lack of rights.",
                metadata: Event.forbidden.metadata(["uid": "\(uid)", "suppressed": "\(count)"])
            )
        }
        for (uid, count) in overLimit.collect(at: now) {
            world.logger.warning(
                "\(count) more connections of uid \(uid) were closed over a limit.",
                metadata: Event.overLimit.metadata(["uid": "\(uid)", "suppressed": "\(count)"])
            )
        }
        for (kind, count) in storageTrouble.collect(at: now) {
            world.logger.error(
                "\(count) more requests were refused because of the disk.",
                metadata: (kind == 0 ? Event.storageFull : .storageFailed).metadata(["suppressed": "\(count)"])
            )
        }
    }
}
