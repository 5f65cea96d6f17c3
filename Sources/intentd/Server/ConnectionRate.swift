import Glibc

/// How often each user may connect: 1,000 times at once, and 500 times a second from then on.
///
/// The kernel's queue is one for all. Whoever connects and goes without a pause would fill it, and nobody else got in; so
/// what is too often leaves the queue faster than it can come: it costs no event loop anything, and only now and then a
/// word.
struct ConnectionRate {
    enum Verdict {
        case admitted
        /// One too many, of which the client is told.
        case refused
        /// One too many of those who have been told.
        case dropped
    }

    private struct Account {
        var connections: Double
        /// Nanoseconds of the monotonic clock.
        var at: UInt64
        /// The last time that the user was told.
        var toldAt: UInt64?
    }

    static let atOnce = 1_000.0
    static let perSecond = 500.0
    /// The time between two words of refusal, in nanoseconds.
    private static let silence: UInt64 = 10_000_000
    /// The most users who are remembered. Those who have not connected for two seconds make room first.
    private static let mostUsers = 4_096

    private var accounts: [uid_t: Account] = [:]

    /// Counts a connection.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    mutating func judge(_ uid: uid_t, at now: UInt64) -> Verdict {
        var account = accounts[uid] ?? Account(connections: Self.atOnce, at: now)
        let seconds = Double(now - min(now, account.at)) / 1e9
        account.connections = min(Self.atOnce, account.connections + seconds * Self.perSecond)
        account.at = now
        defer {
            if accounts.count >= Self.mostUsers, accounts[uid] == nil { makeRoom(at: now) }
            accounts[uid] = account
        }
        if account.connections >= 1 {
            account.connections -= 1
            return .admitted
        }
        if let told = account.toldAt, now - min(now, told) < Self.silence { return .dropped }
        account.toldAt = now
        return .refused
    }

    private mutating func makeRoom(at now: UInt64) {
        accounts = accounts.filter { now - min(now, $0.value.at) < UInt64(1e9 * Self.atOnce / Self.perSecond) }
        if accounts.count >= Self.mostUsers { accounts.removeAll() }
    }
}
