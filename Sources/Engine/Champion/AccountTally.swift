import Synchronization

/// The counts of the present reign by account since this process began to serve it, in a part for each event loop.
package final class AccountTally: Sendable {
    private final class Shard: Sendable {
        let counts = Mutex(AccountCounts())
    }

    private let shards: [Shard]

    /// - Parameter lanes: the number of event loops.
    init(lanes: Int) { shards = (0..<max(1, lanes)).map { _ in Shard() } }

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - account: the uid that asked; nil for one that counts without a limit.
    ///   - score: the score by the champion before; nil if it gave none.
    func count(_ account: UInt32?, isSure: Bool, beside score: ShadowModel.Score?, lane: Int) {
        var count = AccountCounts.Count(answers: 1)
        if let score {
            count.scored = 1
            count.lost = score.isSure && !isSure ? 1 : 0
            count.gained = isSure && !score.isSure ? 1 : 0
        }
        shards[lane % shards.count].counts.withLock { $0.add(count, of: account) }
    }

    /// The sum over all event loops.
    package var sum: AccountCounts {
        shards.reduce(into: AccountCounts()) { sum, shard in sum.add(shard.counts.withLock { $0 }) }
    }
}
