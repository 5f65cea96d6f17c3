import GRDB
import Logging
import Synchronization
import World

extension Ledger {
    /// What keeps the ledger from taking writes.
    struct Condition: Sendable, Equatable {
        /// What somebody did to the files of the database.
        var meddling: String?
        /// Why the disk takes nothing.
        var disk: StorageError?
    }

    /// Looks after the files of the database and tries whether a disk that took no write takes one again; says both in
    /// `status` and the journal.
    func chore(_ health: Health, _ logger: Logger) -> Chore {
        let last = Mutex(Condition())
        return Chore("database") { [self] in
            if !refusesForGood, condition.disk != nil { await tryDisk() }
            let now = condition
            let before = last.withLock { last in
                defer { last = now }
                return last
            }
            let meddling = now.meddling.map { what in
                "\(what) by another program, and nothing is stored; put it back, or restart intentd with what is there"
            }
            health.set(.database, meddling ?? remark.withLock { $0 })
            // A refusal of the start stays what the start said of it.
            if !refusesForGood { health.set(.disk, now.disk.map(Self.words)) }
            if let meddling, before.meddling == nil {
                logger.error("\(meddling).", metadata: JournalMessage.fileDisplaced.metadata())
            }
            if before.meddling != nil, now.meddling == nil {
                logger.notice("The database is in its place again.")
            }
        }
    }

    static func words(_ error: StorageError) -> String {
        switch error {
        case .full: "the disk is full: nothing is stored, and answers go on; make room"
        case .readOnly: "the disk is read-only: nothing is stored, and answers go on; mount it for writing"
        default: "\(error)"
        }
    }

    /// The time of the last event that was recorded here; nil if there is none.
    func lastRecord() async throws -> Timestamp? {
        let sql = """
            SELECT at FROM events WHERE origin = (SELECT value FROM meta WHERE key = 'origin') ORDER BY seq DESC LIMIT 1
            """
        return try await read { try Int64.fetchOne($0, sql: sql) }.map(Timestamp.init(microseconds:))
    }

    private func tryDisk() async {
        _ = try? await write { transaction in
            let sql = "INSERT OR REPLACE INTO meta(key, value) VALUES ('disk_tried', ?)"
            try transaction.db.execute(sql: sql, arguments: [transaction.now.rfc3339])
        }
    }
}
