import GRDB

/// The amounts that a user has in the database.
struct Holding: Sendable, Equatable {
    /// Turns of conversations.
    var turns = 0
    /// Feedback that waits for a review.
    var pending = 0
    /// Of texts, replies and comments.
    var bytes = 0

    init(of uid: UInt32, _ db: Database) throws {
        let sql = "SELECT turns, pending, bytes FROM holdings WHERE uid = ?"
        guard let row = try Row.fetchOne(db, sql: sql, arguments: [Int64(uid)]) else { return }
        (turns, pending, bytes) = (row["turns"], row["pending"], row["bytes"])
    }
}
