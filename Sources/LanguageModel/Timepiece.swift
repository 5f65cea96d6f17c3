import Glibc

extension LanguageModel {
    /// The time and a way to wait, handed in so that a test can be the clock.
    package struct Timepiece: Sendable {
        /// The time since some moment; it never goes back.
        package var now: @Sendable () -> Duration
        /// Seconds since 1970.
        package var wall: @Sendable () -> Double
        /// Waits, but returns at once if the task is cancelled.
        package var sleep: @Sendable (Duration) async -> Void

        package init(
            now: @escaping @Sendable () -> Duration,
            wall: @escaping @Sendable () -> Double,
            sleep: @escaping @Sendable (Duration) async -> Void
        ) {
            (self.now, self.wall, self.sleep) = (now, wall, sleep)
        }

        /// The system's clocks.
        package static var system: Timepiece {
            let start = ContinuousClock.now
            return Timepiece(
                now: { ContinuousClock.now - start },
                wall: {
                    var time = timespec()
                    clock_gettime(CLOCK_REALTIME, &time)
                    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
                },
                sleep: { try? await Task.sleep(for: $0, tolerance: .zero) }
            )
        }
    }
}

typealias Timepiece = LanguageModel.Timepiece
