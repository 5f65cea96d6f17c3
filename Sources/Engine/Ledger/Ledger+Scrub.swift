import GRDB
import GRDBSQLite
import World

// SQLite overwrites deleted rows, but not the copies left in gaps of pages when it moved rows between them. To rewrite a
// table, or the file, would make every write wait for as long as that takes. So the gaps themselves are overwritten, some
// pages at a time: the writer's thread is free between two steps, and what it does in a step is bounded. No row changes, and
// whoever reads meanwhile reads the same.
//
// In each step the log beside the file is brought into it first, so that the file is what counts; then its pages are
// changed where nothing counts; then the writer forgets the pages that it remembers, or it would write what stood in their
// gaps again. The old pages also stand in the log until it is emptied.
extension Ledger {
    /// The pages of one step.
    private static let step = 512
    /// Above this number a page of another kind could look like one of a tree.
    private static let mostPages = 1 << 25

    /// Overwrites what deleted rows have left in the file. What was deleted before the call is not in the file when it
    /// returns; the log beside it is emptied by ``emptyLog(attempts:)``.
    ///
    /// - Throws: ``StorageError``, ``StorageError/busy`` while a reader still uses an older state.
    func scrub() async throws {
        try await scrubbing.take { [self] in
            var page: Int? = 1
            while let first = page {
                page = try await patiently(attempts: 100) { [self] in
                    try await withoutTransaction { try Self.scrub(from: first, $0) }
                }
            }
        }
    }

    /// - Returns: the first page of the next step; nil at the end of the file.
    private static func scrub(from first: Int, _ db: Database) throws -> Int? {
        let (frames, moved) = try db.checkpoint(.passive)
        guard moved >= frames else { throw StorageError.busy }
        var next: Int?
        // Another process must not write meanwhile.
        try db.inTransaction(.immediate) {
            if let file = DatabaseFile(db) { next = try file.scrub(from: first, count: step, below: mostPages) }
            return .commit
        }
        try db.execute(sql: "PRAGMA shrink_memory")
        return next
    }

    /// Brings everything into the database file and empties the log with all its old pages.
    ///
    /// - Parameter attempts: how often it is tried, a twentieth of a second apart.
    /// - Throws: ``StorageError`` while a reader still uses an older state.
    func emptyLog(attempts: Int) async throws {
        try await patiently(attempts: attempts) { [self] in
            try await withoutTransaction { db in _ = try db.checkpoint(.truncate) }
        }
    }

    private func patiently<Value: Sendable>(
        attempts: Int,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        for _ in 1..<max(1, attempts) {
            do { return try await body() } catch StorageError.busy { try await clock.sleep(0.05) }
        }
        return try await body()
    }
}

/// The file of a database, through SQLite's own hands: a descriptor of ours would, when it is closed, take SQLite's locks
/// with it.
private struct DatabaseFile {
    private let file: UnsafeMutablePointer<sqlite3_file>
    private let methods: sqlite3_io_methods
    private let pageSize: Int
    private let usable: Int
    private let pages: Int

    /// nil for a database without a file, and for one whose pages may also be maps of others.
    init?(_ db: Database) {
        var found: UnsafeMutablePointer<sqlite3_file>?
        let code = withUnsafeMutablePointer(to: &found) {
            sqlite3_file_control(db.sqliteConnection, "main", SQLITE_FCNTL_FILE_POINTER, UnsafeMutableRawPointer($0))
        }
        guard code == SQLITE_OK, let found, let methods = found.pointee.pMethods else { return nil }
        (file, self.methods) = (found, methods.pointee)
        var header = [UInt8](repeating: 0, count: 100)
        var size: sqlite3_int64 = 0
        guard self.methods.xRead?(found, &header, 100, 0) == SQLITE_OK,
            self.methods.xFileSize?(found, &size) == SQLITE_OK, header[52..<56].allSatisfy({ $0 == 0 })
        else { return nil }
        let stated = Int(header[16]) << 8 | Int(header[17])
        pageSize = stated == 1 ? 65_536 : stated
        guard pageSize >= 512 else { return nil }
        usable = pageSize - Int(header[20])
        pages = Int(size) / pageSize
    }

    func scrub(from first: Int, count: Int, below limit: Int) throws -> Int? {
        guard pages < limit else { throw StorageError.failed("the file is too large to be searched for deleted rows") }
        let count = min(count, pages - first + 1)
        guard count > 0 else { return nil }
        let start = (first - 1) * pageSize
        var bytes = [UInt8](repeating: 0, count: count * pageSize)
        try check(methods.xRead?(file, &bytes, Int32(bytes.count), sqlite3_int64(start)))
        try bytes.withUnsafeMutableBufferPointer { bytes in
            for place in 0..<count {
                let page = UnsafeMutableBufferPointer(rebasing: bytes[place * pageSize..<(place + 1) * pageSize])
                for range in FreePageSpace.clear(page, isFirst: first + place == 1, usable: usable) {
                    let cleared = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(page)[range])
                    let offset = sqlite3_int64(start + place * pageSize + range.lowerBound)
                    try check(methods.xWrite?(file, cleared.baseAddress, Int32(cleared.count), offset))
                }
            }
        }
        guard first + count > pages else { return first + count }
        try check(methods.xSync?(file, SQLITE_SYNC_NORMAL))
        return nil
    }

    private func check(_ code: Int32?) throws {
        guard let code, code == SQLITE_OK else {
            throw StorageError.failed("the database file could not be read or written (\(code ?? -1))")
        }
    }
}
