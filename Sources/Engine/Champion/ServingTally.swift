import Classifier
import Synchronization

/// What is counted while one champion serves. It outlives a publication: a reload, or a shadow that comes or goes,
/// counts on.
package struct ServingTally: Sendable {
    let answers: AnswerCount
    /// In the order of ``ServingModel/shadows``.
    let shadows: [ShadowCount]

    /// Counts an answer.
    ///
    /// - Parameters:
    ///   - scores: by the shadows.
    ///   - lane: the number of the event loop that read the message, so that loops do not wait for each other.
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

/// Answers of one reign since this process began to serve it.
package final class AnswerCount: Sendable {
    private let count = Atomic<Int>(0)

    package init() {}

    func add() { count.add(1, ordering: .relaxed) }

    package var value: Int { count.load(ordering: .relaxed) }
}

/// What a shadow's scores come to: a part for each event loop.
final class ShadowCount: Sendable {
    private final class Shard: Sendable {
        let tally: Mutex<ShadowTally>

        init(_ tally: ShadowTally) { self.tally = Mutex(tally) }
    }

    private let shards: [Shard]

    /// - Parameter recalled: what was counted beside the same champion before.
    init(intents: [String], lanes: Int, recalled: ShadowTally?) {
        shards = (0..<max(1, lanes)).map { Shard($0 == 0 ? recalled ?? ShadowTally(intents: intents) : ShadowTally(intents: intents)) }
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
