import Synchronization
import Wire

// All work that leaves an event loop comes here. Without limits of its own it would run in the pool of tasks, first come
// first served: one user's hundred long texts would be computed before another's feedback is looked at, hold gigabytes
// meanwhile, and keep the daemon from stopping. So three things are limited. What a user's requests hold, from the moment
// they are read: more is refused. How many of them are begun at once: the others hold no more than their line. And the
// threads, which change hands after each piece of work.

/// Runs the work that leaves the event loops: on a bounded number of threads, by turns of the users, within each one's
/// share. Long computations have threads of their own, and admins too.
package final class Workers: Sendable {
    /// A request that was let in.
    struct Permit: Sendable {
        fileprivate let uid: UInt32
        fileprivate let kind: Load.Kind
        fileprivate let isAdmin: Bool
        fileprivate let bytes: Int
        fileprivate let writes: Bool
    }

    private struct Share {
        var bytes = 0
        var requests = 0
    }

    private struct Key: Hashable {
        var uid: UInt32
        var isAdmin: Bool
        var kind: Load.Kind
    }

    private struct Gate {
        var running = 0
        var waiting: [(number: Int, continuation: CheckedContinuation<Void, any Error>)] = []
    }

    private struct Gates {
        var byKey: [Key: Gate] = [:]
        var last = 0
    }

    /// How many short requests of one user are begun at once. It is also how many of his writes share a commit at most.
    private static let shortAtOnce = 16
    /// Work that several users may have asked for takes turns as if somebody else had.
    private static let everybody = UInt32.max

    private let processors: Int
    // On a busy machine what an event loop answers at once comes first, then short requests, then long ones.
    private let short: Crew
    private let long: Crew
    private let admins: Crew
    private let shares = Mutex<[UInt32: Share]>([:])
    private let gates = Mutex(Gates())

    /// - Parameter processors: the number of threads where the settings say 0.
    package init(processors: Int, threads: Threads = .queues) {
        self.processors = max(1, processors)
        short = Crew("short work", threads, nice: 5)
        long = Crew("long work", threads, nice: 10)
        admins = Crew("admins' work", threads)
    }

    /// The number of threads of each kind.
    func threads(_ limits: ConnectionLimits) -> Int { limits.workers > 0 ? limits.workers : processors }

    /// The bytes that a user's requests hold now.
    func held(by uid: UInt32) -> Int { shares.withLock { $0[uid]?.bytes ?? 0 } }

    /// Lets a request in, and charges its user for it until ``run(_:_:)`` has ended.
    ///
    /// - Throws: `RPCError` `overloaded` over the user's share. A request that is alone always fits.
    func admit(_ load: Load, of caller: Caller, _ limits: ConnectionLimits) throws(RPCError) -> Permit {
        let threads = threads(limits)
        short.resize(to: threads)
        long.resize(to: threads)
        // One of them may be reading a file while another one has a champion to move.
        admins.resize(to: max(2, threads))
        try shares.withLock { shares throws(RPCError) in
            let share = shares[caller.uid] ?? Share()
            let requests = share.requests + (load.kind == .waiting ? 0 : 1)
            let hasRoom = share.bytes == 0 || share.bytes + load.bytes <= limits.deferredPerUID
            guard requests <= limits.deferredQueue, hasRoom else { throw .overShare }
            shares[caller.uid] = Share(bytes: share.bytes + load.bytes, requests: requests)
        }
        return Permit(
            uid: caller.uid,
            kind: load.kind,
            isAdmin: caller.role == .admin,
            bytes: load.bytes,
            writes: load.writes
        )
    }

    /// Runs the work of a request when it is its turn. What reads is cancelled with the calling task; what writes runs to its
    /// end once it has begun, and is not begun for a task that is cancelled.
    func run<Value: Sendable>(
        _ permit: Permit,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        defer { end(permit) }
        try await enter(permit)
        defer { leave(permit) }
        try Task.checkCancellation()
        let crew = permit.isAdmin ? admins : permit.kind == .long ? long : short
        return try await Self.run(on: Bench(of: permit.uid, crew: crew), alone: permit.writes, body)
    }

    /// Runs work that several callers share, on the threads of long work. It ends with the calling task.
    func together<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await Self.run(on: Bench(of: Self.everybody, crew: long), alone: false, body)
    }

    private static func run<Value: Sendable>(
        on bench: Bench,
        alone isAlone: Bool,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        // A task of its own begins on the bench; a preference for a part of a task would count from its first wait on.
        let task = Task(executorPreference: bench) { try await body() }
        defer { withExtendedLifetime(bench) {} }
        if isAlone { return try await task.value }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func end(_ permit: Permit) {
        shares.withLock { shares in
            guard var share = shares[permit.uid] else { return }
            share.bytes -= permit.bytes
            if permit.kind != .waiting { share.requests -= 1 }
            shares[permit.uid] = share.bytes == 0 && share.requests == 0 ? nil : share
        }
    }

    // MARK: Beginning

    private func atOnce(_ permit: Permit) -> Int? {
        switch permit.kind {
        case .short: Self.shortAtOnce
        case .long: processors
        // An LLM has a queue of its own, in which users take turns.
        case .waiting: nil
        }
    }

    private func key(_ permit: Permit) -> Key { Key(uid: permit.uid, isAdmin: permit.isAdmin, kind: permit.kind) }

    /// - Throws: `CancellationError`
    private func enter(_ permit: Permit) async throws {
        guard let atOnce = atOnce(permit) else { return }
        let key = key(permit)
        let number = gates.withLock { gates in
            gates.last += 1
            return gates.last
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let result: Result<Void, any Error>? = gates.withLock { gates in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    var gate = gates.byKey[key] ?? Gate()
                    defer { gates.byKey[key] = gate }
                    if gate.running < atOnce {
                        gate.running += 1
                        return .success(())
                    }
                    gate.waiting.append((number, continuation))
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let continuation = gates.withLock { gates -> CheckedContinuation<Void, any Error>? in
                let place = gates.byKey[key]?.waiting.firstIndex { $0.number == number }
                return place.flatMap { gates.byKey[key]?.waiting.remove(at: $0).continuation }
            }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private func leave(_ permit: Permit) {
        guard atOnce(permit) != nil else { return }
        let key = key(permit)
        let next = gates.withLock { gates -> CheckedContinuation<Void, any Error>? in
            guard var gate = gates.byKey[key] else { return nil }
            defer { gates.byKey[key] = gate.running == 0 ? nil : gate }
            if gate.waiting.isEmpty {
                gate.running -= 1
                return nil
            }
            return gate.waiting.removeFirst().continuation
        }
        next?.resume()
    }
}
