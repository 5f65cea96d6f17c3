import GRDB

extension FeedbackStore {
    /// How much accepted feedback no training has had before it yet, and when the last training ended.
    func standing() async throws -> Triggers.Standing {
        try await ledger.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT count(*) FROM feedback WHERE state = 'accepted' AND tried = 0 AND intent IS NOT NULL)
                    AS untried, (SELECT finished_at FROM jobs ORDER BY id DESC LIMIT 1) AS ended
                    """
            )
            return Triggers.Standing(
                untried: row?["untried"] ?? 0,
                lastEnd: (row?["ended"] as Int64?).map(Timestamp.init(microseconds:))
            )
        }
    }

    /// A training begins: with what is accepted by now, whatever becomes of it. The event of its request says so.
    static func markTried(_ db: Database) throws {
        try db.execute(sql: "UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND tried = 0")
    }
}
