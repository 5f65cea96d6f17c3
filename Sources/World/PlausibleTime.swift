import Synchronization

// What was removed because it was too old does not come back, so nobody removes it by one look at a clock. A clock may be
// far off for seconds, after a start without a battery or by a typing error, and right again before anybody notices.
// Whatever cannot be taken back asks this type for the time, which keeps silent until the clock has gone as it should
// for ten minutes.

/// Wall time for acts that cannot be taken back: removal, expiry, the end of a cool-down.
///
///     let time = PlausibleTime(clock: clock)
///     time.recall(lastRecord)              // once, what earlier processes knew
///     guard let now = time.now else { return }   // not yet: `time.waits` says for what
package final class PlausibleTime: Sendable {
    private struct State {
        /// The last record of an earlier process; nil after the first look.
        var recorded: Timestamp?
        /// The last look; nil before the first.
        var last: (wall: Timestamp, monotonic: UInt64)?
        /// When the first of an unbroken row of plausible looks was, in nanoseconds of the monotonic clock.
        var plausibleSince: UInt64?
        /// How the clock jumped; nil once it has been plausible for long enough.
        var jump: (from: Timestamp, to: Timestamp)?
    }

    /// How far, in microseconds, a look may be from the last record and the time since.
    private static let tolerance: Int64 = 86_400_000_000
    /// How long the clock must have been plausible, in nanoseconds.
    private static let span: UInt64 = 600_000_000_000

    private let clock: Clock
    private let state = Mutex(State())

    package init(clock: Clock) { self.clock = clock }

    /// Takes the time of a record that an earlier process made. It counts only before the first look, and the latest one
    /// does.
    package func recall(_ time: Timestamp) {
        state.withLock { state in
            guard state.last == nil else { return }
            state.recorded = max(time, state.recorded ?? time)
        }
    }

    /// Looks at the clock. Somebody must do so every second, or a jump there and back would go unseen.
    package func look() { _ = now }

    /// The time; nil unless two looks ten minutes apart, and all between them, were plausible: within a day of the last
    /// record and the monotonic time since.
    package var now: Timestamp? {
        state.withLock { state in
            let (wall, monotonic) = (clock.now(), clock.monotonic())
            let expected = state.last.map { last in
                Timestamp(microseconds: last.wall.microseconds + Int64((monotonic - last.monotonic) / 1_000))
            }
            let reference = expected ?? state.recorded ?? wall
            state.last = (wall, monotonic)
            state.recorded = nil
            guard abs(wall.microseconds - reference.microseconds) <= Self.tolerance else {
                state.plausibleSince = nil
                state.jump = (reference, wall)
                return nil
            }
            let since = state.plausibleSince ?? monotonic
            state.plausibleSince = since
            guard monotonic - since >= Self.span else { return nil }
            state.jump = nil
            return wall
        }
    }

    /// What acts that cannot be taken back wait for after a jump of the clock; nil if it did not jump, or if it has been
    /// plausible since for long enough.
    package var waits: String? {
        state.withLock { $0.jump }.map { jump in
            "the clock went from \(jump.from.rfc3339) to \(jump.to.rfc3339); nothing is removed for its age before it has "
                + "been plausible for ten minutes"
        }
    }
}
