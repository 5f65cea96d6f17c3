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
    /// - Parameter endsWithCaller: whether the turn is cancelled with the calling task, and left out if it has not begun.
    /// - Throws: ``Overload`` if too many wait; otherwise what `body` throws.
    package func take<Value: Sendable>(
        endsWithCaller: Bool = false,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let task: Task<Value, any Error>? = state.withLock { state in
            if let limit, state.waiting >= limit { return nil }
            state.waiting += 1
            let task = Task { [before = state.last] in
                await before?.value
                try Task.checkCancellation()
                return try await body()
            }
            state.last = Task {
                _ = await task.result
                self.state.withLock { $0.waiting -= 1 }
            }
            return task
        }
        guard let task else { throw Overload() }
        guard endsWithCaller else { return try await task.value }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}

/// Work that several callers want at once and that is done once: a caller that comes while it is under way gets the same
/// task.
package final class Shared<Value: Sendable>: Sendable {
    private struct State {
        var underWay: Task<Value, any Error>?
        /// Which work that is.
        var number = 0
        /// Those that wait for it in ``value(_:)``.
        var waiting = 0
    }

    private let state = Mutex(State())
    private let priority: TaskPriority?

    package init(priority: TaskPriority? = nil) { self.priority = priority }

    /// The task that is under way, or a new one that runs `body`. It is finished even if all callers have gone.
    package func join(_ body: @escaping @Sendable () async throws -> Value) -> Task<Value, any Error> {
        begin(body, waits: false).task
    }

    /// The value of the work under way, or of `body`. It is cancelled when the last of the tasks that wait for it here is.
    package func value(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let (task, number) = begin(body, waits: true)
        let hasLeft = Atomic(false)
        defer { if !hasLeft.exchange(true, ordering: .relaxed) { leave(number) } }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            if !hasLeft.exchange(true, ordering: .relaxed) { leave(number) }
        }
    }

    private func begin(
        _ body: @escaping @Sendable () async throws -> Value,
        waits: Bool
    ) -> (task: Task<Value, any Error>, number: Int) {
        state.withLock { state in
            if state.underWay == nil { (state.number, state.waiting) = (state.number + 1, 0) }
            if waits { state.waiting += 1 }
            let number = state.number
            let task =
                state.underWay
                ?? Task.detached(priority: priority) { [self] in
                    defer { end(number) }
                    return try await body()
                }
            state.underWay = task
            return (task, number)
        }
    }

    private func end(_ number: Int) {
        state.withLock { state in if state.number == number { state.underWay = nil } }
    }

    private func leave(_ number: Int) {
        let task: Task<Value, any Error>? = state.withLock { state in
            guard state.number == number, let task = state.underWay else { return nil }
            state.waiting -= 1
            guard state.waiting == 0 else { return nil }
            state.underWay = nil
            return task
        }
        task?.cancel()
    }
}
