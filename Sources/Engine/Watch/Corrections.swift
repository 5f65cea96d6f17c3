import GRDB
import World

/// How much people corrected the answers of a span: thumbs down, and intents other than the model's. What a reviewer
/// rejected, and what was withdrawn or said twice, does not count; neither does more from one user alone than
/// ``WatchRule/counted(byUser:vouched:)`` lets through.
struct CorrectionCount: Sendable {
    let ledger: Ledger

    /// - Parameters:
    ///   - since: when the first of the answers was given.
    ///   - before: nil: to now.
    func count(since: Timestamp, before: Timestamp?) async throws -> Int {
        let (first, last) = (Identifier.first(at: since), before.map { Identifier.first(at: $0) })
        let rows = try await ledger.read { db in
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
            ).map { (isVouched: $0["vouched"] as Bool, count: $0["corrections"] as Int) }
        }
        return WatchRule.counted(
            byUser: rows.filter { !$0.isVouched }.map(\.count),
            vouched: rows.reduce(0) { $0 + ($1.isVouched ? $1.count : 0) }
        )
    }
}

extension Identifier {
    /// The text that ids of this millisecond and later ones are not below, as texts.
    static func first(at time: Timestamp) -> String {
        let least = Identifier(at: Timestamp(microseconds: time.microseconds / 1_000 * 1_000), randomness: .none)
        return least.description
    }
}

extension Randomness {
    fileprivate static let none = Randomness { 0 }
}
