import Dispatch
package import GRDB
import Synchronization
package import World

/// The facts that must never be lost, in one SQLite database with one writer.
///
/// Writers queue; whoever finds the queue idle drains it, so that everything that arrived while the disk was syncing
/// shares the next sync. Each writer has a savepoint of its own: one that fails takes nobody with it. A write is
/// acknowledged only after the commit that holds it (WAL, `synchronous=FULL`).
///
/// Another process may hold the database's lock, for as long as it likes. Writes wait for it, each as long as its task has
/// ``patience``; reads go on.
package final class Ledger: Sendable {
    private let database: any DatabaseWriter
    let clock: Clock
    let projections: Projections
    /// Keeps names that clients chose from being read on the disk.
    package let seal: NameSeal
    private let begin: @Sendable (Database) -> Transaction
    private let queue = Mutex(Queue())
    private let committed = Mutex<[EventKind: Int]>([:])
    /// nil for a database in memory.
    private let place: DatabasePlace?
    /// Why the disk did not take the last write; nil if it did.
    private let refusal = Mutex<StorageError?>(nil)
    /// Why every write is refused; nil if none is.
    private let refusesAll = Mutex<StorageError?>(nil)
    /// What was wrong with the database at the start; nil if nothing was.
    let remark = Mutex<String?>(nil)

    /// For how many seconds the writes of a task wait for another process that holds the database.
    @TaskLocal package static var patience = longPatience

    /// Seconds for what the daemon does by itself, or has to come to its end.
    package static let longPatience = 3_600.0

    /// Seconds for the writes of a request: whoever waits for an answer is told soon.
    package static let shortPatience = 1.0

    /// Turns of ``scrub()``.
    let scrubbing = Serial()
    private let isHurried = Atomic(false)

    private struct Queue {
        var waiting: [Write] = []
        var draining = false
    }

    private struct Write: Sendable {
        /// When it is refused if the database is still held, in nanoseconds since the host's start.
        let deadline: UInt64
        let run: @Sendable (Database) -> Attempt
        /// For a transaction that could not even begin.
        let refuse: @Sendable (StorageError) -> Void
    }

    /// The result of one writer's work in its savepoint.
    private struct Attempt: Sendable {
        /// Why the database did not take it, if it did not.
        var error: StorageError?
        /// The kinds of the events that the writer appended to the audit trail.
        var recorded: [EventKind] = []
        /// Says so once the commit has ended, well or not.
        var complete: @Sendable (StorageError?) -> Void
    }

    /// Opens or makes the database at `path`; `nil` is a database in memory.
    ///
    /// - Parameters:
    ///   - projections: of the rooms whose tables follow the events.
    ///   - status: what is at a path; without it nobody looks whether the files stay where they are.
    package init(
        path: String?,
        clock: Clock,
        randomness: Randomness,
        projections: [Projection],
        status: (@Sendable (String) -> FileStatus?)? = nil
    ) throws(StorageError) {
        let projections = Projections(projections)
        let begin: @Sendable (Database) -> Transaction = { db in
            Transaction(db: db, clock: clock, randomness: randomness, projections: projections)
        }
        (self.clock, self.projections, self.begin) = (clock, projections, begin)
        place = path.flatMap { path in status.map { DatabasePlace(path, status: $0) } }
        do {
            var configuration = GRDB.Configuration()
            configuration.label = "intentd"
            // Both are opened at once, so that reading needs no descriptor that a crowd of clients has taken.
            configuration.maximumReaderCount = 2
            // The writer's thread looks again after this time, and meanwhile does something else.
            configuration.busyMode = .timeout(0.05)
            configuration.prepareDatabase { db in
                try db.execute(
                    sql: "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; "
                        + "PRAGMA recursive_triggers = ON"
                )
                // The kernel keeps the file's pages, too: 512 KiB for each connection instead of 2 MiB, or the caches of a
                // growing database would be taken for a leak.
                try db.execute(sql: "PRAGMA cache_size = -512")
            }
            if let path {
                database = try DatabasePool(path: path, configuration: configuration)
            } else {
                database = try DatabaseQueue(configuration: configuration)
            }
            do {
                try Self.check(database)
                try Self.openReaders(database)
                seal = try database.writeWithoutTransaction { db in
                    // The pool opens with NORMAL, which may lose acknowledged commits with the power.
                    try db.execute(sql: "PRAGMA synchronous = FULL")
                    let transaction = begin(db)
                    try Schema.migrate(db, recording: transaction)
                    _ = try transaction.origin()
                    // A disk that takes nothing is better found now than by whoever says something first.
                    try Self.tryWriting(db, at: clock.now())
                    return NameSeal(secret: try transaction.secret())
                }
                place?.settle()
            } catch {
                // Before anybody puts the file aside: a late close would take the next one's log with it.
                try? database.close()
                throw error
            }
        } catch {
            throw StorageError(error)
        }
    }

    /// Opens a copy in memory of a database whose disk takes no writes. It can be read, and takes writes until
    /// ``refuse(_:)``, which end with the process.
    ///
    /// - Parameter path: nil where there is no database to copy.
    init(
        copyOf path: String?,
        clock: Clock,
        randomness: Randomness,
        projections: [Projection]
    ) throws(StorageError) {
        let projections = Projections(projections)
        let begin: @Sendable (Database) -> Transaction = { db in
            Transaction(db: db, clock: clock, randomness: randomness, projections: projections)
        }
        (self.clock, self.projections, self.begin) = (clock, projections, begin)
        place = nil
        do {
            let copy = try DatabaseQueue()
            if let path { try Self.copy(path, to: copy) }
            try Self.check(copy)
            seal = try copy.writeWithoutTransaction { db in
                let transaction = begin(db)
                try Schema.migrate(db, recording: transaction)
                _ = try transaction.origin()
                return NameSeal(secret: try transaction.secret())
            }
            database = copy
        } catch {
            throw StorageError(error)
        }
    }

    private static func copy(_ path: String, to copy: DatabaseQueue) throws {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        do {
            let source = try DatabaseQueue(path: path, configuration: configuration)
            try source.backup(to: copy)
            try source.close()
        } catch {
            // Without its file of commits, which an orderly end has emptied, and without room for another one, it can only be
            // read as a file that nobody changes.
            let name = path.utf8.map { byte in
                byte >= 0x80 || "?#%".utf8.contains(byte) ? "%" + String(byte, radix: 16) : String(UnicodeScalar(byte))
            }.joined()
            let source = try DatabaseQueue(path: "file:\(name)?immutable=1", configuration: configuration)
            try source.backup(to: copy)
            try source.close()
        }
    }

    var refusesForGood: Bool { refusesAll.withLock { $0 } != nil }

    /// Refuses every write from now on.
    func refuse(_ error: StorageError) { refusesAll.withLock { $0 = error } }

    private static func tryWriting(_ db: Database, at time: Timestamp) throws {
        let sql = "INSERT OR REPLACE INTO meta(key, value) VALUES ('disk_tried', ?)"
        try db.execute(sql: sql, arguments: [time.rfc3339])
    }

    /// A page that is broken is better found now than by the write that needs it.
    private static func check(_ database: any DatabaseWriter) throws {
        let finding = try database.read { try String.fetchOne($0, sql: "PRAGMA quick_check(1)") }
        if let finding, finding != "ok" { throw StorageError.damaged(finding) }
    }

    /// The second reader is opened only while the first one is busy.
    private static func openReaders(_ database: any DatabaseWriter) throws {
        guard let pool = database as? DatabasePool else { return }
        try pool.read { _ in
            let opened = DispatchSemaphore(value: 0)
            pool.asyncRead { _ in opened.signal() }
            opened.wait()
        }
    }

    package func close() throws {
        if place?.meddling() != nil {
            // Closing removes the file of commits by its name, which may be another database's by now.
            _ = Unmanaged.passRetained(database as AnyObject)
            return
        }
        // So that the file by itself is whole, for whoever copies it while nothing runs.
        _ = try? database.writeWithoutTransaction { db in try db.checkpoint(.truncate) }
        try database.close()
    }

    /// Runs `body` in a transaction that is on stable storage when this returns.
    ///
    /// - Throws: what `body` throws, as it is (its changes are undone), or ``StorageError``.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let run: @Sendable (Database) -> Attempt = { [begin] db in
                let result: Result<Value, any Error>
                var refusal: StorageError?
                var recorded: [EventKind] = []
                do {
                    var value: Value?
                    try db.inSavepoint {
                        let transaction = begin(db)
                        value = try body(transaction)
                        recorded = transaction.recorded
                        return .commit
                    }
                    result = value.map { .success($0) } ?? .failure(StorageError.failed("the savepoint was not run"))
                } catch let error as DatabaseError {
                    let error = StorageError(error)
                    refusal = error
                    result = .failure(error)
                } catch {
                    result = .failure(error)
                }
                return Attempt(error: refusal, recorded: recorded) { failure in
                    if let failure, case .success = result {
                        continuation.resume(throwing: failure)
                    } else {
                        continuation.resume(with: result)
                    }
                }
            }
            enqueue(
                Write(deadline: Self.deadline(Self.patience), run: run, refuse: { continuation.resume(throwing: $0) })
            )
        }
    }

    package func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read(body)
        } catch let error as DatabaseError {
            throw StorageError(error)
        }
    }

    /// How many events of these kinds this process has committed. Whoever derives something from them compares this with
    /// what it was at the last look, instead of being told of every change.
    package func commits(of kinds: [EventKind]) -> Int {
        committed.withLock { committed in kinds.reduce(0) { $0 + (committed[$1] ?? 0) } }
    }

    /// At the end of the process nothing waits for long any more.
    package func hurry() { isHurried.store(true, ordering: .relaxed) }

    /// For the end of the process: blocks, and does not queue.
    func writeAtEnd(_ body: (Database) throws -> Void) throws { try database.write(body) }

    /// Runs statements that SQLite does not allow in a transaction.
    func withoutTransaction<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws -> Value {
        do {
            return try await database.writeWithoutTransaction(body)
        } catch {
            throw StorageError(error)
        }
    }

    /// For the watchdog: a read on the writer's queue, which goes through the database's own locks.
    ///
    /// - Parameter answered: told of an error, if there was one. A disk that takes no writes is none, as it can still be
    ///   read, nor is another process that holds the database, nor are files that somebody put elsewhere: a restart would
    ///   only lose what is in them.
    package func probe(_ answered: @escaping @Sendable (StorageError?) -> Void) {
        let run: @Sendable (Database) -> Attempt = { db in
            do {
                _ = try Int.fetchOne(db, sql: "SELECT count(*) FROM meta")
                return Attempt(error: nil) { _ in answered(nil) }
            } catch {
                let error = StorageError(error)
                return Attempt(error: error) { _ in answered(error) }
            }
        }
        enqueue(
            Write(deadline: Self.deadline(Self.shortPatience), run: run) { error in
                switch error {
                case .full, .readOnly, .displaced, .busy: answered(nil)
                default: answered(error)
                }
            }
        )
    }

    /// A secret of this database, made once: arms of the experiment are drawn with it.
    package func salt() async throws -> String {
        try await write { transaction in
            let fresh = transaction.makeIdentifier()
            let sql = "INSERT OR IGNORE INTO meta(key, value) VALUES ('experiment_salt', ?)"
            try transaction.db.execute(sql: sql, arguments: [fresh])
            return try String.fetchOne(transaction.db, sql: "SELECT value FROM meta WHERE key = 'experiment_salt'")
                ?? fresh
        }
    }

    private func enqueue(_ write: Write) {
        let mustDrain = queue.withLock { queue in
            queue.waiting.append(write)
            defer { queue.draining = true }
            return !queue.draining
        }
        if mustDrain { drain() }
    }

    private func drain() {
        database.asyncWriteWithoutTransaction { [self] db in
            while let batch = nextBatch() {
                if commit(batch, db) { continue }
                // Others who need the writer's thread get it meanwhile.
                DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(20)) { [self] in drain() }
                return
            }
        }
    }

    private static func deadline(_ seconds: Double) -> UInt64 {
        DispatchTime.now().uptimeNanoseconds + UInt64(max(0, seconds) * 1e9)
    }

    /// Puts back what still has patience, in front of what came meanwhile, and refuses the rest.
    private func putBack(_ batch: [Write]) {
        let now = isHurried.load(ordering: .relaxed) ? UInt64.max : DispatchTime.now().uptimeNanoseconds
        queue.withLock { $0.waiting = batch.filter { $0.deadline > now } + $0.waiting }
        for write in batch where write.deadline <= now { write.refuse(.busy) }
    }

    private func nextBatch() -> [Write]? {
        queue.withLock { queue in
            if queue.waiting.isEmpty {
                queue.draining = false
                return nil
            }
            defer { queue.waiting = [] }
            return queue.waiting
        }
    }

    var condition: Condition {
        Condition(meddling: place?.meddling(), disk: refusesAll.withLock { $0 } ?? refusal.withLock { $0 })
    }

    /// - Returns: false if another process holds the database; then nothing was written.
    private func commit(_ batch: [Write], _ db: Database) -> Bool {
        if let refusal = refusesAll.withLock({ $0 }) ?? place?.meddling().map(StorageError.displaced) {
            for write in batch { write.refuse(refusal) }
            return true
        }
        var changes = 0
        var completions: [@Sendable (StorageError?) -> Void] = []
        var recorded: [EventKind] = []
        var failure: StorageError?
        do {
            try db.inTransaction(.immediate) {
                changes = db.totalChangesCount
                for write in batch {
                    let attempt = write.run(db)
                    completions.append(attempt.complete)
                    recorded += attempt.recorded
                    // A disk that is full or fails undoes everybody's part, not the savepoint alone.
                    if !db.isInsideTransaction {
                        throw attempt.error ?? StorageError.failed("the transaction was undone")
                    }
                }
                return .commit
            }
        } catch {
            let error = StorageError(error)
            if error == .busy, completions.isEmpty {
                putBack(batch)
                return false
            }
            for write in batch[completions.count...] { write.refuse(error) }
            failure = error
            recorded = []
        }
        if failure == nil, let meddling = place?.meddling() {
            (failure, recorded) = (.displaced(meddling), [])
        }
        if let failure {
            if [.full, .readOnly].contains(failure) { refusal.withLock { $0 = failure } }
        } else if db.totalChangesCount != changes {
            refusal.withLock { $0 = nil }
        }
        // Before anybody hears of it: whoever was told of a commit finds it counted.
        if !recorded.isEmpty { committed.withLock { for kind in recorded { $0[kind, default: 0] += 1 } } }
        for complete in completions { complete(failure) }
        return true
    }
}
