import Synchronization
import World

/// Whether a retraining is due that nobody asked for. The ledger is asked only where its answer may have changed.
final class Triggers: Sendable {
    /// What the ledger says.
    struct Standing: Sendable, Equatable {
        /// Accepted items that no training has had before it.
        var untried: Int
        /// When the last job ended; nil where there was none.
        var lastEnd: Timestamp?

        /// - Parameter isAfterDrift: whether what people ask has changed, and nothing was done about it yet.
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
        /// nil: to be asked.
        var standing: Standing?
        /// What is read before a change is not the answer after it.
        var changes = 0
        var isUnderWay = false
        /// After trouble with the ledger, by the monotonic clock.
        var notBefore: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Feedback was given or decided on, or a job began.
    func lookAgain() {
        state.withLock { state in
            state.standing = nil
            state.changes += 1
        }
    }

    func standing(_ read: () async throws -> Standing) async throws -> Standing {
        let (known, changes) = state.withLock { ($0.standing, $0.changes) }
        if let known { return known }
        let standing = try await read()
        state.withLock { state in if state.changes == changes { state.standing = standing } }
        return standing
    }

    /// Runs the body, unless it runs already or has to wait.
    func once(at now: UInt64, _ body: () async -> Void) async {
        let isFree = state.withLock { state in
            guard now >= state.notBefore, !state.isUnderWay else { return false }
            state.isUnderWay = true
            return true
        }
        guard isFree else { return }
        await body()
        state.withLock { $0.isUnderWay = false }
    }

    func wait(until time: UInt64) { state.withLock { $0.notBefore = time } }
}
