import Synchronization
import Wire

/// The limit on a user's requests to be forgotten: for each, all that is kept is read, and a training of his words begins anew.
final class ForgetLimit: Sendable {
    static let anHour = 10
    private static let hour: UInt64 = 3_600_000_000_000

    private struct Calls {
        var isUnderWay = false
        /// When they began, in nanoseconds of the monotonic clock.
        var began: [UInt64] = []
    }

    private let calls = Mutex<[UInt32: Calls]>([:])

    /// - Throws: `RPCError` `overloaded` while one of this user is under way, `rate_limited` after too many.
    func enter(_ uid: UInt32, at now: UInt64) throws(RPCError) {
        try calls.withLock { calls throws(RPCError) in
            calls = calls.filter { uid, entry in entry.isUnderWay || entry.began.contains { now < $0 + Self.hour } }
            var entry = calls[uid] ?? Calls()
            if entry.isUnderWay { throw .forgettingAlready }
            entry.began.removeAll { now >= $0 + Self.hour }
            if entry.began.count >= Self.anHour, let first = entry.began.first {
                throw .rateLimited(retryAfterMS: Int((first + Self.hour - now) / 1_000_000) + 1)
            }
            entry.began.append(now)
            entry.isUnderWay = true
            calls[uid] = entry
        }
    }

    func leave(_ uid: UInt32) { calls.withLock { $0[uid]?.isUnderWay = false } }
}
