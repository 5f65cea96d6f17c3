import GRDB
import World

extension FeedbackStore {
    /// Marks all accepted feedback as trained on, however the training ends. The event of its request stands for that.
    static func markTried(_ db: Database) throws {
        try db.execute(sql: "UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND tried = 0")
    }
}
