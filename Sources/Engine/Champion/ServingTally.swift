import Classifier
import Synchronization

// Counts stand beside the immutable serving model and not in it, because the two live for different times: a reload, or
// a shadow that comes or goes, replaces the model, while the watch must go on counting the same reign. All are counted in
// one part per event loop, since every answer adds to them.

/// The counts of the champion that serves and of its shadows.
package struct ServingTally: Sendable {
    let accounts: AccountTally
    /// The place of the champion before among the shadows, while the new one is watched.
    let previous: Int?
    /// One for each of ``ServingModel/shadows``, in the same order.
    let shadows: [ShadowCount]

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - account: the uid that asked; nil for one that counts without a limit.
    ///   - scores: the shadows' scores of the message.
    ///   - lane: the number of the event loop that read the message.
    func count(_ answer: Answer, of account: UInt32?, _ scores: ShadowScores, lane: Int) {
        accounts.count(account, isSure: answer.isSure, beside: previous.flatMap { scores[$0] }, lane: lane)
        for index in shadows.indices {
            shadows[index].withShard(lane) { tally in
                if answer.route == .local { tally.localAnswers += 1 }
                guard let score = scores[index] else { return }
                tally.count(
                    score,
                    intent: answer.ranked[0].intent,
                    confidence: answer.confidence,
                    isSure: answer.isSure,
                    isLocal: answer.route == .local
                )
            }
        }
    }
}

/// The counts of one shadow, in a part for each event loop.
final class ShadowCount: Sendable {
    private final class Shard: Sendable {
        let tally: Mutex<ShadowTally>

        init(_ tally: ShadowTally) { self.tally = Mutex(tally) }
    }

    private let shards: [Shard]

    /// - Parameter recalled: counts that an earlier process kept for the same reign.
    init(intents: [String], lanes: Int, recalled: ShadowTally?) {
        let empty = ShadowTally(intents: intents)
        shards = (0..<max(1, lanes)).map { Shard($0 == 0 ? recalled ?? empty : empty) }
    }

    func withShard(_ lane: Int, _ body: (inout ShadowTally) -> Void) {
        shards[lane % shards.count].tally.withLock { body(&$0) }
    }

    /// The sum over all event loops.
    var sum: ShadowTally {
        var sum = shards[0].tally.withLock { $0 }
        for shard in shards.dropFirst() { sum.add(shard.tally.withLock { $0 }) }
        return sum
    }
}
