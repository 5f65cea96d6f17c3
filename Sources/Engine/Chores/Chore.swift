import Synchronization

/// Something that happens by itself, again and again.
package struct Chore: Sendable {
    package let name: String
    /// Seconds between two beginnings. 0 is at every tick.
    package let every: Double
    package let run: @Sendable () async -> Void

    package init(_ name: String, every: Double = 0, run: @escaping @Sendable () async -> Void) {
        (self.name, self.every, self.run) = (name, every, run)
    }
}

/// Runs the chores when they are due, each beside the others and none beside itself.
///
/// Who owns the daemon's time calls `tick` once a second, so that a test can be the time.
package final class Chores: Sendable {
    fileprivate struct State {
        /// By the monotonic clock, in nanoseconds. A chore with a span of its own waits for its first turn, too: the
        /// start has just done its work.
        var due: [UInt64?]
        var isUnderWay: [Bool]
    }

    private let chores: [Chore]
    private let state: Mutex<State>

    package init(_ chores: [Chore]) {
        self.chores = chores
        state = Mutex(
            State(
                due: [UInt64?](repeating: nil, count: chores.count),
                isUnderWay: [Bool](repeating: false, count: chores.count)
            )
        )
    }

    /// Begins what is due.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: the task that ends when all that has begun has ended.
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
