import GRDB
package import Logging
import Synchronization
import Wire
package import World

// Conversations are kept twice. In memory they are as they were said, because an LLM needs the words; in the database
// they are redacted, because a disk outlives the conversation. An answer waits for neither: an event loop puts its turn
// into an inbox of its own, whoever looks at the memory empties the inboxes, and a chore writes new turns once a
// second. The price is that a crash loses the turns of the last second. What this promises without exceptions is
// forgetting: the writer takes the turns inside its transaction, so that a turn that was forgotten before is never
// written after.

/// The conversations of all people. Names of sessions are those that ``NameSeal`` makes of what clients call them.
///
///     memory.remember(uid: 1_000, name: "s", turn: turn, in: lane.turns)    // never waits for the disk
///     await memory.history(uid: 1_000, name: "s")                           // as it was said, for a prompt
///     try await memory.forget(uid: 1_000, name: "s")                        // no file holds a word of it now
package final class SessionMemory: Sendable {
    package struct Limits: Sendable {
        /// Tokens of one session in memory, as many as an LLM's context usually has left for earlier turns.
        package var tokens = 8_192
        /// Bytes of all sessions together. The session used longest ago makes room, and is read again when it is used.
        package var memory = 32 << 20
        /// Bytes of turns that wait for the disk.
        package var unsaved = 8 << 20
        /// Bytes of them above which they are written without waiting for the next second.
        package var prompt = 1 << 20
        /// Bytes of turns that wait in one event loop's inbox.
        package var inbox = 1 << 16
        /// The number of turns in one transaction, which all other writes wait for.
        package var atOnce = 500

        package init() {}
    }

    private let ledger: Ledger
    private let clock: Clock
    private let time: PlausibleTime
    private let logger: Logger
    private let limits: Limits
    private let sessions: Mutex<SessionState>
    private let otherTurns = TurnInbox()
    private let inboxes: Mutex<[TurnInbox]>
    private let stored = Mutex(ConnectionLimits())
    private let upkeep = Mutex(Upkeep())
    private let scrubbing = Serial()

    private struct Upkeep {
        var isUnderWay = false
        var lastExpiry: UInt64?
        var trouble: String?
        /// How often rows have been deleted. It begins at 1, since an earlier process may have deleted some.
        var deletions = 1
        /// The number of those deletions whose remains have been overwritten.
        var scrubbed = 0
        /// Whether the database's log may still hold deleted rows.
        var mustTruncate = false
        var lostBefore = 0
    }

    package init(
        ledger: Ledger,
        clock: Clock,
        logger: Logger,
        settings: Configuration.Sessions,
        limits: Limits = Limits(),
        time: PlausibleTime? = nil
    ) {
        self.time = time ?? PlausibleTime(clock: clock)
        self.time.look()
        (self.ledger, self.clock, self.logger, self.limits) = (ledger, clock, logger, limits)
        sessions = Mutex(SessionState(settings: settings, limits: limits))
        inboxes = Mutex([otherTurns])
    }

    /// An inbox for one more event loop.
    package func makeInbox() -> TurnInbox {
        let inbox = TurnInbox()
        inboxes.withLock { $0.append(inbox) }
        return inbox
    }

    /// Adds a turn. It appends to an inbox under the lock of one event loop, and empties the inboxes when this one is full.
    ///
    /// - Parameter inbox: the event loop's inbox; nil for a caller that is not an event loop.
    package func remember(uid: UInt32, name: String, turn: Turn, in inbox: TurnInbox? = nil) {
        let key = SessionKey(uid: uid, name: name)
        guard (inbox ?? otherTurns).add(turn.fitting(tokens: limits.tokens), to: key) > limits.inbox else { return }
        let unsaved = state.withLock { $0.unsavedWeight }
        if unsaved > limits.prompt { keepUp() }
    }

    /// The memory with all turns from the inboxes.
    private var state: Whole { Whole(memory: self) }

    private struct Whole {
        let memory: SessionMemory

        func withLock<Value>(_ body: (inout SessionState) throws -> Value) rethrows -> Value {
            let inboxes = memory.inboxes.withLock { $0 }
            return try memory.sessions.withLock { state in
                let taken = inboxes.map { $0.take() }.filter { !$0.isEmpty }
                // A conversation may go over two event loops.
                let turns = taken.count < 2 ? taken.first ?? [] : taken.joined().sorted { $0.turn.at < $1.turn.at }
                for (key, turn) in turns { state.add(turn, to: key) }
                return try body(&state)
            }
        }
    }

    /// Returns the turns of a session as they were said, oldest first, within the limits of number, age and tokens.
    package func history(uid: UInt32, name: String) async -> [Turn] {
        let key = SessionKey(uid: uid, name: name)
        while true {
            let (known, forgets, settings) = state.withLock { state in
                (state.turns(of: key, at: clock.now()), state.forgets, state.settings)
            }
            if let known { return known }
            let rows: [Turn]
            do {
                let cutoff = state.withLock { $0.cutoff(at: clock.now()) }
                rows = try await ledger.read {
                    try SessionRows.turns(of: key, since: cutoff, limit: settings.maxTurns, $0)
                }
            } catch {
                // The session is not marked as whole, so that the next caller reads it again.
                if !(error is CancellationError) { logger.warning("A conversation could not be read back: \(error)") }
                return state.withLock { $0.said(in: key, at: clock.now()) }
            }
            let turns = state.withLock { state in
                // The rows may have been forgotten meanwhile.
                state.forgets == forgets ? state.complete(key, with: rows, at: clock.now()) : nil
            }
            if let turns { return turns }
        }
    }

    // MARK: For people

    package struct Summary: Sendable {
        package var uid: UInt32
        package var name: String
        package var turns: Int
        package var first: Timestamp
        package var last: Timestamp
    }

    /// Lists sessions, those used last first.
    ///
    /// - Parameter uid: nil for the sessions of all uids.
    package func list(uid: UInt32?, limit: Int) async throws -> [Summary] {
        try await save()
        let cutoff = state.withLock { $0.cutoff(at: clock.now()) }
        return try await ledger.read { try SessionRows.list(uid: uid, since: cutoff, limit: limit, $0) }
    }

    /// Returns the turns of a session as the database keeps them: redacted, before a restart as after it.
    package func kept(uid: UInt32, name: String) async throws -> [Turn] {
        try await save()
        let (cutoff, limit) = state.withLock { ($0.cutoff(at: clock.now()), $0.settings.maxTurns) }
        return try await ledger.read {
            try SessionRows.turns(of: SessionKey(uid: uid, name: name), since: cutoff, limit: limit, $0)
        }
    }

    /// Forgets one session of a uid, or all of them. When it returns, no file of the database holds a word of them.
    package func forget(uid: UInt32, name: String?) async throws -> (sessions: Int, turns: Int) {
        // A batch that a writer has already taken is written before the rows are deleted, and deleted with them.
        let unsaved = state.withLock { $0.forget(uid: uid, name: name) }
        var deleted: [String] = []
        var part: [String]
        repeat {
            part = try await ledger.write { try SessionRows.delete(uid: uid, name: name, $0.db) }
            if !part.isEmpty { countDeletion() }
            deleted += part
        } while part.count == SessionRows.atOnce
        try await scrub()
        try await truncate(attempts: 20)
        return (Set(unsaved + deleted).count, unsaved.count + deleted.count)
    }

    private func countDeletion() { upkeep.withLock { $0.deletions += 1 } }

    /// Overwrites the remains of deleted rows; calls at the same time share the work.
    private func scrub() async throws {
        let wanted = upkeep.withLock { $0.deletions }
        try await scrubbing.take { [self] in
            let deletions = upkeep.withLock { $0.scrubbed < wanted ? $0.deletions : nil }
            guard let deletions else { return }
            try await ledger.scrub()
            upkeep.withLock { upkeep in
                upkeep.scrubbed = deletions
                upkeep.mustTruncate = true
            }
        }
    }

    /// Empties the database's log, which still holds the pages that a deletion has overwritten.
    private func truncate(attempts: Int) async throws {
        guard upkeep.withLock({ $0.mustTruncate }) else { return }
        try await ledger.emptyLog(attempts: attempts)
        upkeep.withLock { $0.mustTruncate = false }
    }

    /// Seals the names that an earlier intentd kept as they were. It must be called before a session is used.
    func sealNames() async throws {
        let seal = ledger.seal
        guard try await ledger.write({ try SessionRows.sealNames(with: seal, $0.db) }) else { return }
        countDeletion()
        try await scrub()
    }

    // MARK: Upkeep

    func chore(_ settings: Settings, _ health: Health) -> Chore {
        Chore("sessions") { [self] in
            let configuration = settings.current
            stored.withLock { $0 = configuration.limits }
            maintain(configuration.sessions)
            health.set(.sessions, trouble.map { "conversations are kept in memory only: \($0)" })
        }
    }

    /// Writes new turns to the disk, and removes old ones once a minute. It must be called once a second.
    package func maintain(_ settings: Configuration.Sessions) {
        state.withLock { $0.settings = settings }
        keepUp()
    }

    /// The reason why turns do not reach the disk; nil if they do.
    package var trouble: String? { upkeep.withLock { $0.trouble } }

    private func keepUp() {
        let isFree = upkeep.withLock { upkeep in
            defer { upkeep.isUnderWay = true }
            return !upkeep.isUnderWay
        }
        guard isFree else { return }
        Task.detached(priority: .utility) { [self] in
            do {
                // Where another process holds the database, it is said soon; the turns stay in memory.
                try await Ledger.$patience.withValue(Ledger.shortPatience) {
                    try await save()
                    try await expire()
                    try await truncate(attempts: 1)
                }
                report(nil)
            } catch {
                report("\(error)")
            }
            upkeep.withLock { $0.isUnderWay = false }
        }
    }

    private func report(_ trouble: String?) {
        let lost = state.withLock { $0.lost }
        let (isNew, more) = upkeep.withLock { upkeep in
            defer { (upkeep.trouble, upkeep.lostBefore) = (trouble, lost) }
            return (trouble != nil && upkeep.trouble == nil, lost - upkeep.lostBefore)
        }
        if isNew { logger.warning("Conversations are kept in memory only: \(trouble ?? "")") }
        if more > 0 {
            logger.warning("\(more) turns of conversations did not reach the disk and end with this process.")
        }
    }

    /// Writes the turns that the database does not have yet; returns when they are on stable storage. Turns that come
    /// meanwhile are left to the next call.
    package func save() async throws {
        var left = state.withLock { $0.unsaved.count }
        while left > 0 {
            try await saveBatch()
            left -= limits.atOnce
        }
    }

    private func saveBatch() async throws {
        let batch = Batch()
        do {
            try await ledger.write { [self] transaction in
                // Taken inside the transaction, so that a turn forgotten before it is not written by it.
                let turns = take(limits.atOnce, for: batch)
                let maxTurns = state.withLock { $0.settings.maxTurns }
                let limits = stored.withLock { $0 }
                if try SessionRows.insert(turns, maxTurns: maxTurns, limits: limits, transaction.db) { countDeletion() }
            }
            state.withLock { $0.saved(batch.turns) }
        } catch {
            state.withLock { $0.giveBack(batch.turns, takenAt: batch.forgets) }
            throw error
        }
    }

    /// Writes them at the end of the process; blocks.
    package func saveAtEnd() throws {
        let batch = Batch()
        let turns = take(.max, for: batch)
        guard !turns.isEmpty else { return }
        let maxTurns = state.withLock { $0.settings.maxTurns }
        let limits = stored.withLock { $0 }
        try ledger.writeAtEnd { try SessionRows.insert(turns, maxTurns: maxTurns, limits: limits, $0) }
    }

    private func take(_ count: Int, for batch: Batch) -> [UnsavedTurn] {
        state.withLock { state in
            let turns = state.takeUnsaved(count)
            batch.content.withLock { $0 = (turns, state.forgets) }
            return turns
        }
    }

    /// Forgets the turns that are older than `sessions.max_age`, once the clock is known to be plausible.
    package func expire(force: Bool = false) async throws {
        let monotonic = clock.monotonic()
        let isDue = upkeep.withLock { upkeep in
            guard let last = upkeep.lastExpiry, !force else { return true }
            return monotonic - last >= 60_000_000_000
        }
        guard isDue, let now = time.now else { return }
        let cutoff = state.withLock { state in
            state.expire(at: now)
            return state.cutoff(at: now)
        }
        var count: Int
        repeat {
            count = try await ledger.write { try SessionRows.expire(before: cutoff, $0.db) }
            if count > 0 { countDeletion() }
        } while count == SessionRows.atOnce
        upkeep.withLock { $0.lastExpiry = monotonic }
    }

    /// The approximate memory that sessions take, in bytes, and their number.
    package var size: (bytes: Int, sessions: Int) { state.withLock { ($0.weight, $0.count) } }
}

/// The turns that a writer has taken, for the time after its transaction.
private final class Batch: Sendable {
    let content = Mutex<(turns: [UnsavedTurn], forgets: Int)>(([], 0))

    var turns: [UnsavedTurn] { content.withLock { $0.turns } }
    var forgets: Int { content.withLock { $0.forgets } }
}
