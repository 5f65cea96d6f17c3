import GRDB
import Learning
import Logging
import Wire
import World

// A move changes five files and the ledger, and no file system commits six things at once. The event comes first: its
// commit is the move. It tells the digests of the files before and after, so that whoever finishes it, after a failure or
// a crash, knows which files are still to be rewritten. No training may run meanwhile: a version whose data was read
// before the move and registered after it would be taken for one that knows the new names.

/// Renames, merges and removes intents in data, responses, cases and feedback together, and undoes that.
struct IntentMoves: Sendable {
    let ledger: Ledger
    let naming: Naming
    let files: IntentFiles
    let champion: Champion
    let jobs: Jobs
    let ground: Ground

    struct Outcome: Sendable, Equatable {
        var move: String
        var plan: MovePlan
        /// The number of accepted feedback items.
        var feedback: Int
    }

    /// The name under which the ledger keeps the move whose files are not all rewritten yet.
    private static let unfinished = "intent_move_unfinished"
    private static let why = "Names of intents are being changed"

    /// - Throws: ``IntentMoveError`` if a file cannot be rewritten, and then nothing has changed; `RPCError` `conflict` while
    ///   a training runs; ``StorageError``, ``FileError``.
    func run(_ move: IntentMove, uid: UInt32, reason: String) async throws -> Outcome {
        try await jobs.idle(because: Self.why) {
            try await finish()
            let plan = try files.plan(move)
            let (id, feedback) = try await ledger.write { transaction in
                let feedback = try Self.accepted(of: move.sources, transaction.db)
                let id = try Self.record(.intentMove, uid: uid, in: transaction) { id, through in
                    IntentMoveFact.move(id, move, through: through, plan: plan.json, reason: reason)
                }
                return (id, feedback)
            }
            try await finish()
            tell(id, uid: uid, "\(move.sentence).")
            return Outcome(move: id, plan: plan, feedback: feedback)
        }
    }

    /// - Throws: `RPCError` `not_found`; `conflict` if the files are not what the move made of them; otherwise as
    ///   ``run(_:uid:reason:)``.
    func undo(_ id: String, uid: UInt32, reason: String) async throws -> Outcome {
        try await jobs.idle(because: Self.why) {
            try await finish()
            guard let stored = try await ledger.read({ try StoredMove.fetch(id, $0) }), let plan = MovePlan(stored.plan)
            else {
                throw RPCError.notFound("There is no move \(id.prefix(64)) of intents.", field: "move")
            }
            guard !stored.isUndone else { throw RPCError.conflict("The move \(id) is undone already.") }
            guard try files.isAsMoved(plan.files) else {
                throw RPCError.conflict(
                    "The files have been changed since the move \(id), so it cannot be undone.",
                    hint: stored.remedy
                )
            }
            try files.checkCopies(plan.files, movedAt: stored.at)
            let (undoing, feedback) = try await ledger.write { transaction in
                let feedback = try Self.changed(by: id, transaction.db)
                let undoing = try Self.record(.intentRestoration, uid: uid, in: transaction) { id, through in
                    IntentMoveFact.restoration(id, of: stored, through: through, reason: reason)
                }
                return (undoing, feedback)
            }
            try await finish()
            tell(undoing, uid: uid, "The move \(id) of intents is undone.")
            return Outcome(move: undoing, plan: plan, feedback: feedback)
        }
    }

    private func tell(_ id: String, uid: UInt32, _ sentence: String) {
        ground.logger.notice("\(sentence)", metadata: ["move": .string(id), "uid": "\(uid)"])
    }

    // MARK: Finishing

    /// Finishes what an earlier process has begun, before a model serves.
    func resume() async {
        do {
            try await naming.read()
            try await finish()
        } catch {
            ground.logger.error("The names of intents are not changed in all files yet: \(error)")
        }
    }

