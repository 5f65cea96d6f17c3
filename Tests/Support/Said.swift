package import Learning
import World

/// What people say, for tests of what is trained on.
package enum Said {
    package static func item(
        _ text: String,
        _ intent: String,
        uid: UInt32,
        at seconds: Int64 = 0,
        byAdmin: Bool = false,
        reviewer: UInt32? = nil,
        id: String
    ) -> FeedbackItem {
        FeedbackItem(
            id: id,
            at: Timestamp(microseconds: seconds * 1_000_000),
            uid: uid,
            answer: nil,
            text: text,
            intent: intent,
            predicted: nil,
            rating: nil,
            comment: nil,
            state: .accepted,
            key: nil,
            request: "",
            byAdmin: byAdmin,
            reviewer: reviewer
        )
    }
}

extension TrainingData.Rules {
    /// As the configuration has them where nobody changed it.
    package static func usual(feedbackWeight: Double = 10, maxSharePerUID: Double = 0.05) -> TrainingData.Rules {
        TrainingData.Rules(
            feedbackWeight: feedbackWeight,
            maxSharePerUID: maxSharePerUID,
            maxShareUnreviewed: 0.05
        )
    }
}
