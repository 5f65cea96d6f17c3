import GRDB
package import Logging
import Synchronization
package import World

/// What was said in conversations: as it was said in memory, redacted in the database.
///
/// An answer never waits for it. A turn reaches the disk within about a second of its answer, and a crash may lose
/// those of the last second.
package final class SessionMemory: Sendable {
    package struct Limits: Sendable {
        /// Of one session in memory: what is left of an LLM's context for earlier turns.
        package var tokens = 8_192
        /// Bytes of all sessions together; what was used longest ago makes room and is read again when it is asked for.
        package var memory = 32 << 20
        /// Bytes of turns that wait for the disk.
        package var unsaved = 8 << 20
        /// Bytes of them that do not wait for the next second.
        package var prompt = 1 << 20

        package init() {}
    }

    private let ledger: Ledger
    private let clock: Clock
    private let logger: Logger
    private let limits: Limits
    private let sessions: Mutex<SessionState>
    private let otherTurns = TurnInbox()
    private let inboxes: Mutex<[TurnInbox]>
    private let upkeep = Mutex(Upkeep())

    private struct Upkeep {
        var isUnderWay = false
        var lastExpiry: UInt64?
        var trouble: String?
        /// How often rows were deleted, and how many of these times nothing is left of. What an earlier process left
        /// is the first.
        var deletions = 1
        var scrubbed = 0
        /// Whether the database's log may still hold what was deleted.
        var mustTruncate = false
        var lostBefore = 0
    }

    package init(
        ledger: Ledger,
        clock: Clock,
        logger: Logger,
        settings: Configuration.Sessions,
        limits: Limits = Limits()
    ) {
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

    /// Adds a turn. It never waits: one append under the lock of its event loop alone.
    ///
    /// - Parameter inbox: of the event loop; nil for a caller that is none.
    package func remember(uid: UInt32, name: String, turn: Turn, in inbox: TurnInbox? = nil) {
        let key = SessionKey(uid: uid, name: name)
        let waiting = (inbox ?? otherTurns).add(turn.fitting(tokens: limits.tokens), to: key)
        if waiting > limits.prompt { keepUp() }
    }

    /// The memory, with all that the event loops have put into their inboxes.
    private var state: Whole { Whole(memory: self) }

    private struct Whole {
        let memory: SessionMemory

        func withLock<Value>(_ body: (inout SessionState) throws -> Value) rethrows -> Value {
            let inboxes = memory.inboxes.withLock { $0 }
            return try memory.sessions.withLock { state in
                let taken = inboxes.map { $0.take() }.filter { !$0.isEmpty }
                // A conversation may have gone on over two event loops.
                let turns = taken.count < 2 ? taken.first ?? [] : taken.joined().sorted { $0.turn.at < $1.turn.at }
                for (key, turn) in turns { state.add(turn, to: key) }
                return try body(&state)
            }
        }
    }

    /// What was said in a session, oldest first, within the limits of turns, age and tokens.
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
                // Whoever asks next reads again: what could not be read is not what is not there.
                if !(error is CancellationError) { logger.warning("A conversation could not be read back: \(error)") }
                return state.withLock { $0.said(in: key, at: clock.now()) }
            }
            let turns = state.withLock { state in
                // What was read may have been forgotten meanwhile.
                state.forgets == forgets ? state.complete(key, with: rows, at: clock.now()) : nil
            }
            if let turns { return turns }
        }
    }

    // MARK: What a person sees of it

    package struct Summary: Sendable {
        package var uid: UInt32
        package var name: String
        package var turns: Int
        package var first: Timestamp
        package var last: Timestamp
    }

    /// - Parameter uid: nil for everybody's.
    /// - Returns: those used last, first.
    package func list(uid: UInt32?, limit: Int) async throws -> [Summary] {
        try await save()
        let cutoff = state.withLock { $0.cutoff(at: clock.now()) }
        return try await ledger.read { try SessionRows.list(uid: uid, since: cutoff, limit: limit, $0) }
    }

    /// What is kept of a session: redacted, before a restart as after it.
    package func kept(uid: UInt32, name: String) async throws -> [Turn] {
        try await save()
        let (cutoff, limit) = state.withLock { ($0.cutoff(at: clock.now()), $0.settings.maxTurns) }
        return try await ledger.read {
            try SessionRows.turns(of: SessionKey(uid: uid, name: name), since: cutoff, limit: limit, $0)
        }
    }

    /// Forgets one session of a uid, or all of them: when this returns, no file of the database holds a word of them.
    package func forget(uid: UInt32, name: String?) async throws -> (sessions: Int, turns: Int) {
        // Whatever is on its way to the database by now is written before the rows are deleted.
        let unsaved = state.withLock { $0.forget(uid: uid, name: name) }
        let deleted = try await ledger.write { try SessionRows.delete(uid: uid, name: name, $0.db) }
        if !deleted.isEmpty { noteDeletion() }
        try await scrub()
        try await truncate(attempts: 20)
        return (Set(unsaved + deleted).count, unsaved.count + deleted.count)
    }

    private func noteDeletion() { upkeep.withLock { $0.deletions += 1 } }

    /// Rids the database of what deleted rows have left; those who forget at the same time share the work.
    private func scrub() async throws {
        let wanted = upkeep.withLock { $0.deletions }
        do {
            try await ledger.write { [self] transaction in
                let isDue = upkeep.withLock { upkeep in
                    guard upkeep.scrubbed < wanted else { return false }
                    upkeep.scrubbed = upkeep.deletions
                    upkeep.mustTruncate = true
                    return true
                }
                if isDue { try SessionRows.rewrite(transaction.db) }
            }
        } catch {
            upkeep.withLock { $0.scrubbed = 0 }
            throw error
        }
    }

    /// The pages that a deletion has overwritten still stand in the database's log until that is emptied.
    private func truncate(attempts: Int) async throws {
        guard upkeep.withLock({ $0.mustTruncate }) else { return }
        for attempt in 1...attempts {
            do {
                try await ledger.truncateLog()
                return upkeep.withLock { $0.mustTruncate = false }
            } catch  where attempt < attempts {
                // Somebody still reads from it.
                try await clock.sleep(0.05)
            }
        }
    }

    // MARK: Upkeep

    func chore(_ settings: Settings, _ health: Health) -> Chore {
        Chore("sessions") { [self] in
            maintain(settings.current.sessions)
            health.set(.sessions, trouble.map { "conversations are kept in memory only: \($0)" })
        }
    }

    /// Due once a second: what is new goes to the disk, and once a minute what is too old goes away.
    package func maintain(_ settings: Configuration.Sessions) {
        state.withLock { $0.settings = settings }
        keepUp()
    }

    /// Why turns do not reach the disk, if they do not.
    package var trouble: String? { upkeep.withLock { $0.trouble } }

    private func keepUp() {
        let isFree = upkeep.withLock { upkeep in
            defer { upkeep.isUnderWay = true }
            return !upkeep.isUnderWay
        }
        guard isFree else { return }
        Task.detached(priority: .utility) { [self] in
            do {
                try await save()
                try await expire()
                try await truncate(attempts: 1)
                note(nil)
            } catch {
                note("\(error)")
            }
            upkeep.withLock { $0.isUnderWay = false }
        }
    }

    private func note(_ trouble: String?) {
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

    /// Writes what the database does not have yet; returns when it is on stable storage.
    package func save() async throws {
        guard state.withLock({ !$0.unsaved.isEmpty }) else { return }
        let batch = Batch()
        do {
            try await ledger.write { [self] transaction in
                // Taken here, so that what is forgotten before this moment is not written after it.
                let turns = take(batch)
                let maxTurns = state.withLock { $0.settings.maxTurns }
                if try SessionRows.insert(turns, maxTurns: maxTurns, transaction.db) { noteDeletion() }
            }
            state.withLock { $0.saved(batch.turns) }
        } catch {
            state.withLock { $0.giveBack(batch.turns, takenAt: batch.forgets) }
            throw error
        }
    }

    /// The same for the end of the process; blocks.
    package func saveAtEnd() throws {
        let batch = Batch()
        let turns = take(batch)
        guard !turns.isEmpty else { return }
        let maxTurns = state.withLock { $0.settings.maxTurns }
        try ledger.writeAtEnd { try SessionRows.insert(turns, maxTurns: maxTurns, $0) }
    }

    private func take(_ batch: Batch) -> [UnsavedTurn] {
        state.withLock { state in
            let turns = state.takeUnsaved()
            batch.content.withLock { $0 = (turns, state.forgets) }
            return turns
        }
    }

    /// Forgets what is older than `max_age`.
    package func expire(force: Bool = false) async throws {
        let monotonic = clock.monotonic()
        let isDue = upkeep.withLock { upkeep in
            guard let last = upkeep.lastExpiry, !force else { return true }
            return monotonic - last >= 60_000_000_000
        }
        guard isDue else { return }
        let now = clock.now()
        let cutoff = state.withLock { state in
            state.expire(at: now)
            return state.cutoff(at: now)
        }
        if try await ledger.write({ try SessionRows.expire(before: cutoff, $0.db) }) { noteDeletion() }
        upkeep.withLock { $0.lastExpiry = monotonic }
    }

    /// Bytes that sessions take in memory, about, and how many there are.
    package var size: (bytes: Int, sessions: Int) { state.withLock { ($0.weight, $0.count) } }
}

/// Turns that a writer has taken, whether or not its commit succeeds.
private final class Batch: Sendable {
    let content = Mutex<(turns: [UnsavedTurn], forgets: Int)>(([], 0))

    var turns: [UnsavedTurn] { content.withLock { $0.turns } }
    var forgets: Int { content.withLock { $0.forgets } }
}