    /// Rewrites the files of a move that is recorded, and makes everybody read its names.
    private func finish() async throws {
        let begun = try await ledger.read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [Self.unfinished])
                .flatMap { try Begun.fetch($0, db) }
        }
        guard let begun, let plan = MovePlan(begun.move.plan) else { return }
        // The event is the move: its names are in force whatever becomes of the files.
        try await naming.read()
        let result = Result { try rewrite(begun, plan) }
        if case .success = result {
            try await ledger.write { transaction in
                try transaction.db.execute(sql: "DELETE FROM meta WHERE key = ?", arguments: [Self.unfinished])
            }
        }
        if champion.serving.model != nil {
            champion.dataset.readAgain()
            try await champion.refresh()
        }
        do {
            try result.get()
        } catch let error as IntentMoveError {
            throw RPCError.conflict(
                "The move \(begun.move.id) is recorded, but a file does not follow it yet. \(error.place)\(error.message)",
                hint: "mend the file; the next change of intents, or a restart, goes on"
            )
        }
    }

    private func rewrite(_ begun: Begun, _ plan: MovePlan) throws {
        if let undoneAt = begun.undoneAt {
            try files.undo(plan.files, movedAt: begun.move.at, at: undoneAt)
        } else {
            try files.carryOut(begun.move.move, plan.files, at: begun.move.at)
        }
    }

    /// A move whose files may not be rewritten yet.
    private struct Begun: Sendable {
        var move: StoredMove
        /// When it was undone, if that is what has begun.
        var undoneAt: Timestamp?

        static func fetch(_ id: String, _ db: Database) throws -> Begun? {
            if let move = try StoredMove.fetch(id, db) { return Begun(move: move) }
            let sql = "SELECT undoes, at FROM intent_moves WHERE move = ? AND undoes IS NOT NULL"
            guard let row = try Row.fetchOne(db, sql: sql, arguments: [id]),
                let move = try StoredMove.fetch(row["undoes"], db)
            else { return nil }
            return Begun(move: move, undoneAt: Timestamp(microseconds: row["at"]))
        }
    }

    /// Records a move or its undoing, whose files are still to be rewritten.
    ///
    /// - Parameter payload: makes the event of its id and of the newest version that there is.
    /// - Returns: its id.
    private static func record(
        _ kind: EventKind,
        uid: UInt32,
        in transaction: Transaction,
        payload: (_ id: String, _ through: Int) -> JSON
    ) throws -> String {
        let (id, db) = (transaction.makeIdentifier(), transaction.db)
        let through = try Int.fetchOne(db, sql: "SELECT max(version) FROM versions") ?? 0
        try transaction.record(kind, uid: uid, payload: payload(id, through), words: IntentMoveFact.words)
        let sql = "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)"
        try db.execute(sql: sql, arguments: [unfinished, id])
        return id
    }

    private static func accepted(of intents: [String], _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM feedback WHERE state = 'accepted'
                AND intent IN (SELECT value FROM json_each(?))
                """,
            arguments: [JSON.array(intents.map { .string($0) }).description]
        ) ?? 0
    }

    /// How many items that were accepted before a move were changed by it.
    private static func changed(by move: String, _ db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM moved_feedback AS was JOIN intent_moves USING (move)
                WHERE move = ? AND was.state = 'accepted' AND intent IN (SELECT value FROM json_each(sources))
                """,
            arguments: [move]
        ) ?? 0
    }
}

extension IntentMove {
    /// The sentence by which the journal tells of it.
    fileprivate var sentence: String {
        let names = sources.map(\.debugDescription).joined(separator: ", ")
        return switch kind {
        case .rename: "The intent \(names) is called \((target ?? "").debugDescription) now"
        case .merge: "\(names) became one with the intent \((target ?? "").debugDescription)"
        case .remove: "The intent \(names) is removed"
        }
    }
}

extension StoredMove {
    /// The advice for a person who cannot undo it.
    fileprivate var remedy: String {
        guard move.kind == .rename, let target = move.target else {
            return "change the files by hand; data/NAME.replaced-TIME are as they were before"
        }
        return "rename it back: `intentctl intents rename \(target) \(move.sources[0])`"
    }
}
