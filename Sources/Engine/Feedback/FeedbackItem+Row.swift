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
}
