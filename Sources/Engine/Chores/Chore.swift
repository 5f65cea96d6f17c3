import Synchronization

// All work that nobody asked for is a chore: syncing the log, judging the champion, expiring sessions. Each room states
// its own; one runner owns their time. With a timer in every room a test could not say "now a second passes", and two
// timers of one room could overlap. So the runner is ticked from outside, a chore never runs beside itself, and one
// that takes long delays no other.

/// Work that is done again and again without a request.
///
///     Chore("chat log") { log.maintain(settings.current.telemetry) }    // at every tick
///     Chore("collection", every: 86_400) { await collect() }            // once a day
package struct Chore: Sendable {
    package let name: String
    /// Seconds from one beginning to the next; 0 means at every tick.
    package let every: Double
    package let run: @Sendable () async -> Void

    package init(_ name: String, every: Double = 0, run: @escaping @Sendable () async -> Void) {
        (self.name, self.every, self.run) = (name, every, run)
    }
}

/// Runs the chores that are due: different ones at the same time, the same one never twice at once.
///
/// The process calls ``tick(at:)`` once a second; a test calls it with times of its own.
package final class Chores: Sendable {
    fileprivate struct State {
        /// When each chore is due, in nanoseconds of the monotonic clock. A chore with a span also waits one span for
        /// its first run, since the start has just done its work.
        var due: [UInt64?]
        var isUnderWay: [Bool]
    }

    private let chores: [Chore]
    private let state: Mutex<State>

    package init(_ chores: [Chore]) {
        self.chores = chores
        state = Mutex(State(due: chores.map { _ in nil }, isUnderWay: chores.map { _ in false }))
    }

    /// Begins the chores that are due.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: a task that ends when all chores begun by this tick have ended.
    @discardableResult
    package func tick(at now: UInt64) -> Task<Void, Never> {
        let begun = chores.indices.filter { index in state.withLock { $0.begins(index, chores[index].every, at: now) } }
        return Task(priority: .utility) {
            await withTaskGroup(of: Void.self) { group in
                for index in begun {
                    group.addTask { [self] in
                        await chores[index].run()
                        state.withLock { $0.isUnderWay[index] = false }
                    }
                }
            }
        }
    }
}

extension Chores.State {
    fileprivate mutating func begins(_ index: Int, _ every: Double, at now: UInt64) -> Bool {
        let span = UInt64(every * 1e9)
        guard let due = due[index] ?? (span == 0 ? now : nil) else {
            self.due[index] = now + span
            return false
        }
        guard now >= due, !isUnderWay[index] else { return false }
        self.due[index] = now + span
        isUnderWay[index] = true
        return true
    }
}
