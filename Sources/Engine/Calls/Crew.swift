import Dispatch
import Synchronization

/// Threads for work that would hold up an event loop or the pool of tasks. Those who want something take turns, piece by
/// piece: a task gives its turn away whenever it waits or yields, and the next one belongs to somebody else.
final class Crew: Sendable {
    private struct State {
        /// The pieces that can run, of each uid in their order.
        var pieces: [UInt32: [(job: UnownedJob, bench: Bench)]] = [:]
        /// The uids that have pieces, in the order of their turns.
        var turns: [UInt32] = []
        /// The threads that rest. A queue of its own never shares its thread with the pool of tasks.
        var resting: [DispatchQueue] = []
        var busy = 0
        var made = 0

        mutating func next() -> (job: UnownedJob, bench: Bench)? {
            guard let uid = turns.first else { return nil }
            turns.removeFirst()
            guard let piece = pieces[uid]?.removeFirst() else { return nil }
            if pieces[uid]?.isEmpty ?? true { pieces[uid] = nil } else { turns.append(uid) }
            return piece
        }
    }

    private let name: String
    private let importance: DispatchQoS
    private let size = Atomic<Int>(1)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: what the threads are called.
    ///   - importance: how much of a busy processor they get.
    init(_ name: String, importance: DispatchQoS = .default) { (self.name, self.importance) = (name, importance) }

    /// Sets how many threads there may be.
    func resize(to threads: Int) { size.store(max(1, threads), ordering: .relaxed) }

    fileprivate func take(_ job: UnownedJob, from bench: Bench) {
        let size = size.load(ordering: .relaxed)
        let thread: DispatchQueue? = state.withLock { state in
            state.pieces[bench.uid, default: []].append((job, bench))
            if state.pieces[bench.uid]?.count == 1 { state.turns.append(bench.uid) }
            guard state.busy < size else { return nil }
            state.busy += 1
            if let thread = state.resting.popLast() { return thread }
            state.made += 1
            return DispatchQueue(label: "\(name) \(state.made)", qos: importance)
        }
        if let thread { thread.async { [self] in work(on: thread) } }
    }

    /// Runs pieces until there are none, or too many threads.
    private func work(on thread: DispatchQueue) {
        while true {
            let size = size.load(ordering: .relaxed)
            let piece: (job: UnownedJob, bench: Bench)? = state.withLock { state in
                if state.busy <= size, let piece = state.next() { return piece }
                state.busy -= 1
                state.resting.append(thread)
                return nil
            }
            guard let piece else { return }
            piece.job.runSynchronously(on: piece.bench.asUnownedTaskExecutor())
        }
    }
}

/// The queue in which the tasks of one user wait for a thread of a crew. A bench must outlive the tasks that run on it.
final class Bench: TaskExecutor {
    let uid: UInt32
    private let crew: Crew

    init(of uid: UInt32, crew: Crew) { (self.uid, self.crew) = (uid, crew) }

    func enqueue(_ job: consuming ExecutorJob) { crew.take(UnownedJob(job), from: self) }
}
