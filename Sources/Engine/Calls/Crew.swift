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
        /// The threads that rest, each with what wakes it.
        var resting: [DispatchSemaphore] = []
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

    /// How long a thread rests before it ends, in seconds.
    private static let rest = 10

    private let name: String
    private let threads: Threads
    private let nice: Int32
    private let size = Atomic<Int>(1)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - name: what the threads are called, 13 bytes at most.
    ///   - nice: the niceness of the threads: the event loops come first on a busy machine. See sched(7).
    init(_ name: String, _ threads: Threads, nice: Int32 = 0) {
        (self.name, self.threads, self.nice) = (name, threads, nice)
    }

    /// Sets how many threads there may be.
    func resize(to threads: Int) { size.store(max(1, threads), ordering: .relaxed) }

    fileprivate func take(_ job: UnownedJob, from bench: Bench) {
        let size = size.load(ordering: .relaxed)
        let number: Int? = state.withLock { state in
            state.pieces[bench.uid, default: []].append((job, bench))
            if state.pieces[bench.uid]?.count == 1 { state.turns.append(bench.uid) }
            guard state.busy < size else { return nil }
            state.busy += 1
            if let thread = state.resting.popLast() {
                thread.signal()
                return nil
            }
            state.made += 1
            return state.made
        }
        guard let number else { return }
        let isStarted = threads.start("\(name) \(number)", nice) { [self] in
            let bell = DispatchSemaphore(value: 0)
            repeat { work(resting: bell) } while isWoken(bell)
        }
        // If the system cannot start another thread, the pool of tasks runs the work.
        if !isStarted { Task.detached { [self] in work(resting: nil) } }
    }

    /// Runs pieces until there are none, or too many threads. Then the thread rests, if there is something to wake it.
    private func work(resting bell: DispatchSemaphore?) {
        while true {
            let size = size.load(ordering: .relaxed)
            let piece: (job: UnownedJob, bench: Bench)? = state.withLock { state in
                if state.busy <= size, let piece = state.next() { return piece }
                state.busy -= 1
                if let bell { state.resting.append(bell) }
                return nil
            }
            guard let piece else { return }
            piece.job.runSynchronously(on: piece.bench.asUnownedTaskExecutor())
        }
    }

    /// Waits until there is work.
    ///
    /// - Returns: false if there was none for so long that the thread ends.
    private func isWoken(_ bell: DispatchSemaphore) -> Bool {
        if bell.wait(timeout: .now() + .seconds(Self.rest)) == .success { return true }
        let hasLeft = state.withLock { state in
            guard let place = state.resting.firstIndex(where: { $0 === bell }) else { return false }
            state.resting.remove(at: place)
            return true
        }
        // Work may have come at the last moment.
        if !hasLeft { bell.wait() }
        return !hasLeft
    }
}

/// The queue in which the tasks of one user wait for a thread of a crew. A bench must outlive the tasks that run on it.
final class Bench: TaskExecutor {
    let uid: UInt32
    private let crew: Crew

    init(of uid: UInt32, crew: Crew) { (self.uid, self.crew) = (uid, crew) }

    func enqueue(_ job: consuming ExecutorJob) { crew.take(UnownedJob(job), from: self) }
}
