import Glibc

/// How often each user may connect: 1,000 times at once, and 500 times a second from then on.
///
/// The kernel's queue is one for all. Whoever connects and goes without a pause would fill it, and nobody else got in; so
/// what is too often leaves the queue at once, and costs no event loop anything.
struct ConnectionRate {
    private struct Account {
        var connections: Double
        /// Nanoseconds of the monotonic clock.
        var at: UInt64
    }

    static let atOnce = 1_000.0
    static let perSecond = 500.0
    /// The most users who are remembered. Those who have not connected for two seconds make room first.
    private static let mostUsers = 4_096

    private var accounts: [uid_t: Account] = [:]

    /// Counts a connection.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    /// - Returns: false if it is one too many.
    mutating func admits(_ uid: uid_t, at now: UInt64) -> Bool {
        var account = accounts[uid] ?? Account(connections: Self.atOnce, at: now)
        let seconds = Double(now - min(now, account.at)) / 1e9
        account = Account(connections: min(Self.atOnce, account.connections + seconds * Self.perSecond), at: now)
        let isAdmitted = account.connections >= 1
        if isAdmitted { account.connections -= 1 }
        if accounts.count >= Self.mostUsers, accounts[uid] == nil { makeRoom(at: now) }
        accounts[uid] = account
        return isAdmitted
    }

    private mutating func makeRoom(at now: UInt64) {
        accounts = accounts.filter { now - min(now, $0.value.at) < UInt64(1e9 * Self.atOnce / Self.perSecond) }
        if accounts.count >= Self.mostUsers { accounts.removeAll() }
    }
}
