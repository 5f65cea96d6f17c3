import Glibc
package import World

extension Clock {
    /// The clocks of this host.
    package static let host = Clock(
        now: { Timestamp(microseconds: nanoseconds(CLOCK_REALTIME) / 1_000) },
        monotonic: { UInt64(nanoseconds(CLOCK_MONOTONIC)) },
        sleep: { seconds in try await Task.sleep(for: .seconds(seconds)) }
    )

    private static func nanoseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
