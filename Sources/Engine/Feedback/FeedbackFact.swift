import GRDB
import Learning
import Wire
import World

/// The events about feedback: one tells that it was given, the others tell every change of it.
enum FeedbackFact {
    static let projection = Projection(kinds: [.feedback, .review, .revision, .withdrawal]) { fact, db in
        if fact.kind == .feedback { try insert(fact, db) } else { try update(fact, db) }
    }

    /// The payload of a submission.
    static func submission(_ item: FeedbackItem) -> JSON {
        let rest: [Member] = [
            Member("predicted", JSON(item.predicted)), Member("request", .string(item.request)),
            Member("admin", .bool(item.byAdmin)),
        ]
        return .object((item.json.object ?? []) + rest)
    }

    /// The payload of a change: all columns that a change can touch, with their new values.
    static func change(_ item: FeedbackItem, _ more: [Member] = []) -> JSON {
        .object([Member("feedback_id", .string(item.id))] + standing(item) + more)
    }

    /// The values that a review replaces, so that it can be taken back.
    static func before(_ item: FeedbackItem) -> JSON { .object(standing(item).filter { $0.name != "comment" }) }

    private static func standing(_ item: FeedbackItem) -> [Member] {
        [
            Member("state", .string(item.state.rawValue)), Member("intent", JSON(item.intent)),
            Member("comment", JSON(item.comment)), Member("admin", .bool(item.byAdmin)),
            Member("reviewer", JSON(item.reviewer.map { Int($0) })),
        ]
    }

    private static func insert(_ fact: Fact, _ db: Database) throws {
        let content = fact.content
        try db.execute(
            sql: """
                INSERT INTO feedback(id, at, uid, answer, text, intent, predicted, rating, comment, state, key, request, admin)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try fact.text("feedback_id"), fact.at.microseconds, Int64(fact.uid), content["id"]?.string,
                StoredText(try fact.text("text")), content["intent"]?.string, content["predicted"]?.string,
                content["rating"]?.string, content["comment"]?.string.map(StoredText.init), try fact.text("state"),
                content["key"]?.string.map(StoredText.init), try fact.text("request"), try fact.flag("admin"),
            ]
        )
    }

    /// Feedback with a new intent has to be trained on again.
    private static func update(_ fact: Fact, _ db: Database) throws {
        let content = fact.content
        try db.execute(
            sql: """
                UPDATE feedback SET state = ?1, comment = ?3, admin = ?4, reviewer = ?5,
                tried = CASE WHEN intent IS ?2 THEN tried ELSE 0 END, intent = ?2 WHERE id = ?6
                """,
            arguments: [
                try fact.text("state"), content["intent"]?.string, content["comment"]?.string.map(StoredText.init),
                try fact.flag("admin"), content["reviewer"]?.int, try fact.text("feedback_id"),
            ]
        )
    }
}
