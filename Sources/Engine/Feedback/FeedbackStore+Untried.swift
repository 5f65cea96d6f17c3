import GRDB
import World

extension FeedbackStore {
    /// A training begins: with what is accepted by now, whatever becomes of it.
    static func noteTraining(_ db: Database) throws {
        try db.execute(sql: "UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND tried = 0")
    }
}
