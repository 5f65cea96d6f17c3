import Synchronization

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
