import CSystemd
import Engine
import Glibc
package import Logging
import Synchronization

/// Pings the service manager only while everything that answers people answers it too: each event loop with its model,
/// and the database. Whatever hangs or fails keeps the ping back, and the manager restarts the daemon.
///
/// It has a thread of its own: work that fills the pool of tasks is load, not a fault. A round begins only when the one
/// before is over, so what hangs is asked once.
package final class Watchdog: Sendable {
    /// Something that must answer. `ask` never waits; the answer says why where it is a failure.
    package struct Part: Sendable {
        package typealias Ask = @Sendable (_ answered: @escaping @Sendable (_ failure: String?) -> Void) -> Void

        let name: String
        let ask: Ask

        package init(_ name: String, ask: @escaping Ask) { (self.name, self.ask) = (name, ask) }
    }

    private struct State {
        var waiting: Set<String> = []
        var failures: [String: String] = [:]
        /// Whether the log has been told of a trouble that has not ended.
        var isTroubled = false
    }

    private let parts: [Part]
    private let alive: @Sendable () -> Void
    private let logger: Logger
    private let state = Mutex(State())
    private let isOver = Atomic(false)

    package init(parts: [Part], logger: Logger, alive: @escaping @Sendable () -> Void) {
        (self.parts, self.logger, self.alive) = (parts, logger, alive)
    }

    /// The time between two pings that the service manager allows this process, in microseconds; nil where it expects none.
    static var limit: UInt64? {
        var limit: UInt64 = 0
        return sd_watchdog_enabled(0, &limit) > 0 ? limit : nil
    }

    /// Makes three rounds in each such time, until ``stop()``.
    func start(limit: UInt64) {
        BackgroundThread.start("watchdog") { [self] in
            while !isOver.load(ordering: .relaxed) {
                round()
                usleep(UInt32(clamping: limit / 3))
            }
        }
    }

    func stop() { isOver.store(true, ordering: .relaxed) }

    /// Asks everybody, unless somebody still owes an answer.
    package func round() {
        let isFirst: Bool? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.waiting = Set(parts.map(\.name))
                state.failures = [:]
                return nil
            }
            defer { state.isTroubled = true }
            return !state.isTroubled
        }
        if let isFirst {
            if isFirst { trouble("no answer from \(state.withLock { $0.waiting }.sorted().joined(separator: ", "))") }
            return
        }
        for part in parts { part.ask { [weak self] failure in self?.answered(part.name, failure) } }
    }

    private func answered(_ name: String, _ failure: String?) {
        let end: (failures: [String: String], wasTroubled: Bool)? = state.withLock { state in
            guard state.waiting.remove(name) != nil else { return nil }
            if let failure { state.failures[name] = failure }
            guard state.waiting.isEmpty else { return nil }
            defer { state.isTroubled = !state.failures.isEmpty }
            return (state.failures, state.isTroubled)
        }
        guard let end else { return }
        if end.failures.isEmpty {
            alive()
            guard end.wasTroubled else { return }
            logger.notice(
                "Everything answers the watchdog again.",
                metadata: JournalMessage.watchdogRecovered.metadata()
            )
        } else if !end.wasTroubled {
            trouble(end.failures.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; "))
        }
    }

    private func trouble(_ what: String) {
        logger.error("The watchdog is not pinged: \(what).", metadata: JournalMessage.watchdogTrouble.metadata())
    }
}
