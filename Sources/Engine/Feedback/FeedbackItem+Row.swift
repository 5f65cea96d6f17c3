import GRDB

extension FeedbackItem {
    /// A row of `feedback`.
    init?(_ row: Row) {
        guard let state = FeedbackState(rawValue: row["state"]) else { return nil }
        id = row["id"]
        at = Timestamp(microseconds: row["at"])
        uid = UInt32(truncatingIfNeeded: row["uid"] as Int64)
        answer = row["answer"]
        text = (row["text"] as StoredText).text
        intent = row["intent"]
        predicted = row["predicted"]
        rating = (row["rating"] as String?).flatMap(Rating.init(rawValue:))
        comment = (row["comment"] as StoredText?)?.text
        self.state = state
        key = (row["key"] as StoredText?)?.text
        request = row["request"]
        byAdmin = row["admin"]
        reviewer = (row["reviewer"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }
    }
}
