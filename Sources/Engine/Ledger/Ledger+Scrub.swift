import GRDB
import World

// SQLite overwrites deleted rows, but not the copies left in gaps of pages when it moved rows between them. It overwrites
// every page of a dropped table as a whole. The old pages also stand in the log beside the database until it is emptied.
extension Ledger {
    /// Moves every row of every table to new pages.
    func rewrite() async throws {
        try await withoutTransaction { db in
            // A sandbox may have no room for a temporary file.
            try db.execute(sql: "PRAGMA temp_store = MEMORY")
            defer { try? db.execute(sql: "PRAGMA temp_store = DEFAULT") }
            try db.execute(sql: "VACUUM")
        }
    }

    /// Moves the rows of one table, within a transaction.
    static func rewrite(_ table: String, _ db: Database) throws {
        let sql = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'index'"
        let definitions = try String.fetchAll(db, sql: sql, arguments: [table])
        guard let columns = definitions.first?.drop(while: { $0 != "(" }) else { return }
        try db.execute(sql: "CREATE TABLE kept_rows" + columns)
        try db.execute(sql: "INSERT INTO kept_rows SELECT * FROM \(table) ORDER BY rowid")
        try db.execute(sql: "DROP TABLE \(table)")
        try db.execute(sql: "ALTER TABLE kept_rows RENAME TO \(table)")
        for index in definitions.dropFirst() { try db.execute(sql: index) }
    }

    /// Brings everything into the database file and empties the log with all its old pages.
    ///
    /// - Parameter attempts: how often it is tried, a twentieth of a second apart.
    /// - Throws: ``StorageError`` while a reader still uses an older state.
    func emptyLog(attempts: Int) async throws {
        for attempt in 1...attempts {
            do {
                return try await withoutTransaction { db in _ = try db.checkpoint(.truncate) }
            } catch  where attempt < attempts {
                try await clock.sleep(0.05)
            }
        }
    }
}
