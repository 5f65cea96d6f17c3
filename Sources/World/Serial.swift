import Synchronization

/// Work that takes turns: a turn begins when the one before it has ended, well or not. It is finished even if the caller has
/// gone.
package final class Serial: Sendable {
    /// Too many turns wait already.
    package struct Overload: Error, Sendable, Equatable {
        package init() {}
    }

    private let state = Mutex<(last: Task<Void, Never>?, waiting: Int)>((nil, 0))
    /// How many turns may be under way or waiting; nil if the callers are limited already.
    private let limit: Int?

    package init(limit: Int? = nil) { self.limit = limit }

    /// Turns that have not ended.
    package var waiting: Int { state.withLock { $0.waiting } }

    /// Must not be called from within a turn of the same kind.
    ///
    /// - Throws: ``Overload`` if too many wait; otherwise what `body` throws.
    package func take<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task: Task<Value, any Error>? = state.withLock { state in
            if let limit, state.waiting >= limit { return nil }
            state.waiting += 1
            let task = Task { [before = state.last] in
                await before?.value
                return try await body()
            }
            state.last = Task {
                _ = await task.result
                self.state.withLock { $0.waiting -= 1 }
            }
            return task
        }
        guard let task else { throw Overload() }
        return try await task.value
    }
}

/// Work that several callers want at once and that is done once: a caller that comes while it is under way gets the same
/// task.
package final class Shared<Value: Sendable>: Sendable {
    private let underWay = Mutex<Task<Value, any Error>?>(nil)
    private let priority: TaskPriority?

    package init(priority: TaskPriority? = nil) { self.priority = priority }

    /// The task that is under way, or a new one that runs `body`. It is finished even if all callers have gone.
    package func join(_ body: @escaping @Sendable () async throws -> Value) -> Task<Value, any Error> {
        underWay.withLock { underWay in
            if let underWay { return underWay }
            let task = Task.detached(priority: priority) { [self] in
                defer { self.underWay.withLock { $0 = nil } }
                return try await body()
            }
            underWay = task
            return task
        }
    }
}
