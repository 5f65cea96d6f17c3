import GRDB
import Logging
import Synchronization
import Wire
import World

/// Starts retrainings without a request: after a number of accepted corrections, and after a drift alarm.
///
/// It reads the ledger only after commits that may change the answer.
final class Triggers: Sendable {
    /// The facts of the ledger on which the decision depends.
    struct Standing: Sendable, Equatable {
        /// The number of accepted items that no training has used, as far as they count: of what no admin has given or
        /// accepted, one account has at most a tenth.
        var untried: Int
        /// The end of the last job; nil if there was none.
        var lastEnd: Timestamp?

        /// Returns the cause of a retraining that is due; nil if none is.
        ///
        /// - Parameter isAfterDrift: whether there is a drift alarm after which nothing was trained yet.
        /// - Parameter plausible: the time, if the clock can be believed; nothing else ends a cool-down.
        func cause(
            _ settings: Configuration.Training,
            isAfterDrift: Bool,
            at now: Timestamp,
            plausible: Timestamp?
        ) -> Cause? {
            if let lastEnd {
                // An end in the future was written while the clock was wrong.
                let age = now.microseconds - lastEnd.microseconds
                if age >= 0, age < Int64(settings.cooldown * 1e6) { return nil }
                if settings.cooldown > 0, plausible == nil { return nil }
            }
            if settings.afterFeedback > 0, untried >= settings.afterFeedback { return .feedback(untried) }
            return isAfterDrift && untried > 0 ? .drift : nil
        }
    }

    private struct State {
        /// The standing, and the number of commits when it was read.
        var known: (standing: Standing, commits: Int)?
        /// The next attempt after a failure, in nanoseconds of the monotonic clock.
        var notBefore: UInt64 = 0
    }

    /// The kinds of commits that may change the standing.
    private static let kinds: [EventKind] = [
        .feedback, .review, .revision, .withdrawal, .forgetting, .job, .jobRequest,
    ]
    private static let minute: UInt64 = 60_000_000_000

    private let jobs: Jobs
    private let ledger: Ledger
    private let settings: Settings
    private let clock: Clock
    private let time: PlausibleTime
    private let logger: Logger
    /// The daemon's own uid.
    private let uid: UInt32
    private let isAfterDrift: @Sendable () -> Bool
    private let hasTrained: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - isAfterDrift: whether there is a drift alarm after which nothing was trained yet.
    ///   - hasTrained: called when a training has begun because of it.
    init(
        jobs: Jobs,
        ledger: Ledger,
        settings: Settings,
        clock: Clock,
        time: PlausibleTime,
        logger: Logger,
        uid: UInt32,
        isAfterDrift: @escaping @Sendable () -> Bool,
        hasTrained: @escaping @Sendable () -> Void
    ) {
        self.jobs = jobs
        self.ledger = ledger
        self.settings = settings
        self.clock = clock
        self.time = time
        self.logger = logger
        self.uid = uid
        self.isAfterDrift = isAfterDrift
        self.hasTrained = hasTrained
    }

    var chore: Chore { Chore("triggers") { [self] in await look() } }

    func look() async {
        let settings = settings.current.training
        let isAfterDrift = isAfterDrift()
        let isEarly = state.withLock { clock.monotonic() < $0.notBefore }
        guard settings.afterFeedback > 0 || isAfterDrift, jobs.current == nil, !isEarly else { return }
        do {
            let cause = try await standing().cause(
                settings,
                isAfterDrift: isAfterDrift,
                at: clock.now(),
                plausible: time.now
            )
            guard let cause else { return }
            let job = try await jobs.start(uid: uid, policy: settings.policy, cause: cause)
            if cause == .drift { hasTrained() }
            logger.notice(
                "A retraining has begun by itself, \(cause.words).",
                metadata: ["job": .string(job.id)]
            )
        } catch is CancellationError {
            return
        } catch let error as RPCError where error.reason == .conflict {
            // Another job has started meanwhile.
        } catch {
            logger.error("Whether a retraining is due could not be found out: \(error)")
            state.withLock { $0.notBefore = clock.monotonic() + Self.minute }
        }
    }

    private func standing() async throws -> Standing {
        // Counted before the read, so that a later commit is a reason to read again.
        let commits = ledger.commits(of: Self.kinds)
        if let known = state.withLock({ $0.known }), known.commits == commits { return known.standing }
        let standing = try await Self.standing(ledger)
        state.withLock { $0.known = (standing, commits) }
        return standing
    }

    /// Reads the standing from the ledger.
    static func standing(_ ledger: Ledger) async throws -> Standing {
        try await ledger.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT (admin OR reviewer IS NOT NULL) AS vouched, count(*) AS items FROM feedback
                    WHERE state = 'accepted' AND tried = 0 AND intent IS NOT NULL GROUP BY uid, vouched
                    """
            ).map { (isVouched: $0["vouched"] as Bool, items: $0["items"] as Int) }
            let ended = try Int64.fetchOne(db, sql: "SELECT finished_at FROM jobs ORDER BY id DESC LIMIT 1")
            return Standing(
                untried: Share.counted(
                    rows.filter { !$0.isVouched }.map(\.items),
                    beside: rows.reduce(0) { $0 + ($1.isVouched ? $1.items : 0) }
                ),
                lastEnd: ended.map(Timestamp.init(microseconds:))
            )
        }
    }
}
