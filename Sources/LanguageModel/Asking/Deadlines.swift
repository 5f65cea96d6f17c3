import Synchronization

/// The time limits of one question: a total one, and one for the present phase. The phase changes with every piece of text,
/// so a limit that moves away costs no new timer.
final class Deadlines: Sendable {
    enum Cause { case total, firstByte, idle, rest }

    private struct State {
        var total: Duration
        var phase: (at: Duration, cause: Cause)?
        var expired: Cause?
        var timer: Task<Void, Never>?
        /// The time at which the timer looks next.
        var wakes: Duration?
        var isOver = false

        var next: Duration { min(total, phase?.at ?? total) }
    }

    private let state: Mutex<State>
    private let onExpiry: @Sendable () -> Void

    init(total: Double, _ onExpiry: @escaping @Sendable () -> Void) {
        self.onExpiry = onExpiry
        state = Mutex(State(total: Timepiece.now + .seconds(total)))
        schedule()
    }

    /// The limit that was passed; nil if none was.
    var expired: Cause? { state.withLock { $0.expired } }

    /// Begins a phase, which may take so many seconds.
    func arm(_ cause: Cause, _ seconds: Double) {
        state.withLock { $0.phase = (Timepiece.now + .seconds(seconds), cause) }
        schedule()
    }

    /// Ends the phase; only the total limit counts.
    func disarm() { state.withLock { $0.phase = nil } }

    /// Lifts all limits.
    func stop() {
        let timer = state.withLock { state in
            state.isOver = true
            return state.timer
        }
        timer?.cancel()
    }

    /// Replaces the timer, but only if a limit has come nearer; a limit that has moved away is noticed when the timer wakes.
    private func schedule() {
        state.withLock { state in
            guard !state.isOver, state.expired == nil, state.wakes.map({ $0 > state.next }) ?? true else { return }
            state.timer?.cancel()
            state.wakes = state.next
            state.timer = Task { [weak self] in
                while !Task.isCancelled, let wait = self?.remaining() { await Timepiece.sleep(wait) }
            }
        }
    }

    /// The time to sleep; nil if there is nothing to wait for.
    private func remaining() -> Duration? {
        let now = Timepiece.now
        let (wait, hasExpired) = state.withLock { state -> (Duration?, Bool) in
            guard !state.isOver, state.expired == nil, !Task.isCancelled else { return (nil, false) }
            guard state.next <= now else {
                state.wakes = state.next
                return (state.next - now, false)
            }
            state.expired = state.total <= now ? .total : state.phase?.cause ?? .total
            return (nil, true)
        }
        if hasExpired { onExpiry() }
        return wait
    }
}
