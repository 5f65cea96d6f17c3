import GRDB
import Logging
import Synchronization
import Wire
import World

/// One value in `meta` that a room keeps over restarts: what it counts, not what was decided. It is stored when it has
/// changed, some seconds late at most, and at the end of the process.
final class Kept: Sendable {
    private struct State {
        /// The value in the database, or the value that its writer is about to store.
        var stored: JSON?
        var storedAt: UInt64?
    }

    /// A change waits so long for the next one, so that a busy counter does not sync the disk every second.
    private static let pause: UInt64 = 10_000_000_000

    private let key: String
    private let ledger: Ledger
    private let clock: Clock
    private let logger: Logger
    private let state = Mutex(State())

    init(_ key: String, ledger: Ledger, clock: Clock, logger: Logger) {
        (self.key, self.ledger, self.clock, self.logger) = (key, ledger, clock, logger)
    }

    /// Reads the value that the last process stored; nil if there is none, or none that can be read.
    func recall() async throws -> JSON? {
        let text = try await ledger.read { [key] db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [key])
        }
        let value = JSON(stored: text)
        state.withLock { $0.stored = value }
        return value
    }

    /// - Parameter isForced: also where the last time is near.
    func store(_ value: JSON, now isForced: Bool = false) async {
        guard let last = take(value, isForced: isForced) else { return }
        do {
            try await ledger.write { [key] transaction in try Self.write(value, as: key, transaction.db) }
        } catch {
            // The next look tries again, after the pause.
            state.withLock { if $0.stored == value { $0.stored = last.stored } }
            logger.warning("The value \(key) could not be stored: \(error)")
        }
    }

    /// For the end of the process; blocks.
    func storeAtEnd(_ value: JSON) throws {
        guard take(value, isForced: true) != nil else { return }
        try ledger.writeAtEnd { try Self.write(value, as: key, $0) }
    }

    /// - Returns: what was there before; nil where the value is not to be stored now.
    private func take(_ value: JSON, isForced: Bool) -> State? {
        let now = clock.monotonic()
        return state.withLock { state in
            guard isForced || state.storedAt.map({ now >= $0 + Self.pause }) ?? true, value != state.stored
            else { return nil }
            defer { state = State(stored: value, storedAt: now) }
            return state
        }
    }

    private static func write(_ value: JSON, as key: String, _ db: Database) throws {
        let sql = "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)"
        try db.execute(sql: sql, arguments: [key, value.description])
    }
}
