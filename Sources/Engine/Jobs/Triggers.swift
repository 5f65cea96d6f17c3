import GRDB
import Logging
import Synchronization
import Wire
import World

/// Begins retrainings that nobody asked for: after so many accepted corrections, and after a drift alarm.
///
/// It looks at memory only, unless the ledger has had commits that may change the answer.
final class Triggers: Sendable {
    /// The ledger's part of the question.
    struct Standing: Sendable, Equatable {
        /// Accepted items that no training has had before it.
        var untried: Int
        /// When the last job ended; nil where there was none.
        var lastEnd: Timestamp?

        /// - Parameter isAfterDrift: whether people ask for other things, and nothing was done about it yet.
        func cause(_ settings: Configuration.Training, isAfterDrift: Bool, at now: Timestamp) -> Cause? {
            // An end that lies ahead was written while the clock was wrong.
            if let lastEnd, lastEnd <= now, now.microseconds - lastEnd.microseconds < Int64(settings.cooldown * 1e6) {
                return nil
            }
            if settings.afterFeedback > 0, untried >= settings.afterFeedback { return .feedback(untried) }
            return isAfterDrift && untried > 0 ? .drift : nil
        }
    }

    private struct State {
        /// The standing after so many of the ledger's commits.
        var known: (standing: Standing, commits: Int)?
        /// After trouble with the ledger: nanoseconds of the monotonic clock.
        var notBefore: UInt64 = 0
    }

    /// Commits that may change the standing.
    private static let kinds: [EventKind] = [
        .feedback, .review, .revision, .withdrawal, .forgetting, .job, .jobRequest,
    ]
    private static let minute: UInt64 = 60_000_000_000

    private let jobs: Jobs
    private let ledger: Ledger
    private let settings: Settings
    private let clock: Clock
    private let logger: Logger
    /// The daemon's own.
    private let uid: UInt32
    private let isAfterDrift: @Sendable () -> Bool
    private let hasTrained: @Sendable () -> Void
    private let state = Mutex(State())

    /// - Parameters:
    ///   - isAfterDrift: whether there is a drift alarm after which nothing was trained yet.
    ///   - hasTrained: told when a training has begun because of it.
    init(
        jobs: Jobs,
        ledger: Ledger,
        settings: Settings,
        clock: Clock,
        logger: Logger,
        uid: UInt32,
        isAfterDrift: @escaping @Sendable () -> Bool,
        hasTrained: @escaping @Sendable () -> Void
    ) {
        self.jobs = jobs
        self.ledger = ledger
        self.settings = settings
        self.clock = clock
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
            let cause = try await standing().cause(settings, isAfterDrift: isAfterDrift, at: clock.now())
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
            // Somebody was faster.
        } catch {
            logger.error("Whether a retraining is due could not be found out: \(error)")
            state.withLock { $0.notBefore = clock.monotonic() + Self.minute }
        }
    }

    private func standing() async throws -> Standing {
        // Before the read: a commit after it is another reason to look.
        let commits = ledger.commits(of: Self.kinds)
        if let known = state.withLock({ $0.known }), known.commits == commits { return known.standing }
        let standing = try await Self.standing(ledger)
        state.withLock { $0.known = (standing, commits) }
        return standing
    }

    /// How much accepted feedback no training has had before it, and when the last training ended.
    static func standing(_ ledger: Ledger) async throws -> Standing {
        try await ledger.read { db in
            let row = try Row.fetchOne(
                db,
                sql: """
                    SELECT (SELECT count(*) FROM feedback WHERE state = 'accepted' AND tried = 0 AND intent IS NOT NULL)
                    AS untried, (SELECT finished_at FROM jobs ORDER BY id DESC LIMIT 1) AS ended
                    """
            )
            return Standing(
                untried: row?["untried"] ?? 0,
                lastEnd: (row?["ended"] as Int64?).map(Timestamp.init(microseconds:))
            )
        }
    }
}
