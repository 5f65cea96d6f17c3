import GRDB
import World

extension FeedbackStore {
    /// A training begins: with what is accepted by now, whatever becomes of it. The event of its request says so.
    static func markTried(_ db: Database) throws {
        try db.execute(sql: "UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND tried = 0")
    }
}
