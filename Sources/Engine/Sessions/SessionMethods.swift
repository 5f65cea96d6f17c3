import Logging
import Text
import Wire
import World

/// `sessions.*`: lists, shows and forgets conversations.
struct SessionMethods: Sendable {
    let sessions: SessionMemory
    let seal: NameSeal
    let logger: Logger

    func list(_ call: Call) throws -> Response {
        let uid = try subject(call) ?? call.caller.ownUID
        let limit = try call.params.int("limit") ?? 100
        return .laterValue {
            let sessions = try await sessions.list(uid: uid, limit: limit)
            return [
                "sessions": .array(
                    sessions.map { session in
                        [
                            "session": .string(NameSeal.shown(session.name)), "uid": .integer(Int(session.uid)),
                            "turns": .integer(session.turns), "first_at": .string(session.first.rfc3339),
                            "last_at": .string(session.last.rfc3339),
                        ]
                    }
                )
            ]
        }
    }

    func show(_ call: Call) throws -> Response {
        let uid = try subject(call) ?? call.caller.uid
        let name = try call.params.requiredString("session")
        return .laterValue {
            let turns = try await sessions.kept(uid: uid, name: seal.seal(name))
            guard !turns.isEmpty else {
                throw RPCError.notFound(
                    "Nothing is remembered of a session \(name.debugDescription); `intentctl session list` shows what there is.",
                    field: "session"
                )
            }
            return [
                "session": .string(Redactor.redact(name)), "uid": .integer(Int(uid)),
                "turns": .array(turns.map(\.json)),
            ]
        }
    }

    func forget(_ call: Call) throws -> Response {
        let caller = call.caller.uid
        let uid = try subject(call) ?? caller
        let name = try call.params.string("session")
        return .laterValue {
            let gone = try await sessions.forget(uid: uid, name: name.map(seal.seal))
            if uid != caller {
                logger.notice("uid \(caller) had \(gone.sessions) conversations of uid \(uid) forgotten.")
            }
            return ["sessions": .integer(gone.sessions), "turns": .integer(gone.turns)]
        }
    }

    /// Returns the uid that the caller names; nil if it names none. Only an admin may name another person's.
    private func subject(_ call: Call) throws -> UInt32? {
        guard let uid = try call.params.int("uid").flatMap({ UInt32(exactly: $0) }) else { return nil }
        guard call.caller.ownUID == nil || call.caller.ownUID == uid else {
            throw RPCError.forbidden("Conversations of others are an admin's to see and to forget; leave uid out.")
        }
        return uid
    }
}
