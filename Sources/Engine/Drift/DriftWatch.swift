import Classifier
import Synchronization
import Wire
import World

/// Keeps the figures of the reign. What it knows lies in the ledger, some seconds old at most.
final class DriftWatch: Sendable {
    private struct State {
        var drift: Drift?
        var stored: Drift?
        var storedAt: UInt64 = 0
    }

    /// What a look came to.
    enum News: Sendable, Equatable {
        case nothing
        /// Another reign, or another threshold, has begun.
        case begun
        case alarm([String])
    }

    private static let storing: UInt64 = 10_000_000_000

    private let state = Mutex(State())

    /// For `metrics`; null while nothing serves.
    var json: JSON { state.withLock { $0.drift?.json ?? .null } }

    /// Whether there is an alarm after which nothing was trained yet.
    var wantsTraining: Bool { state.withLock { $0.drift.map { $0.isAlarm && !$0.hasTrained } ?? false } }

    func training() { state.withLock { $0.drift?.hasTrained = true } }

    func recall(_ drift: Drift) {
        state.withLock { state in
            state.drift = drift
            state.stored = drift
        }
    }

    /// Takes over what the event loops have counted, and judges.
    func look(_ snapshot: Snapshot, began: Timestamp, _ shards: [CounterShard], at now: Timestamp) -> News {
        state.withLock { state in
            let intents = snapshot.model.intents
            var news = News.nothing
            // Taken out and put back, so that what it counts in is not copied.
            var drift: Drift
            if let old = state.drift.take(),
                old.isOf(version: snapshot.version, began: began, threshold: snapshot.threshold, intents: intents)
            {
                drift = old
            } else {
                drift = Drift(
                    version: snapshot.version,
                    began: began,
                    threshold: snapshot.threshold,
                    intents: intents,
                    at: now
                )
                news = .begun
            }
            for shard in shards { shard.giveAsked(to: &drift) }
            if drift.look(at: now) { news = .alarm(drift.reasons) }
            state.drift = drift
            return news
        }
    }

    /// What is to be stored now; nil where nothing is new, or the last time is too near.
    func due(at now: UInt64, isForced: Bool) -> JSON? {
        state.withLock { state in
            guard isForced || now >= state.storedAt + Self.storing || state.storedAt == 0, let drift = state.drift,
                drift != state.stored
            else { return nil }
            state.stored = drift
            state.storedAt = max(now, 1)
            return drift.stored
        }
    }
}
