import Glibc

/// The clocks that questions go by.
enum Timepiece {
    private static let start = ContinuousClock.now

    /// The time since some moment; it never goes back.
    static var now: Duration { ContinuousClock.now - start }

    /// Seconds since 1970.
    static var wall: Double {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Waits, but returns at once if the task is cancelled.
    static func sleep(_ time: Duration) async { try? await Task.sleep(for: time, tolerance: .zero) }
}
