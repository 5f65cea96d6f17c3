import Synchronization

/// What is counted and logged of every answer: the chat log, the counters of all event loops, and those of the lines
/// that an earlier process wrote.
package final class Telemetry: Sendable {
    package let log: ChatLog
    private let shards = Mutex<[CounterShard]>([])
    /// Counts the earlier lines beside the start, which does not wait for it.
    private let recount: Task<Counters, Never>

    init(log: ChatLog) {
        self.log = log
        recount = Task.detached(priority: .utility) { log.recount() }
    }

    /// Counters for one more event loop.
    func makeShard() -> CounterShard {
        let shard = CounterShard()
        shards.withLock { $0.append(shard) }
        return shard
    }

    /// The sum over all event loops and the lines that were in the log before this start.
    func counters() async -> Counters {
        var sum = await recount.value
        for shard in shards.withLock({ $0 }) { sum.add(shard.read()) }
        return sum
    }

    /// Runs `body` with what each event loop has counted by intent since it was last taken.
    func withTallies(_ body: (inout IntentTally) -> Void) {
        for shard in shards.withLock({ $0 }) { shard.withTally(body) }
    }

    func chore(_ settings: Settings) -> Chore {
        Chore("chat log") { [log] in log.maintain(settings.current.telemetry) }
    }
}
