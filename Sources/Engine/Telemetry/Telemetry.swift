import Synchronization

/// The figures about all answers: the chat log, the counters of all event loops, and those of the lines that earlier
/// processes wrote.
package final class Telemetry: Sendable {
    package let log: ChatLog
    private let shards = Mutex<[CounterShard]>([])
    /// Counts the lines of earlier processes. The start does not wait for it.
    private let recount: Task<Counters, Never>

    /// The most messages of one account that count in a window of drift: a tenth of it.
    private let accountLimit: Int

    /// - Parameter windowAnswers: the least number of answers in a window of drift.
    init(log: ChatLog, windowAnswers: Int) {
        self.log = log
        accountLimit = windowAnswers / Share.accounts
        recount = Task.detached(priority: .utility) { log.recount() }
    }

    /// Makes the counters of one more event loop.
    func makeShard() -> CounterShard {
        let shard = CounterShard()
        shards.withLock { shards in
            shards.append(shard)
            // However an account spreads its messages over the loops, it has at most a tenth of a window.
            let limit = max(1, accountLimit / shards.count)
            for shard in shards { shard.limitAccounts(to: limit) }
        }
        return shard
    }

    /// Returns the sum over all event loops and the lines that were in the log before this start.
    func counters() async -> Counters {
        var sum = await recount.value
        for shard in shards.withLock({ $0 }) { sum.add(shard.read()) }
        return sum
    }

    /// Runs `body` with the intents that each event loop has counted since `body` last took them.
    func withTallies(_ body: (inout IntentTally) -> Void) {
        for shard in shards.withLock({ $0 }) { shard.withTally(body) }
    }

    /// Begins a window of drift: every account may have messages in it again.
    func beginWindow() { for shard in shards.withLock({ $0 }) { shard.beginWindow() } }

    func chore(_ settings: Settings, _ health: Health) -> Chore {
        Chore("chat log") { [log] in
            log.maintain(settings.current.telemetry)
            health.set(.log, log.trouble)
        }
    }
}
