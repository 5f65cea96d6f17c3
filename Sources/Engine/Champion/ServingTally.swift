import Classifier
import Synchronization

// Counts stand beside the immutable serving model and not in it, because the two live for different times: a reload, or
// a shadow that comes or goes, replaces the model, while the watch must go on counting the same reign. Shadows are
// counted in one part per event loop, since every answer adds to them; the answers need a single number, and an atomic
// is enough for that.

/// The counts of the champion that serves and of its shadows.
package struct ServingTally: Sendable {
    let answers: AnswerCount
    /// One for each of ``ServingModel/shadows``, in the same order.
    let shadows: [ShadowCount]

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - scores: the shadows' scores of the message.
    ///   - lane: the number of the event loop that read the message.
    func count(_ answer: Answer, _ scores: ShadowScores, lane: Int) {
        answers.add()
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

/// The number of answers in one reign since this process began to serve it.
package final class AnswerCount: Sendable {
    private let count = Atomic<Int>(0)

    func add() { count.add(1, ordering: .relaxed) }

    package var value: Int { count.load(ordering: .relaxed) }
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
