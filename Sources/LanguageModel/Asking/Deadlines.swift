import Synchronization

/// The time limits of one question: a total one, and one for what is waited for right now.
final class Deadlines: Sendable {
    enum Cause { case total, firstByte, idle, rest }

    private struct State {
        var total: Duration
        var phase: (at: Duration, cause: Cause)?
        var expired: Cause?
        var timer: Task<Void, Never>?
        /// When the timer looks next.
        var wakes: Duration?
        var isOver = false

        var next: Duration { min(total, phase?.at ?? total) }
    }

    private let clock: Timepiece
    private let state: Mutex<State>
    private let onExpiry: @Sendable () -> Void

    init(_ clock: Timepiece, total: Double, _ onExpiry: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.onExpiry = onExpiry
        state = Mutex(State(total: clock.now() + .seconds(total)))
        schedule()
    }

    /// Which limit was passed, if any.
    var expired: Cause? { state.withLock { $0.expired } }

    func arm(_ cause: Cause, _ seconds: Double) {
        state.withLock { $0.phase = (clock.now() + .seconds(seconds), cause) }
        schedule()
    }

    func disarm() { state.withLock { $0.phase = nil } }

    /// No limit counts any more.
    func stop() {
        let timer = state.withLock { state in
            state.isOver = true
            return state.timer
        }
        timer?.cancel()
    }

    /// The timer only ever has to be replaced when a limit comes nearer; one that moved away it sees when it wakes.
    private func schedule() {
        state.withLock { state in
            guard !state.isOver, state.expired == nil, state.wakes.map({ $0 > state.next }) ?? true else { return }
            state.timer?.cancel()
            state.wakes = state.next
            state.timer = Task { [weak self, clock] in
                while !Task.isCancelled, let wait = self?.remaining() { await clock.sleep(wait) }
            }
        }
    }

    /// How long to sleep; nil when there is nothing to wait for.
    private func remaining() -> Duration? {
        let now = clock.now()
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
