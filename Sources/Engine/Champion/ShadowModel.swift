import Classifier
import Synchronization

/// A version that scores what people ask beside the champion, and never answers: a candidate that waits, or the champion
/// before this one while the new one is watched.
package final class ShadowModel: Sendable {
    package enum Role: String, Sendable { case candidate, previous }

    /// What it makes of one message.
    struct Score: Sendable, Equatable {
        /// Whether it names the intent that the champion names.
        var agrees: Bool
        /// Whether it would answer by itself.
        var isSure: Bool
        var confidence: Float
    }

    package let version: Int
    package let role: Role
    let model: Model
    let threshold: Float?
    /// The champion's position of each of its own intents; -1 for one that the champion does not know.
    private let places: [Int]
    let tally: Mutex<ShadowTally>

    /// - Parameter tally: what was counted beside the same champion before.
    init(version: Int, role: Role, model: Model, champion: Model, threshold: Float?, tally: ShadowTally? = nil) {
        self.version = version
        self.role = role
        self.model = model
        self.threshold = threshold ?? model.threshold.value
        let positions = Dictionary(uniqueKeysWithValues: champion.intents.enumerated().map { ($0.element, $0.offset) })
        places = model.intents.map { positions[$0] ?? -1 }
        self.tally = Mutex(tally ?? ShadowTally(intents: champion.intents))
    }

    /// - Parameter intent: the champion's, a position in its intents.
    func score(_ message: [UInt8], beside intent: Int, _ workspace: inout Workspace) -> Score {
        let prediction = message.withUnsafeBufferPointer { model.predict($0, top: 1, workspace: &workspace) }
        return Score(
            agrees: places[prediction.intent] == intent,
            isSure: prediction.inScope && threshold.map { prediction.confidence >= $0 } ?? false,
            confidence: prediction.confidence
        )
    }
}

/// The scores of one message by the shadows there are: two at most.
struct ShadowScores: Sendable {
    var first: ShadowModel.Score?
    var second: ShadowModel.Score?

    subscript(index: Int) -> ShadowModel.Score? {
        get { index == 0 ? first : second }
        set { if index == 0 { first = newValue } else { second = newValue } }
    }
}

extension Snapshot {
    /// How many shadows a champion has at most.
    static let mostShadows = 2

    func scores(_ buffers: inout Buffers, _ intent: Int) -> ShadowScores {
        var scores = ShadowScores()
        for index in shadows.indices {
            scores[index] = shadows[index].score(buffers.message, beside: intent, &buffers.shadows[index])
        }
        return scores
    }

    /// Counts an answer that was given.
    func count(_ considered: Considered, _ route: Route) {
        served.count.add(1, ordering: .relaxed)
        for index in shadows.indices {
            shadows[index].tally.withLock { tally in
                if route == .local { tally.localAnswers += 1 }
                guard let score = considered.scores[index] else { return }
                tally.count(
                    score,
                    intent: considered.ranked[0].intent,
                    confidence: considered.ranked[0].confidence,
                    isSure: considered.isSure,
                    isLocal: route == .local
                )
            }
        }
    }
}
