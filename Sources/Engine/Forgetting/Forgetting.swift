import GRDB
import Learning
import Logging
import Wire
import World

/// Takes a person's words out of all that is kept: database, training data, log, conversations.
///
/// One commit decides. What comes before it only adds files that nobody names; what comes after it is written down in the
/// same commit and done again by the next start, or the next call, until nothing is left.
struct Forgetting: Sendable {
    let ledger: Ledger
    let registry: Registry
    let log: ChatLog
    let sessions: SessionMemory

    struct Removed: Sendable, Equatable {
        var feedback = 0
        var events = 0
        var sessions = 0
        var turns = 0
        var lines = 0
        var snapshots = 0
        /// Those that were trained on the words.
        var versions: [Int] = []
    }

    /// Whether a training that is under way may use the person's words: those of its lesson, or of the data that its champion
    /// was trained on. Before it has read its lesson, nobody can say.
    func concerns(_ job: JobRecord, _ uid: UInt32) async throws -> Bool {
        let lesson = Lesson.file(in: registry.folders.staging(job.id))
        guard job.hasRead, let lesson = try? Lesson(lesson, in: registry.files) else { return true }
        let answers = try log.answers(of: uid)
        let words = try await ledger.read { try ForgottenRows.words(of: uid, answers, $0) }
        if lesson.feedback.contains(where: { $0.uid == uid || words.feedback.contains($0.id) }) { return true }
        guard let champion = lesson.champion else { return false }
        return try ForgottenData(registry).mayHold(words, of: uid, in: champion.snapshot)
    }

    /// Nothing of theirs may be trained on meanwhile.
    ///
    /// - Parameters:
    ///   - by: who asks.
    ///   - isCommon: whether a text is one that the data file has anyway.
    func run(_ uid: UInt32, by caller: UInt32, isCommon: @escaping @Sendable (String) -> Bool) async throws -> Removed {
        try await log.setAside(linesOf: uid)
        let answers = try log.answers(of: uid)
        var removed = try await registry.turn.take { [self] in
            let survey = try await ledger.read {
                try ForgottenRows.Survey(of: uid, answers, isCommon: isCommon, $0)
            }
            let data = try await ForgottenData(registry).prepare(for: uid, survey.words)
            return try await ledger.write { transaction in
                try ForgottenRows.erase(
                    uid,
                    data,
                    answers: answers,
                    by: caller,
                    isCommon: isCommon,
                    after: survey,
                    in: transaction
                )
            }
        }
        let rest = try await finish(uid)
        (removed.lines, removed.sessions, removed.turns) = (rest.lines, rest.sessions, rest.turns)
        return removed
    }

    /// Goes on with what an earlier process did not come to the end of, at a start, before anything serves.
    func resume(_ health: Health, _ logger: Logger) async {
        do {
            try await resume()
            health.set(.forgetting, nil)
        } catch {
            logger.error("Somebody's words are not forgotten yet: \(error)")
            health.set(.forgetting, "somebody's words are not forgotten yet: \(error)")
        }
    }

    private func resume() async throws {
        for uid in try await ledger.read({ try Int64.fetchAll($0, sql: "SELECT uid FROM forgotten ORDER BY uid") }) {
            guard let uid = UInt32(exactly: uid) else { continue }
            try await log.setAside(linesOf: uid)
            _ = try await finish(uid)
        }
    }

    private func finish(_ uid: UInt32) async throws -> Removed {
        var removed = Removed()
        let snapshots = try await ledger.read { try ForgottenRows.going(uid, $0) }
        try await registry.turn.take { [registry] in try ForgottenData(registry).remove(snapshots) }
        removed.lines = try log.remove(linesOf: uid)
        let conversations = try await sessions.forget(uid: uid, name: nil)
        (removed.sessions, removed.turns) = (conversations.sessions, conversations.turns)
        try await ledger.scrub()
        try await ledger.emptyLog(attempts: 40)
        // The last thing: as long as it is there, somebody goes on.
        try await ledger.write { transaction in
            try transaction.db.execute(sql: "DELETE FROM forgotten WHERE uid = ?", arguments: [Int64(uid)])
        }
        return removed
    }
}
