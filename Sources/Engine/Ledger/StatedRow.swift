import GRDB
import Wire

/// An event that states one row of a projection as it is. It follows a baseline, or the erasing of words that an earlier
/// event told about the row.
enum StatedRow {
    static let projection = Projection(kinds: [.baseline, .statement]) { fact, db in
        if fact.kind == .baseline {
            for table in Schema.projections { try db.execute(sql: "DELETE FROM \(table.name)") }
        } else {
            try write(fact, db)
        }
    }

    /// The payload that states a row.
    static func content(_ row: Row, of table: Schema.Table) throws -> JSON {
        [
            "table": .string(table.name),
            "row": .object(
                try table.columns.map { column in
                    Member(column, try json(row[column] as DatabaseValue, isJSON: table.json.contains(column)))
                }
            ),
        ]
    }

    /// JSON pointers to the parts of it that may hold people's sentences.
    static func words(of table: Schema.Table) -> [String] { table.words.sorted().map { "/row/" + $0 } }

    private static func json(_ value: DatabaseValue, isJSON: Bool) throws -> JSON {
        switch value.storage {
        case .null: return .null
        case .int64(let number): return .integer(Int(number))
        case .double(let number): return .double(number)
        case .string(let text):
            // A text that would not be written the same way again stays a text.
            guard isJSON, let value = JSON(stored: text), value.object != nil, value.description == text else {
                return .string(text)
            }
            return value
        case .blob: throw StorageError.damaged("a table holds bytes where it has text")
        }
    }

    private static func write(_ fact: Fact, _ db: Database) throws {
        guard let table = Schema.projection(named: try fact.text("table")), let row = fact.content["row"],
            table.columns.allSatisfy({ row[$0] != nil || table.later.contains($0) })
        else { throw Fact.Incomplete(kind: fact.kind, name: "a row of a table") }
        let values = table.columns.map { column -> (any DatabaseValueConvertible)? in
            switch row[column] {
            case .integer(let number): number
            case .double(let number): number
            case .string(let text): text
            case .some(.object), .some(.array): row[column]?.description
            default: nil
            }
        }
        let places = table.columns.map { _ in "?" }.joined(separator: ", ")
        try db.execute(
            sql: "INSERT OR REPLACE INTO \(table.name)(\(table.columns.joined(separator: ", "))) VALUES (\(places))",
            arguments: StatementArguments(values)
        )
    }
}

/// Events that state all rows of all projections. A rebuild begins here, because earlier events do not tell everything.
enum Baseline {
    /// The number that stands for no user.
    private static let nobody = UInt32.max

    /// States the tables, and which records have lost something by now. An empty database needs no baseline.
    static func record(in transaction: Transaction) throws {
        let db = transaction.db
        let tables = Schema.projections.map { "SELECT 1 FROM \($0.name)" } + ["SELECT 1 FROM events"]
        let isEmpty = try tables.allSatisfy { try Row.fetchOne(db, sql: $0 + " LIMIT 1") == nil }
        if isEmpty { return }
        let erased = try Int.fetchAll(db, sql: "SELECT seq FROM events WHERE payload IS NULL ORDER BY seq")
        let now = transaction.now
        let content: JSON = ["erased": .array(erased.map { .integer($0) })]
        try transaction.append(.baseline, uid: nobody, at: now, payload: content, words: [])
        for table in Schema.projections {
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM \(table.name) ORDER BY \(table.key)")
            let words = StatedRow.words(of: table)
            while let row = try rows.next() {
                let content = try StatedRow.content(row, of: table)
                try transaction.append(.statement, uid: nobody, at: now, payload: content, words: words)
            }
        }
    }
}
