import Logging
import Wire
import World

extension Engine {
    /// Adds an answered turn to its session; an answer without a session is not remembered.
    ///
    /// - Parameter message: what the person said, as it was said.
    func remember(_ line: LogLine, message: [UInt8]) {
        guard let session = line.session else { return }
        let answer = line.answer
        sessions.remember(
            uid: line.uid,
            name: String(decoding: session, as: UTF8.self),
            turn: Turn(
                answer: answer.id,
                at: answer.at,
                text: String(decoding: message, as: UTF8.self),
                reply: answer.reply,
                route: answer.route,
                intent: answer.intent
            )
        )
    }

    func listSessions(_ call: Call) throws -> Given {
        let uid = try subject(call) ?? call.caller.ownUID
        let limit = try call.params.int("limit") ?? 100
        return .later { [self] in
            let sessions = try await sessions.list(uid: uid, limit: limit)
            return [
                "sessions": .array(
                    sessions.map { session in
                        [
                            "session": .string(session.name), "uid": .integer(Int(session.uid)),
                            "turns": .integer(session.turns), "first_at": .string(session.first.rfc3339),
                            "last_at": .string(session.last.rfc3339),
                        ]
                    }
                )
            ]
        }
    }

    func showSession(_ call: Call) throws -> Given {
        let uid = try subject(call) ?? call.caller.uid
        let name = try call.params.requiredString("session")
        return .later { [self] in
            let turns = try await sessions.kept(uid: uid, name: name)
            guard !turns.isEmpty else {
                throw RPCError.notFound(
                    "Nothing is remembered of a session \(name.debugDescription); `intentctl session list` shows what there is.",
                    field: "session"
                )
            }
            return ["session": .string(name), "uid": .integer(Int(uid)), "turns": .array(turns.map(\.json))]
        }
    }

    func forgetSessions(_ call: Call) throws -> Given {
        let caller = call.caller.uid
        let uid = try subject(call) ?? caller
        let name = try call.params.string("session")
        return .later { [self] in
            let gone = try await sessions.forget(uid: uid, name: name)
            if uid != caller {
                world.logger.notice("uid \(caller) had \(gone.sessions) conversations of uid \(uid) forgotten.")
            }
            return ["sessions": .integer(gone.sessions), "turns": .integer(gone.turns)]
        }
    }

    /// Whose sessions are meant, if the caller says so; only an admin may name somebody else.
    private func subject(_ call: Call) throws -> UInt32? {
        guard let uid = try call.params.int("uid").flatMap({ UInt32(exactly: $0) }) else { return nil }
        guard call.caller.ownUID == nil || call.caller.ownUID == uid else {
            throw RPCError.forbidden("Conversations of others are an admin's to see and to forget; leave uid out.")
        }
        return uid
    }
}
