import GRDB
package import Learning
import Text
package import Wire
import World

/// Feedback as rows of the ledger: what it returned from a write is on stable storage.
package struct FeedbackStore: Sendable {
    let ledger: Ledger
    let naming: Naming
    /// The language of the data, by whose words two texts are alike.
    var language: @Sendable () -> TextSettings.Language = { .und }

    /// Feedback as a client sent it, before the store gives it an id and a state.
    package struct Submission: Sendable {
        package var uid: UInt32
        package var answer: String?
        package var text: String
        package var intent: String?
        package var predicted: String?
        package var rating: Rating?
        package var comment: String?
        package var key: String?
        package var request: String
        package var byAdmin: Bool
        /// Pending or accepted by role and policy, or evaluation only.
        package var state: FeedbackState
        /// The limits on how much a user may store; nil for an admin, who has none.
        package var limits: ConnectionLimits?
    }

    package struct Receipt: Sendable, Equatable {
        package var id: String
        package var state: FeedbackState
        /// Of this uid.
        package var pending: Int
    }

    /// - Throws: `RPCError` `conflict` for a key that was used with other content; ``StorageError``.
    package func submit(_ submission: Submission) async throws -> Receipt {
        try await ledger.write { transaction in
            let db = transaction.db
            let request = ledger.seal.hash(submission.request)
            if let key = submission.key, let first = try stored(uid: submission.uid, key: key, db) {
                // An earlier intentd kept the digest itself.
                guard [request, submission.request].contains(first.request) else {
                    throw RPCError.conflict(
                        "The key \(key.debugDescription) was used before with other content; use a new key for new feedback."
                    )
                }
                return try Self.receipt(first, db)
            }
            var item = FeedbackItem(
                id: transaction.makeIdentifier(),
                at: transaction.now,
                uid: submission.uid,
                answer: submission.answer,
                text: submission.text,
                intent: submission.intent,
                predicted: submission.predicted,
                rating: submission.rating,
                comment: submission.comment.map(Redactor.redact),
                state: submission.state,
                key: submission.key.map(ledger.seal.seal),
                request: request,
                byAdmin: submission.byAdmin
            )
            if item.state == .accepted, !item.byAdmin, try isRefused(item, db) { item.state = .pending }
            if try Self.isSaidTwice(item, db) { item.state = .duplicate }
            if let limits = submission.limits { try Self.check(item, against: limits, db) }
            try transaction.record(.feedback, uid: item.uid, at: item.at, payload: FeedbackFact.submission(item))
            return try Self.receipt(item, db)
        }
    }

    /// - Parameter uid: nil for everybody's.
    package func list(
        uid: UInt32?,
        state: FeedbackState?,
        limit: Int,
        before: String?
    ) async throws -> (items: [FeedbackItem], pending: Int) {
        try await ledger.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT * FROM feedback WHERE (?1 IS NULL OR uid = ?1) AND (?2 IS NULL OR state = ?2)
                    AND (?3 IS NULL OR id < ?3) ORDER BY id DESC LIMIT ?4
                    """,
                arguments: [uid.map { Int64($0) }, state?.rawValue, before, limit]
            )
            return (rows.compactMap(FeedbackItem.init), try Self.pending(uid: uid, db))
        }
    }

    /// - Throws: `RPCError` `not_found`, or `invalid_params` where nobody said which intent.
    package func review(
        _ id: String,
        accept: Bool,
        intent: String?,
        reviewer: UInt32,
        isLocked: @escaping @Sendable (String) -> Bool
    ) async throws -> FeedbackItem {
        try await ledger.write { transaction in
            let db = transaction.db
            guard let row = try Row.fetchOne(db, sql: "SELECT * FROM feedback WHERE id = ?", arguments: [id]),
                var item = FeedbackItem(row)
            else {
                throw RPCError.notFound("There is no feedback \(id); `intentctl feedback list` shows what there is.")
            }
            if item.state == .withdrawn {
                throw RPCError.conflict("Feedback \(id) was withdrawn by its author and cannot be reviewed.")
            }
            let before = FeedbackFact.before(item)
            if let intent { item.intent = intent }
            if accept {
                guard item.intent != nil || item.rating == .up else {
                    throw RPCError.invalidParams(
                        "Feedback \(id) names no intent yet; accept it with the right one.",
                        field: "intent",
                        hint: "intentctl review --accept \(id) --intent INTENT"
                    )
                }
                item.state = isLocked(item.text) ? .evaluationOnly : .accepted
                item.byAdmin = true
            } else {
                item.state = .rejected
            }
            item.reviewer = reviewer
            let change = FeedbackFact.change(item, [Member("before", before)])
            try transaction.record(.review, uid: reviewer, payload: change)
            return item
        }
    }

    /// Everything that may train, oldest first.
    package func accepted() async throws -> [FeedbackItem] {
        try await ledger.read { db in
            let sql = "SELECT * FROM feedback WHERE state = 'accepted' AND intent IS NOT NULL ORDER BY id"
            return try Row.fetchAll(db, sql: sql).compactMap(FeedbackItem.init)
        }
    }

    /// The people who said each of some texts in feedback that may train.
    func speakers(of texts: Set<String>) async throws -> [String: Set<UInt32>] {
        try await ledger.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT DISTINCT text, uid FROM feedback WHERE state = 'accepted' AND intent IS NOT NULL"
            )
            var speakers: [String: Set<UInt32>] = [:]
            while let row = try rows.next() {
                let text = (row["text"] as StoredText).text
                guard texts.contains(text) else { continue }
                speakers[text, default: []].insert(UInt32(truncatingIfNeeded: row["uid"] as Int64))
            }
            return speakers
        }
    }

    /// How many items may train, by intent.
    func acceptedByIntent() async throws -> [String: Int] {
        try await ledger.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT intent, count(*) FROM feedback WHERE state = 'accepted' AND intent IS NOT NULL GROUP BY intent
                    """
            )
            return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: +)
        }
    }

    /// Rows of the database, by what they say.
    package struct Summary: Sendable, Equatable {
        package var up = 0
        package var down = 0
        package var corrections = 0
        package var pending = 0
    }

    package func summary() async throws -> Summary {
        try await ledger.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) FILTER (WHERE rating = 'up') AS up, count(*) FILTER (WHERE rating = 'down') AS down,
                    count(*) FILTER (WHERE intent IS NOT NULL AND intent IS NOT predicted) AS corrections,
                    count(*) FILTER (WHERE state = 'pending') AS pending
                    FROM feedback WHERE state NOT IN ('withdrawn', 'duplicate')
                    """
            )
            guard let row else { return Summary() }
            return Summary(up: row["up"], down: row["down"], corrections: row["corrections"], pending: row["pending"])
        }
    }

    /// - Parameter key: as the client gave it, and as an earlier intentd kept it.
    private func stored(uid: UInt32, key: String, _ db: Database) throws -> FeedbackItem? {
        let sql = "SELECT * FROM feedback WHERE uid = ? AND key IN (?, ?)"
        let arguments: StatementArguments = [Int64(uid), StoredText(ledger.seal.seal(key)), StoredText(key)]
        return try Row.fetchOne(db, sql: sql, arguments: arguments).flatMap(FeedbackItem.init)
    }

    /// Whether the same person has another item that says the same, and that waits or is in force.
    static func isSaidTwice(_ item: FeedbackItem, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT EXISTS(SELECT 1 FROM feedback WHERE id <> ? AND uid = ? AND text = ? AND intent IS ?
                AND rating IS ? AND answer IS ? AND state IN ('pending', 'accepted'))
                """,
            arguments: [
                item.id, Int64(item.uid), StoredText(item.text), item.intent, item.rating?.rawValue, item.answer,
            ]
        ) ?? false
    }

    /// The number of refused items that a new one is compared with, the newest.
    private static let refusedLimit = 1_000

    /// Whether a reviewer has refused the same words for the same intent: nobody overrules him by saying it again, in
    /// capitals, or through another account.
    func isRefused(_ item: FeedbackItem, _ db: Database) throws -> Bool {
        let texts = try StoredText.fetchAll(
            db,
            sql: """
                SELECT text FROM feedback WHERE state = 'rejected' AND intent IS ? AND reviewer IS NOT NULL
                ORDER BY id DESC LIMIT ?
                """,
            arguments: [item.intent, Self.refusedLimit]
        )
        guard !texts.isEmpty else { return false }
        var key = WordKey(language: language())
        let said = key(item.text)
        return texts.contains { key($0.text) == said }
    }

    /// - Throws: `RPCError` `conflict` if its author has as much here as a user may.
    private static func check(_ item: FeedbackItem, against limits: ConnectionLimits, _ db: Database) throws {
        let holding = try Holding(of: item.uid, db)
        if item.state == .pending, holding.pending >= limits.pendingPerUID {
            throw RPCError.conflict(
                "\(holding.pending) of your feedback items wait for a review, and no more may.",
                hint: "wait for the review, or withdraw some: `intentctl feedback list`"
            )
        }
        if holding.bytes + item.text.utf8.count + (item.comment?.utf8.count ?? 0) > limits.storedPerUID {
            throw RPCError.conflict(
                "Your feedback and conversations take \(holding.bytes >> 20) MiB here, and more is not kept.",
                hint: "forget conversations: `intentctl session forget`"
            )
        }
    }

    private static func receipt(_ item: FeedbackItem, _ db: Database) throws -> Receipt {
        Receipt(id: item.id, state: item.state, pending: try pending(uid: item.uid, db))
    }

    private static func pending(uid: UInt32?, _ db: Database) throws -> Int {
        if let uid { return try Holding(of: uid, db).pending }
        return try Int.fetchOne(db, sql: "SELECT sum(pending) FROM holdings") ?? 0
    }

    /// Marks all accepted feedback as trained on, however the training ends. The event of its request stands for that.
    static func markTried(_ db: Database) throws {
        try db.execute(sql: "UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND tried = 0")
    }
}

extension FeedbackItem {
    init?(_ row: Row) {
        guard let state = FeedbackState(rawValue: row["state"]) else { return nil }
        self.init(
            id: row["id"],
            at: Timestamp(microseconds: row["at"]),
            uid: UInt32(truncatingIfNeeded: row["uid"] as Int64),
            answer: row["answer"],
            text: (row["text"] as StoredText).text,
            intent: row["intent"],
            predicted: row["predicted"],
            rating: (row["rating"] as String?).flatMap(Rating.init(rawValue:)),
            comment: (row["comment"] as StoredText?)?.text,
            state: state,
            key: (row["key"] as StoredText?)?.text,
            request: row["request"],
            byAdmin: row["admin"],
            reviewer: (row["reviewer"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }
        )
    }
}
