import Synchronization
import World

/// Deltas on their way to one reader. The buffer is small: while it is full, whoever writes waits, and with it the LLM.
final class Relay: Sendable {
    private static let capacity = 64

    private struct State {
        var buffer: [LLM.Delta] = []
        var reader: CheckedContinuation<LLM.Delta?, Never>?
        var writer: CheckedContinuation<Void, Never>?
        /// The last delta is in the buffer, or was.
        var isOver = false
        /// Nobody reads any more.
        var isAbandoned = false
        var work: Task<Void, Never>?
        var isStopped = false
    }

    private let state = Mutex(State())

    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    var isOver: Bool { state.withLock { $0.isOver } }

    /// The task that writes.
    func adopt(_ work: Task<Void, Never>) {
        let isStopped = state.withLock { state in
            state.work = work
            return state.isStopped
        }
        if isStopped { work.cancel() }
    }

    /// Ends the work; what it makes of that still reaches the reader.
    func stop() {
        let work = state.withLock { state in
            state.isStopped = true
            return state.work
        }
        work?.cancel()
    }

    /// The reader is gone. Work that has delivered its last delta may tidy up in peace.
    func abandon() {
        let (reader, writer, isOver) = state.withLock { state in
            state.isAbandoned = true
            state.buffer = []
            defer { (state.reader, state.writer) = (nil, nil) }
            return (state.reader, state.writer, state.isOver)
        }
        reader?.resume(returning: nil)
        writer?.resume()
        if !isOver { stop() }
    }

    /// Whether a write would have to wait.
    var isFull: Bool { state.withLock { $0.buffer.count >= Self.capacity && !$0.isAbandoned } }

    /// Waits while the buffer is full, but not once the task is cancelled.
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
                defer { state.writer = nil }
                return state.writer
            }
            writer?.resume()
        }
        put(delta, isLast: false)
    }

    /// The last delta; later ones do not count.
    func finish(_ delta: LLM.Delta) { put(delta, isLast: true) }

    private func put(_ delta: LLM.Delta, isLast: Bool) {
        let reader = state.withLock { state -> CheckedContinuation<LLM.Delta?, Never>? in
            guard !state.isOver, !state.isAbandoned else {
                state.isOver = state.isOver || isLast
                return nil
            }
            state.isOver = isLast
            if state.reader == nil { state.buffer.append(delta) }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: delta)
    }

    /// The next delta; nil after the last one, or when the reader has gone.
    func next() async -> LLM.Delta? {
        await withCheckedContinuation { continuation in
            let (delta, isKnown, writer) = state.withLock {
                state -> (LLM.Delta?, Bool, CheckedContinuation<Void, Never>?) in
                if !state.buffer.isEmpty {
                    defer { state.writer = nil }
                    return (state.buffer.removeFirst(), true, state.writer)
                }
                if state.isOver || state.isAbandoned { return (nil, true, nil) }
                state.reader = continuation
                return (nil, false, nil)
            }
            writer?.resume()
            if isKnown { continuation.resume(returning: delta) }
        }
    }

    /// Ends the work when the stream is let go of.
    final class Hold: Sendable {
        let relay: Relay
        init(_ relay: Relay) { self.relay = relay }
        deinit { relay.abandon() }
    }

    var deltas: AsyncStream<LLM.Delta> {
        let hold = Hold(self)
        return AsyncStream(unfolding: { await hold.relay.next() }, onCancel: { hold.relay.abandon() })
    }
}
