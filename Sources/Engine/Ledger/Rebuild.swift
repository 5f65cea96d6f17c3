import GRDB
import Synchronization
package import Wire
import World

/// A copy of the projections that is made from the events alone, to be compared with the database's own.
package final class Rebuild: Sendable {
    /// A place where a table differs from the events.
    package struct Difference: Sendable, Equatable {
        package var table: String
        package var key: JSON
        /// nil if only one side has the row.
        package var column: String?
        package var problem: String

        package var json: JSON {
            ["table": .string(table), "key": key, "column": JSON(column), "problem": .string(problem)]
        }
    }

    private let made: DatabaseQueue
    private let projections: Projections
    /// Number of the last baseline; earlier events do not tell everything.
    private let baseline: Int64
    /// The first event that no table can follow.
    private let failure = Mutex<Difference?>(nil)

    package init(of ledger: Ledger) async throws {
        projections = ledger.projections
        baseline = try await ledger.read { db in
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT max(seq) FROM events WHERE kind = ?
                    AND origin = (SELECT value FROM meta WHERE key = 'origin')
                    """,
                arguments: [EventKind.baseline.rawValue]
            ) ?? 0
        }
        var configuration = GRDB.Configuration()
        configuration.label = "intentd.rebuild"
        configuration.prepareDatabase { db in
            // Pages beyond the cache go to a nameless file, which ends with the connection.
            try db.execute(sql: "PRAGMA temp_store = FILE; PRAGMA cache_size = -16384; PRAGMA synchronous = OFF")
        }
        made = try DatabaseQueue(path: "", configuration: configuration)
        let (clock, projections) = (ledger.clock, projections)
        try await made.writeWithoutTransaction { db in
            let transaction = Transaction(db: db, clock: clock, randomness: Randomness { 0 }, projections: projections)
            try Schema.migrate(db, recording: transaction)
        }
    }

    /// Makes the tables follow these events, which come after those of the last call.
    func follow(_ records: [AuditRecord]) throws {
        guard failure.withLock({ $0 == nil }) else { return }
        try made.write { db in
            for record in records where record.seq >= baseline {
                do {
                    try db.inSavepoint {
                        try projections.apply(record, db)
                        return .commit
                    }
                } catch {
                    let problem = "the tables cannot follow this event"
                    return failure.withLock {
                        $0 = Difference(table: "events", key: .integer(Int(record.seq)), problem: problem)
                    }
                }
            }
        }
    }

    func read<Value>(_ body: (Database) throws -> Value) throws -> Value { try made.read(body) }

    /// The first difference of each table that has one.
    func differences(from db: Database) throws -> [Difference] {
        if let failure = failure.withLock({ $0 }) { return [failure] }
        return try made.read { made in
            try Schema.projections.compactMap { try Self.difference(of: $0, in: db, from: made) }
        }
    }

    private static func difference(of table: Schema.Table, in db: Database, from made: Database) throws -> Difference? {
        let sql = "SELECT \(table.facts.joined(separator: ", ")) FROM \(table.name) ORDER BY \(table.key)"
        let (rows, wanted) = (try Row.fetchCursor(db, sql: sql), try Row.fetchCursor(made, sql: sql))
        while true {
            let (row, want) = (try rows.next(), try wanted.next())
            guard let key = [row, want].compactMap({ $0?[table.key] as DatabaseValue? }).min(by: precedes) else {
                return nil
            }
            func difference(_ column: String?, _ problem: String) -> Difference {
                Difference(table: table.name, key: json(key), column: column, problem: problem)
            }
            guard let row, row[table.key] == key else { return difference(nil, "the row is missing") }
            guard let want, want[table.key] == key else { return difference(nil, "no event tells of the row") }
            if let column = table.facts.first(where: { row[$0] as DatabaseValue != want[$0] as DatabaseValue }) {
                return difference(column, "the events say something else")
            }
        }
    }

    /// As SQLite sorts keys of one table: all are numbers, or all are texts.
    private static func precedes(_ left: DatabaseValue, _ right: DatabaseValue) -> Bool {
        switch (left.storage, right.storage) {
        case (.int64(let left), .int64(let right)): left < right
        case (.string(let left), .string(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        default: false
        }
    }

    private static func json(_ key: DatabaseValue) -> JSON {
        switch key.storage {
        case .int64(let number): .integer(Int(number))
        case .string(let text): .string(text)
        default: .null
        }
    }
}
