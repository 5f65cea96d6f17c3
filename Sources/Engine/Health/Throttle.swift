import Synchronization

/// Admits at most one line per uid and second, so that nobody can fill the journal, and counts the lines held back.
package final class Throttle: Sendable {
    private struct Second {
        var began: UInt64
        var heldBack = 0
    }

    private static let second: UInt64 = 1_000_000_000
    private let seconds = Mutex<[UInt32: Second]>([:])

    /// Returns whether a line about this uid may be written now, and counts it if not.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    package func admits(_ uid: UInt32, at now: UInt64) -> Bool {
        seconds.withLock { seconds in
            guard let current = seconds[uid], now &- current.began < Self.second || current.heldBack > 0 else {
                seconds[uid] = Second(began: now)
                return true
            }
            seconds[uid]?.heldBack += 1
            return false
        }
    }

    /// Takes the numbers of lines held back in seconds that are over, by uid. It must be called about once a second: it
    /// also drops those uids.
    package func collect(at now: UInt64) -> [(uid: UInt32, count: Int)] {
        seconds.withLock { seconds in
            let over = seconds.filter { now &- $0.value.began >= Self.second }
            for uid in over.keys { seconds[uid] = nil }
            return over.filter { $0.value.heldBack > 0 }.map { ($0.key, $0.value.heldBack) }.sorted { $0.0 < $1.0 }
        }
    }
}
