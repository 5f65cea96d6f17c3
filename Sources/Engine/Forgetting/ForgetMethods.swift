import Logging
import Wire
import World

/// `forget`: takes a person's words out of everything that is kept.
struct ForgetMethods: Sendable {
    let forgetting: Forgetting
    let unlearning: Unlearning
    let registry: Registry
    let champion: Champion
    let dataset: Dataset
    let jobs: Jobs
    let clock: Clock
    let logger: Logger
    let turn = Serial(limit: 16)
    let limit = ForgetLimit()

    func forget(_ call: Call) throws -> Response {
        let caller = call.caller.uid
        let asked = try call.params.int("uid").flatMap { UInt32(exactly: $0) }
        let uid = asked ?? caller
        guard call.caller.ownUID == nil || uid == caller else {
            throw RPCError.forbidden("Somebody else is an admin's to forget; leave uid out to have yourself forgotten.")
        }
        let isLimited = call.caller.ownUID != nil
        // It goes on to its end, also when the caller has gone, and has the patience that it needs.
        return .laterValue {
            if isLimited { try limit.enter(uid, at: clock.monotonic()) }
            defer { if isLimited { limit.leave(uid) } }
            return try await Ledger.$patience.withValue(Ledger.longPatience) {
                try await turn.take { try await forget(uid, by: caller) }
            }
        }
    }

    private func forget(_ uid: UInt32, by caller: UInt32) async throws -> JSON {
        await dataset.areRowsRead()
        let common = dataset.commonWords
        let removed = try await jobs.alone(because: "Somebody is being forgotten") { job in
            try await forgetting.concerns(job, uid)
        } _: {
            try await forgetting.run(uid, by: caller) { common.contains($0) || dataset.isLocked($0) }
        }
        logger.notice(
            "uid \(uid) is forgotten: \(removed.feedback) feedback, \(removed.lines) lines of the log, \(removed.turns) turns.",
            metadata: ["uid": "\(caller)"]
        )
        _ = await unlearning.letGo()
        // What serves is settled with the versions that are to go, so that it is news when they need not any more.
        await champion.settleOrReport()
        let overdue = try await registry.overdue()
        let job = overdue.champion ? try await unlearning.train(uid: caller) : nil
        let gone = removed.versions.filter { !overdue.versions.contains($0) }
        return [
            "uid": .integer(Int(uid)), "feedback": .integer(removed.feedback), "events": .integer(removed.events),
            "sessions": .integer(removed.sessions), "turns": .integer(removed.turns),
            "log_lines": .integer(removed.lines), "snapshots": .integer(removed.snapshots),
            "versions": .array(overdue.versions.map { .integer($0) }), "gone": .array(gone.map { .integer($0) }),
            "job": JSON(job),
        ]
    }
}
