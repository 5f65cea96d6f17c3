import Terminal
import Wire

/// The time in which the daemon says nothing while an answer is waited for. It has a limit, and a person at a terminal is
/// told after a while what is waited for.
struct Silence {
    /// Milliseconds after which a person wonders.
    private static let patience = 5_000
    /// Milliseconds within which a daemon says how a request that it was asked to stop has ended.
    private static let stopping = 10_000

    private let path: String
    private let method: Method
    private var limit: Timeout
    private var since = Monotonic.milliseconds
    private var isTold = false
    private var hasHeard = false
    private(set) var isStopping = false

    init(path: String, method: Method, limit: Timeout) {
        (self.path, self.method, self.limit) = (path, method, limit)
    }

    /// Milliseconds until something is to be done.
    var remaining: Int {
        let end = since + (tells ? min(Self.patience, limit.milliseconds) : limit.milliseconds)
        return max(0, end - Monotonic.milliseconds)
    }

    private var tells: Bool { !isTold && !hasHeard && Output.error.canRedraw }

    /// The daemon said something.
    mutating func end() {
        finish()
        (since, hasHeard) = (Monotonic.milliseconds, true)
    }

    /// Takes the line away that says what is waited for.
    mutating func finish() {
        if isTold { Output.error.write("\r\u{1B}[K") }
        isTold = false
    }

    /// From now on only the end of a request that was stopped is waited for.
    mutating func stop() {
        isStopping = true
        (since, limit) = (Monotonic.milliseconds, Timeout(milliseconds: min(Self.stopping, limit.milliseconds)))
    }

    /// Does what is due.
    mutating func check() throws(Failure) {
        let passed = Monotonic.milliseconds - since
        if passed >= limit.milliseconds { throw failure }
        guard tells, passed >= Self.patience else { return }
        isTold = true
        let subject = "the daemon's answer to \(method.rawValue)"
        let words = "Waiting for \(subject), at most \(Self.words(limit)); Ctrl-C ends it."
        let columns = Output.error.columns ?? 80
        Output.error.write(Style(for: .error).dim(words.shortened(to: columns - 1)))
    }

    /// The daemon has said nothing for too long.
    var failure: Failure {
        let what = isStopping ? "has not said how \(method.rawValue) ended" : "has not answered \(method.rawValue)"
        return Self.failure(what, path: path, limit: limit)
    }

    /// - Parameter what: what the daemon has not done.
    static func failure(_ what: String, path: String, limit: Timeout) -> Failure {
        .late(
            "The daemon at \(path) \(what) for \(words(limit)).",
            hint: "look at it: `systemctl status intentd`, in a checkout its terminal; --timeout sets another limit"
        )
    }

    /// The limit in the largest unit that says it whole.
    static func words(_ limit: Timeout) -> String {
        for (unit, milliseconds) in [("h", 3_600_000), ("min", 60_000), ("s", 1_000)]
        where limit.milliseconds % milliseconds == 0 {
            return "\(limit.milliseconds / milliseconds) \(unit)"
        }
        return "\(limit.milliseconds) ms"
    }
}
