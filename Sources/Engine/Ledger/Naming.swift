import GRDB
import Synchronization
import Wire
import World

/// The names of intents in force, for everybody who reads what an earlier version called them. They stand in the ledger, in
/// the table `intent_moves`, and are read from it at a start and after every move.
package final class Naming: Sendable {
    private let ledger: Ledger
    private let names = Mutex(IntentNames())

    package init(ledger: Ledger) { self.ledger = ledger }

    package var current: IntentNames { names.withLock { $0 } }

    /// - Throws: ``StorageError``.
    package func read() async throws {
        let fresh = try await ledger.read { try Self.names($0) }
        names.withLock { $0 = fresh }
    }

    /// The steps that still mean something: a step lapses when no version of before it is there.
    static func names(_ db: Database) throws -> IntentNames {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM intent_moves
                WHERE (kind = 'rename' OR move NOT IN (SELECT undoes FROM intent_moves WHERE undoes IS NOT NULL))
                AND through >= (SELECT min(version) FROM versions WHERE collected_at IS NULL)
                ORDER BY seq
                """
        )
        let steps = rows.map { row in
            IntentNames.Step(
                sources: (JSON(stored: row["sources"])?.array ?? []).compactMap(\.string),
                target: row["target"],
                through: row["through"],
                at: Timestamp(microseconds: row["at"])
            )
        }
        // A merge or a removal that was undone is left out above. Only a renaming is undone by a step of its own.
        return IntentNames(steps.filter { !$0.sources.isEmpty })
    }
}
