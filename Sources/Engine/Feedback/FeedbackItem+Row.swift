import GRDB
import Learning
import World

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

    func insert(_ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO feedback(id, at, uid, answer, text, intent, predicted, rating, comment, state, key, request, admin)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                id, at.microseconds, Int64(uid), answer, StoredText(text), intent, predicted, rating?.rawValue,
                comment.map(StoredText.init), state.rawValue, key.map(StoredText.init), request, byAdmin,
            ]
        )
    }
}
