import GRDB
import Learning
package import Logging
import Synchronization
import Wire
package import World

/// Runs retrainings, one at a time. Each is a row of the ledger from its request on.
package actor Jobs {
    package typealias Listener = @Sendable (JobRecord, _ etaMilliseconds: Int?) -> Void

    private let ledger: Ledger
    private let clock: Clock
    private let logger: Logger
    private let work: @Sendable (JobRecord, _ update: @escaping Retraining.Update) async throws -> Retraining.Outcome
    private var running: Running? {
        didSet { shown.withLock { $0 = running?.record } }
    }
    /// The running job, for callers that cannot wait for the actor.
    private let shown = Mutex<JobRecord?>(nil)
    private var isStopping = false
    /// The work during which no training may start, as a sentence without its full stop; nil while one may.
    private var held: String?

    private struct Running {
        var record: JobRecord
        var began: UInt64
        var listener: Listener?
        var task: Task<Void, Never>?
    }

    package init(
        ledger: Ledger,
        clock: Clock,
        logger: Logger,
        work:
            @escaping @Sendable (JobRecord, _ update: @escaping Retraining.Update) async throws -> Retraining.Outcome
    ) {
        self.ledger = ledger
        self.clock = clock
        self.logger = logger
        self.work = work
    }

    /// Marks the jobs that a crash has interrupted as failed.
    package func recover() async throws {
        try await ledger.write { transaction in
            let rows = try Row.fetchAll(transaction.db, sql: "SELECT * FROM jobs WHERE state IN ('queued', 'running')")
            for var record in rows.compactMap(JobRecord.init) {
                record.state = .failed
                record.error = "interrupted"
                record.finishedAt = transaction.now
                try transaction.record(.job, uid: record.uid, payload: record.json, words: JobFact.words)
            }
        }
    }

    /// Starts a job. It goes on when the caller has gone.
    ///
    /// - Throws: `RPCError` `conflict` while another one runs; ``StorageError``.
    package func start(
        uid: UInt32,
        policy: Configuration.Training.Policy,
        cause: Cause? = nil,
        isDryRun: Bool = false,
        listener: Listener? = nil
    ) async throws -> JobRecord {
        try await start(uid: uid, policy: policy, causeWords: cause?.words, isDryRun: isDryRun, listener: listener)
    }

    private func start(
        uid: UInt32,
        policy: Configuration.Training.Policy,
        causeWords: String?,
        isDryRun: Bool,
        listener: Listener?
    ) async throws -> JobRecord {
        if isStopping { throw CancellationError() }
        if let held { throw Self.waiting(for: held) }
        if let running { throw Self.busy(running.record.id) }
        // Taken before the first suspension: two requests at once must not both pass the check above.
        var record = JobRecord(id: "", at: clock.now(), uid: uid, policy: policy)
        record.isDryRun = isDryRun
        record.cause = causeWords
        running = Running(record: record, began: clock.monotonic(), listener: listener, task: nil)
        do {
            record = try await ledger.write { [record] transaction in
                var record = record
                record.id = transaction.makeIdentifier()
                try transaction.record(.jobRequest, uid: uid, at: record.createdAt, payload: JobFact.request(record))
                return record
            }
        } catch {
            running = nil
            throw error
        }
        running?.record = record
        // Whoever asked for it is not waiting any more.
        running?.task = Task.detached { [self] in await run() }
        if isStopping || held != nil { running?.task?.cancel() }
        return record
    }

    /// Starts a job and waits for its end.
    package func runToEnd(
        uid: UInt32,
        policy: Configuration.Training.Policy,
        cause: Cause? = nil,
        listener: Listener? = nil
    ) async throws -> JobRecord {
        let record = try await start(uid: uid, policy: policy, cause: cause, listener: listener)
        await running?.task?.value
        return try await get(record.id) ?? record
    }

    package nonisolated var current: JobRecord? { shown.withLock { $0 } }

    package func get(_ id: String) async throws -> JobRecord? {
        if let running, running.record.id == id { return running.record }
        return try await ledger.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM jobs WHERE id = ?", arguments: [id]).flatMap(JobRecord.init)
        }
    }

    package func list(limit: Int) async throws -> [JobRecord] {
        let stored = try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM jobs ORDER BY id DESC LIMIT ?", arguments: [limit])
                .compactMap(JobRecord.init)
        }
        return stored.map { $0.id == running?.record.id ? running?.record ?? $0 : $0 }
    }

    /// Cancels a job and waits for its end; a job that has ended stays as it is.
    package func cancel(_ id: String) async throws -> JobRecord? {
        if let running, running.record.id == id {
            running.task?.cancel()
            await running.task?.value
        }
        return try await get(id)
    }

    /// Runs `body` while no job can start. The running one goes on unless it is concerned: then it is cancelled before, and
    /// begun again after.
    ///
    /// - Throws: `RPCError` `conflict` if another `alone` runs; any error of `body`.
    package func alone<Value: Sendable>(
        because why: String,
        cancelling isConcerned: @Sendable (JobRecord) async throws -> Bool,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        if let held { throw Self.waiting(for: held) }
        held = why
        var cancelled: Running?
        do {
            while let running, try await isConcerned(running.record) {
                cancelled = running
                running.task?.cancel()
                // A job that is about to start has no task yet; it is cancelled as soon as it has one.
                if let task = running.task { await task.value } else { try await clock.sleep(0.01) }
            }
            let value = try await body()
            held = nil
            if let cancelled { await beginAgain(cancelled) }
            return value
        } catch {
            held = nil
            if let cancelled { await beginAgain(cancelled) }
            throw error
        }
    }

    private func beginAgain(_ cancelled: Running) async {
        let old = cancelled.record
        do {
            let new = try await start(
                uid: old.uid,
                policy: old.policy,
                causeWords: old.cause,
                isDryRun: old.isDryRun,
                listener: cancelled.listener
            )
            logger.notice("Retraining \(old.id) was cancelled and begins again as \(new.id).")
        } catch {
            logger.error("Retraining \(old.id) was cancelled and could not begin again: \(error)")
        }
    }

    /// Runs `body` while no job runs, and none can start meanwhile.
    ///
    /// - Throws: `RPCError` `conflict` while a job runs, or something else that needs quiet; any error of `body`.
    package func idle<Value: Sendable>(
        because why: String,
        _ body: @Sendable () async throws -> Value
    ) async throws -> Value {
        if let held { throw Self.waiting(for: held) }
        if let running { throw Self.busy(running.record.id) }
        held = why
        defer { held = nil }
        return try await body()
    }

    /// Cancels the running job at the end of the process; none can start any more.
    package func stop() async {
        isStopping = true
        running?.task?.cancel()
        await running?.task?.value
    }

    private func run() async {
        guard var record = running?.record else { return }
        record.state = .running
        record.startedAt = clock.now()
        running?.record = record
        let result: Result<Retraining.Outcome, any Error>
        do {
            result = .success(
                try await work(record) { [weak self, id = record.id] step, fraction in
                    Task { await self?.progress(of: id, step: step, fraction: fraction) }
                }
            )
        } catch {
            result = .failure(error)
        }
        await finish(record.id, result)
    }

    private func progress(of id: String, step: String, fraction: Double) {
        guard let now = running, now.record.id == id, now.record.state == .running else { return }
        // Messages of different tasks may overtake each other; a bar never goes back.
        guard fraction >= now.record.fraction else { return }
        running?.record.step = step
        running?.record.fraction = fraction
        let elapsed = Double(clock.monotonic() - now.began) / 1e6
        let eta = fraction > 0.05 ? Int(elapsed * (1 - fraction) / fraction) : nil
        if let record = running?.record { now.listener?(record, eta) }
    }

    private func finish(_ id: String, _ result: Result<Retraining.Outcome, any Error>) async {
        guard var record = running?.record else { return }
        record.finishedAt = clock.now()
        record.fraction = 1
        switch result {
        case .success(let outcome):
            record.state = outcome.isRefused ? .refused : .done
            record.candidate = outcome.candidate
            record.sameAs = outcome.sameAs
            record.error = outcome.refusal
            record.verdict = outcome.verdict
            record.learned = outcome.learned
            record.step = record.state.rawValue
        case .failure(is CancellationError):
            record.state = .cancelled
        case .failure(let error):
            record.state = .failed
            record.error = (error as? RPCError)?.message ?? String(describing: error)
            logger.error(
                "Retraining \(id) failed: \(record.error ?? "")",
                metadata: JournalMessage.trainingFailed.metadata(["job": .string(id)])
            )
        }
        do {
            try await ledger.write { [record] transaction in
                try transaction.record(.job, uid: record.uid, payload: record.json, words: JobFact.words)
            }
        } catch {
            logger.error("The end of job \(id) could not be recorded: \(error)")
        }
        let listener = running?.listener
        running = nil
        listener?(record, 0)
    }

    private static func waiting(for held: String) -> RPCError { .conflict("\(held); try again in a moment.") }

    private static func busy(_ id: String) -> RPCError {
        RPCError.conflict("A retraining is running; wait for job \(id) (`intentctl jobs`) or cancel it.")
    }
}
