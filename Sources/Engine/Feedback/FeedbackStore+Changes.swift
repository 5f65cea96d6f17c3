import GRDB
package import Learning
import Text
import Wire
import World

// What becomes of feedback after it was given: its author takes it back or says it differently, and a reviewer changes
// his mind.
extension FeedbackStore {
    /// Who asks for a change.
    package struct Editor: Sendable {
        package var uid: UInt32
        package var isAdmin: Bool
    }

    /// Takes feedback back: it never trains again.
    package func withdraw(_ id: String, by editor: Editor) async throws -> FeedbackItem {
        try await ledger.write { transaction in
            var item = try Self.item(id, for: editor, transaction.db)
            guard item.state != .withdrawn else { return item }
            item.state = .withdrawn
            try transaction.record(.withdrawal, uid: editor.uid, payload: FeedbackFact.change(item))
            return item
        }
    }

    /// Says it differently. Nobody has reviewed the new words: what a user says anew waits again.
    ///
    /// - Parameters:
    ///   - intent: nil leaves it.
    ///   - comment: nil leaves it.
    ///   - state: of what a user says anew, by policy.
    package func revise(
        _ id: String,
        intent: String?,
        comment: String?,
        by editor: Editor,
        state: @escaping @Sendable (_ text: String) -> FeedbackState
    ) async throws -> FeedbackItem {
        try await ledger.write { transaction in
            let db = transaction.db
            var item = try Self.item(id, for: editor, db)
            guard item.state != .withdrawn else {
                throw RPCError.conflict("Feedback \(id) was withdrawn; give it anew.")
            }
            if let comment { item.comment = Redactor.redact(comment) }
            if let intent, intent != item.intent {
                item.intent = intent
                if editor.isAdmin {
                    // His word stands behind what is in force; what waits or was refused is for a review.
                    if item.state == .accepted { item.byAdmin = true }
                } else {
                    let fresh = state(item.text)
                    // Nobody overrules a reviewer by saying it again.
                    let isRefused = try item.state == .rejected || isRefused(item, db)
                    item.state = isRefused && fresh == .accepted ? .pending : fresh
                    (item.byAdmin, item.reviewer) = (false, nil)
                }
                if item.state == .duplicate { item.state = editor.isAdmin ? .pending : state(item.text) }
                if [.pending, .accepted].contains(item.state), try Self.isSaidTwice(item, db) {
                    item.state = .duplicate
                }
            }
            try transaction.record(.revision, uid: editor.uid, payload: FeedbackFact.change(item))
            return item
        }
    }

    /// Takes the last decision about an item back: it is again what it was before.
    package func undoReview(_ id: String, by reviewer: UInt32) async throws -> FeedbackItem {
        // The trail is long: a reader looks through it, and the writer at what has come since.
        let (known, end) = try await ledger.read { db in
            (try Self.lastChange(of: id, after: 0, db), try Int64.fetchOne(db, sql: "SELECT max(seq) FROM events") ?? 0)
        }
        return try await ledger.write { transaction in
            let db = transaction.db
            var item = try Self.item(id, for: Editor(uid: reviewer, isAdmin: true), db)
            let last = try Self.lastChange(of: id, after: end, db) ?? known
            guard let last, last.kind == EventKind.review.rawValue, let before = last.content?["before"],
                let state = before["state"]?.string.flatMap(FeedbackState.init(rawValue:))
            else {
                throw RPCError.conflict(
                    "There is no decision about feedback \(id) to take back: nobody decided, or something came after it."
                )
            }
            item.state = state
            // The intent may have another name now.
            item.intent = before["intent"]?.string.map { naming.current.now($0, since: last.at) ?? $0 }
            item.byAdmin = before["admin"]?.bool ?? false
            item.reviewer = before["reviewer"]?.int.flatMap { UInt32(exactly: $0) }
            try transaction.record(.review, uid: reviewer, payload: FeedbackFact.change(item, [Member("undone", true)]))
            return item
        }
    }

    /// The last record about an item.
    private struct LastChange: Sendable {
        var kind: String
        var content: JSON?
        var at: Timestamp
    }

    private static func lastChange(of id: String, after seq: Int64, _ db: Database) throws -> LastChange? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT kind, payload, at FROM events
                WHERE origin = (SELECT value FROM meta WHERE key = 'origin') AND seq > ?
                AND payload IS NOT NULL AND kind LIKE 'feedback.%'
                AND json_extract(payload, '$.feedback_id') = ? ORDER BY seq DESC LIMIT 1
                """,
            arguments: [seq, id]
        ).map { row in
            LastChange(
                kind: row["kind"],
                content: JSON(stored: row["payload"]),
                at: Timestamp(microseconds: row["at"])
            )
        }
    }

    /// - Throws: `RPCError` `not_found`, also for another person's: that it exists is nobody else's business.
    private static func item(_ id: String, for editor: Editor, _ db: Database) throws -> FeedbackItem {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM feedback WHERE id = ?", arguments: [id]),
            let item = FeedbackItem(row), editor.isAdmin || item.uid == editor.uid
        else {
            throw RPCError.notFound(
                "There is no feedback \(id.prefix(64)) of yours; `intentctl feedback list` shows what there is.",
                field: "feedback_id"
            )
        }
        return item
    }
}
