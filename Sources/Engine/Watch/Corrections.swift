import GRDB
import World

/// Finds the corrections of the answers of a span: thumbs down, and intents other than the model's. Feedback that was
/// rejected, withdrawn or a duplicate does not count.
struct CorrectionCount: Sendable {
    let ledger: Ledger

    /// - Parameters:
    ///   - since: the time of the first answer.
    ///   - before: the end of the span; nil for now.
    func given(since: Timestamp, before: Timestamp?) async throws -> [GivenCorrections] {
        let (first, last) = (Identifier.first(at: since), before.map { Identifier.first(at: $0) })
        return try await ledger.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT uid, (admin OR state = 'accepted' AND reviewer IS NOT NULL) AS vouched,
                           count(DISTINCT answer) AS corrections
                    FROM feedback
                    WHERE answer >= ?1 AND (?2 IS NULL OR answer < ?2) AND state NOT IN ('rejected', 'withdrawn', 'duplicate')
                    AND (rating = 'down' OR intent IS NOT NULL AND intent IS NOT predicted)
                    GROUP BY 1, 2
                    """,
                arguments: [first, last]
            ).map { row in
                GivenCorrections(
                    account: UInt32(truncatingIfNeeded: row["uid"] as Int64),
                    isVouched: row["vouched"],
                    count: row["corrections"]
                )
            }
        }
    }
}

extension Identifier {
    /// Returns the least text of an id of this millisecond.
    static func first(at time: Timestamp) -> String {
        let least = Identifier(at: Timestamp(microseconds: time.microseconds / 1_000 * 1_000), randomness: .none)
        return least.description
    }
}

extension Randomness {
    fileprivate static let none = Randomness { 0 }
}
