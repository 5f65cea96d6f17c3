import Logging
import Synchronization
import Wire

/// Keeps an eye on the champion. What it knows lies in the ledger, some seconds old at most.
final class Watcher: Sendable {
    private struct State {
        var reign: Reign?
        var served = Served()
        /// Answers and corrections at the last look.
        var looked: (answers: Int, corrections: Int)?
        var stored: JSON?
        var storedAt: UInt64 = 0
        var isUnderWay = false
    }

    private let state = Mutex(State())

    var reign: Reign? { state.withLock { $0.reign } }

    /// What the snapshots of the champion count with.
    var served: Served { state.withLock { $0.served } }

    /// Answers of the champion since it reigns.
    var answers: Int {
        state.withLock { ($0.reign?.answersBefore ?? 0) + $0.served.count.load(ordering: .relaxed) }
    }

    /// A reign begins, or goes on after a restart.
    func begin(_ reign: Reign) {
        state.withLock { state in
            state.reign = reign
            state.served = Served()
            state.looked = nil
        }
    }

    func update(_ change: (inout Reign) -> Void) {
        state.withLock { state in
            guard var reign = state.reign else { return }
            change(&reign)
            state.reign = reign
        }
    }

    /// Whether something came since the last look; a look at nothing new is none.
    func isNews(answers: Int, corrections: Int) -> Bool {
        state.withLock { state in
            defer { state.looked = (answers, corrections) }
            return state.looked.map { $0.answers != answers || $0.corrections != corrections } ?? true
        }
    }

    /// Runs the body, unless it runs already.
    func once(_ body: () async -> Void) async {
        let isFree = state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        guard isFree else { return }
        await body()
        state.withLock { $0.isUnderWay = false }
    }

    /// What is to be stored now; nil where nothing is new, or the last time is too near.
    func due(_ tallies: [Int: JSON], at now: UInt64, isForced: Bool) -> JSON? {
        state.withLock { state in
            guard var reign = state.reign else { return nil }
            guard isForced || now >= state.storedAt + 10_000_000_000 || state.storedAt == 0 else { return nil }
            reign.answersBefore += state.served.count.load(ordering: .relaxed)
            reign.tallies = tallies
            let json = reign.json
            guard json != state.stored else { return nil }
            state.stored = json
            state.storedAt = max(now, 1)
            return json
        }
    }
}
