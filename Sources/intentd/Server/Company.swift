import Glibc
import Synchronization

/// The users whose lines were all taken a short time ago, on any event loop.
///
/// Users share 16 places by their uid. Two who share one hide each other now and then, which costs a rest at most.
final class Company: Sendable {
    private final class Place: Sendable {
        /// The uid above, the time in ticks below.
        let last = Atomic<UInt64>(0)
    }

    /// A tick is 2^24 ns, 17 ms.
    private static let tick: UInt64 = 24
    /// For so many ticks a user counts, about a second: a request that takes long is company until it is answered.
    private static let memory: UInt32 = 60

    private let places = (0..<16).map { _ in Place() }

    /// Remembers that all lines of a user were taken.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    func mark(_ uid: uid_t, at now: UInt64) {
        let value = UInt64(uid) << 32 | UInt64(UInt32(truncatingIfNeeded: now >> Self.tick))
        let place = places[Int(uid) % places.count]
        // Event loops write the same value many times in a tick, and would take the line from each other's cache.
        if place.last.load(ordering: .relaxed) != value { place.last.store(value, ordering: .relaxed) }
    }

    /// Whether another user was marked within the last second.
    func isThere(beside uid: uid_t, at now: UInt64) -> Bool {
        let tick = UInt32(truncatingIfNeeded: now >> Self.tick)
        return places.contains { place in
            let value = place.last.load(ordering: .relaxed)
            return value != 0 && value >> 32 != UInt64(uid) && tick &- UInt32(truncatingIfNeeded: value) <= Self.memory
        }
    }
}
