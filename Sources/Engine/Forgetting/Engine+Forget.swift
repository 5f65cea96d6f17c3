import Logging
import Wire

extension Engine {
    func forget(_ call: Call) throws -> Given {
        let caller = call.caller.uid
        let asked = try call.params.int("uid").flatMap { UInt32(exactly: $0) }
        let uid = asked ?? caller
        guard call.caller.ownUID == nil || uid == caller else {
            throw RPCError.forbidden("Somebody else is an admin's to forget; leave uid out to have yourself forgotten.")
        }
        return .later { [self] in
            // It goes on to its end, also when who asked has gone.
            try await forgetting.take { [self] in try await forget(uid, by: caller) }
        }
    }

    private var eraser: Forgetting {
        Forgetting(ledger: ledger, registry: registry, log: log, sessions: sessions)
    }

    private func forget(_ uid: UInt32, by caller: UInt32) async throws -> JSON {
        guard let jobs else { throw RPCError.internal("no job queue") }
        await dataIsRead()
        let known = knownWords
        let removed = try await jobs.alone { [self] in
            try await eraser.run(uid, by: caller) { [self] in known.contains($0) || isLocked($0) }
        }
        world.logger.notice(
            "uid \(uid) is forgotten: \(removed.feedback) feedback, \(removed.lines) lines of the log, \(removed.turns) turns.",
            metadata: ["uid": "\(caller)"]
        )
        await letGoOverdue()
        let overdue = try await registry.overdue()
        let job = overdue.champion ? try await unlearn(jobs, caller) : nil
        let gone = removed.versions.filter { !overdue.versions.contains($0) }
        return [
            "uid": .integer(Int(uid)), "feedback": .integer(removed.feedback), "events": .integer(removed.events),
            "sessions": .integer(removed.sessions), "turns": .integer(removed.turns),
            "log_lines": .integer(removed.lines), "snapshots": .integer(removed.snapshots),
            "versions": .array(overdue.versions.map { .integer($0) }), "gone": .array(gone.map { .integer($0) }),
            "job": JSON(job),
        ]
    }

    /// Starts the training of a version without them. One that has begun meanwhile is such a one, too.
    private func unlearn(_ jobs: Jobs, _ uid: UInt32) async throws -> String? {
        do {
            return try await jobs.start(uid: uid, policy: configuration.training.policy, cause: .forgetting).id
        } catch let error as RPCError {
            if let running = jobs.current { return running.id }
            throw error
        }
    }

    /// At the end of a start: the training that a crash has come before.
    func unlearnIfDue() async {
        do {
            guard let jobs, try await registry.lacksSuccessor() else { return }
            let job = try await jobs.start(
                uid: world.uid,
                policy: configuration.training.policy,
                cause: .forgetting
            )
            world.logger.notice("Training a version without the words of somebody who is forgotten: job \(job.id).")
        } catch {
            world.logger.error("A version without the words of somebody who is forgotten is not trained: \(error)")
        }
    }

    /// What the data file says without anybody's help.
    private var knownWords: Set<String> { Set(rows.map(\.text)).union(intents.map(\.name)).union(rows.map(\.intent)) }

    /// After what serves has changed: versions trained on the words of somebody who is forgotten go, once none of them
    /// is the champion.
    func letGoOverdue() async {
        do {
            let gone = try await registry.letGoOverdue(uid: world.uid)
            let overdue = try await registry.overdue()
            let names = overdue.versions.map(String.init).joined(separator: ", ")
            degrade(
                "forget",
                overdue.champion
                    ? "version \(names) was trained on words of somebody who is forgotten, and serves until one without "
                        + "them is champion" : nil
            )
            guard !gone.isEmpty else { return }
            await refreshAliases()
            endWatch(of: gone)
            await refreshShadows()
            world.logger.notice(
                "Version \(gone.map(String.init).joined(separator: ", ")) is gone: it was trained on words of somebody who is forgotten."
            )
        } catch {
            world.logger.error("Versions that should be forgotten could not be let go: \(error)")
        }
    }

    /// At a start, before anything serves.
    func resumeForgetting() async {
        do {
            try await eraser.resume()
            degrade("forgetting", nil)
        } catch {
            world.logger.error("Somebody's words are not forgotten yet: \(error)")
            degrade("forgetting", "somebody's words are not forgotten yet: \(error)")
        }
    }
}
