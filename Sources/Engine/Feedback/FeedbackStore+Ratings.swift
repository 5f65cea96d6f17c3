import GRDB
import Learning
import World

extension FeedbackStore {
    /// The ratings of one answer.
    struct RatedAnswer: Sendable, Equatable {
        var answer: Identifier
        var rating: Rating
        /// Whether they named another intent than the model.
        var isCorrected: Bool
    }

    /// Every rated answer once, in the order in which they were first rated; of several ratings the last counts. What
    /// was withdrawn, or said twice, does not.
    func ratedAnswers() async throws -> [RatedAnswer] {
        try await ledger.read { db in
            var answers: [RatedAnswer] = []
            var places: [Identifier: Int] = [:]
            let rows = try Row.fetchCursor(
                db,
                sql: """
                    SELECT answer, rating, (intent IS NOT NULL AND intent IS NOT predicted) AS corrected FROM feedback
                    WHERE answer IS NOT NULL AND rating IS NOT NULL AND state NOT IN ('withdrawn', 'duplicate')
                    ORDER BY id
                    """
            )
            while let row = try rows.next() {
                guard let answer = Identifier(row["answer"] as String),
                    let rating = Rating(rawValue: row["rating"])
                else { continue }
                let rated = RatedAnswer(answer: answer, rating: rating, isCorrected: row["corrected"])
                if let place = places[answer] {
                    answers[place] = rated
                } else {
                    places[answer] = answers.count
                    answers.append(rated)
                }
            }
            return answers
        }
    }
}
