import Synchronization

/// Work that takes turns: each piece begins when the one before has ended, well or not. What has begun is finished,
/// also when who asked for it has gone.
final class Serial: Sendable {
    private let last = Mutex<Task<Void, Never>?>(nil)

    /// Must not be called from within a turn of the same kind.
    func take<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = last.withLock { last in
            let task = Task { [before = last] in
                await before?.value
                return try await body()
            }
            last = Task { _ = await task.result }
            return task
        }
        return try await task.value
    }
}
