package import Wire
package import World

/// The decision about a person's feedback.
package enum FeedbackState: String, Sendable, CaseIterable {
    case pending
    case accepted
    case rejected
    case withdrawn
    /// The same person had said the same before.
    case duplicate
    /// Its text is a locked test row: it is counted but never trained on.
    case evaluationOnly = "evaluation_only"
}

package enum Rating: String, Sendable, CaseIterable { case up, down }

package struct FeedbackItem: Sendable, Equatable {
    package var id: String
    package var at: Timestamp
    package var uid: UInt32
    /// The id of the rated answer; nil for a new example.
    package var answer: String?
    package var text: String
    /// The intent that the person gave the text; nil if he only rated the answer.
    package var intent: String?
    /// The intent that the model had answered.
    package var predicted: String?
    package var rating: Rating?
    package var comment: String?
    package var state: FeedbackState
    package var key: String?
    /// The request in canonical form: a retry with the same key must ask the same.
    package var request: String
    /// Whether an admin wrote or accepted it: then its weight is not capped.
    package var byAdmin: Bool
    /// The admin who decided about it last; nil if nobody had to.
    package var reviewer: UInt32?

    package var json: JSON {
        [
            "feedback_id": .string(id), "at": .string(at.rfc3339), "uid": .integer(Int(uid)), "id": JSON(answer),
            "text": .string(text), "intent": JSON(intent), "rating": JSON(rating?.rawValue), "comment": JSON(comment),
            "state": .string(state.rawValue), "key": JSON(key),
        ]
    }

    package init(
        id: String,
        at: Timestamp,
        uid: UInt32,
        answer: String?,
        text: String,
        intent: String?,
        predicted: String?,
        rating: Rating?,
        comment: String?,
        state: FeedbackState,
        key: String?,
        request: String,
        byAdmin: Bool,
        reviewer: UInt32? = nil
    ) {
        (self.id, self.at, self.uid, self.answer) = (id, at, uid, answer)
        (self.text, self.intent, self.predicted) = (text, intent, predicted)
        (self.rating, self.comment, self.state) = (rating, comment, state)
        (self.key, self.request) = (key, request)
        (self.byAdmin, self.reviewer) = (byAdmin, reviewer)
    }
}
