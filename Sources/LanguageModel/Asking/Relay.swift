import Synchronization
import World

/// Deltas on their way to one reader. The buffer is small: while it is full, the writer waits, and with it the LLM, so that
/// a slow reader costs no memory.
final class Relay: Sendable {
    private static let capacity = 64

    private struct State {
        var buffer: [LLM.Delta] = []
        var reader: CheckedContinuation<LLM.Delta?, Never>?
        var writer: CheckedContinuation<Void, Never>?
        /// Whether the last delta was put into the buffer.
        var isOver = false
        /// Whether the reader has gone.
        var isAbandoned = false
        var work: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// The task that writes, once it is known.
    var work: Task<Void, Never>? { state.withLock { $0.work } }

    /// Takes note of the task that writes.
    func adopt(_ work: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.work = work
            return state.isStopped
        }
        if isStopped { work.cancel() }
    }

    /// Cancels the work. The last delta that it then writes still reaches the reader.
    func stop() {
        let work = state.withLock { state in
            state.isStopped = true
            return state.work
        }
        work?.cancel()
    }

    /// Notes that the reader has gone. Work that has delivered its last delta is not cancelled, so that it can tidy up.
    func abandon() {
        let (reader, writer, isOver) = state.withLock { state in
            state.isAbandoned = true
            state.buffer = []
            return (state.reader.take(), state.writer.take(), state.isOver)
        }
        reader?.resume(returning: nil)
        writer?.resume()
        if !isOver { stop() }
    }

    /// Whether a write would have to wait.
    var isFull: Bool { state.withLock { $0.buffer.count >= Self.capacity && !$0.isAbandoned } }

    /// Writes a delta. Waits while the buffer is full, unless the task is cancelled.
    func write(_ delta: LLM.Delta) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let mayGoOn = state.withLock { state in
                    if state.isAbandoned || state.isStopped || state.buffer.count < Self.capacity { return true }
                    state.writer = continuation
                    return false
                }
                if mayGoOn { continuation.resume() }
            }
        } onCancel: {
            let writer = state.withLock { state in
                state.isStopped = true
                return state.writer.take()
            }
            writer?.resume()
        }
        put(delta, isLast: false)
    }

    /// Writes the last delta. Later ones are ignored.
    func finish(_ delta: LLM.Delta) { put(delta, isLast: true) }

    private func put(_ delta: LLM.Delta, isLast: Bool) {
        let reader = state.withLock { state -> CheckedContinuation<LLM.Delta?, Never>? in
            guard !state.isOver, !state.isAbandoned else {
                state.isOver = state.isOver || isLast
                return nil
            }
            state.isOver = isLast
            if state.reader == nil { state.buffer.append(delta) }
            return state.reader.take()
        }
        reader?.resume(returning: delta)
    }

    /// Waits for the next delta; nil after the last one, or if the reader has gone.
    func next() async -> LLM.Delta? {
        await withCheckedContinuation { continuation in
            let (delta, isKnown, writer) = state.withLock {
                state -> (LLM.Delta?, Bool, CheckedContinuation<Void, Never>?) in
                if !state.buffer.isEmpty { return (state.buffer.removeFirst(), true, state.writer.take()) }
                if state.isOver || state.isAbandoned { return (nil, true, nil) }
                state.reader = continuation
                return (nil, false, nil)
            }
            writer?.resume()
            if isKnown { continuation.resume(returning: delta) }
        }
    }

    /// Ends the work when the stream that holds it is released.
    final class Hold: Sendable {
        let relay: Relay
        init(_ relay: Relay) { self.relay = relay }
        deinit { relay.abandon() }
    }

    /// The reader's side. Releasing it ends the work.
    var deltas: AsyncStream<LLM.Delta> {
        let hold = Hold(self)
        return AsyncStream(unfolding: { await hold.relay.next() }, onCancel: { hold.relay.abandon() })
    }
}
