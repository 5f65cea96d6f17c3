import Classifier
import World

/// A version that scores the same messages as the champion and never answers: a waiting candidate, or the champion
/// before this one while this one is watched.
package final class ShadowModel: Sendable {
    package enum Role: String, Sendable { case candidate, previous }

    /// The shadow's score of one message.
    struct Score: Sendable, Equatable {
        /// Whether it names the same intent as the champion.
        var agrees: Bool
        /// Whether it would answer alone.
        var isSure: Bool
        var confidence: Float
    }

    package let version: Int
    package let role: Role
    /// The first twelve digits of the model's SHA-256.
    let digest: String
    let model: Model
    let threshold: Float?
    /// The champion's class index for each of the shadow's; -1 for an intent that the champion does not know.
    private let places: [Int]

    init(_ shadow: Lineup.Shadow, _ loaded: LoadedModel, beside champion: Model, threshold: Float?) {
        version = shadow.version
        role = shadow.role
        digest = Digest.short(loaded.digest)
        model = loaded.model
        self.threshold = threshold
        let positions = Dictionary(champion.intents.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        places = loaded.model.intents.map { positions[$0] ?? -1 }
    }

    /// Scores a message.
    ///
    /// - Parameter intent: the class index that the champion chose.
    func score(_ message: [UInt8], beside intent: Int, _ workspace: inout Workspace) -> Score {
        let prediction = message.withUnsafeBufferPointer { model.predict($0, top: 1, workspace: &workspace) }
        return Score(
            agrees: places[prediction.intent] == intent,
            isSure: prediction.isSure(threshold: threshold),
            confidence: prediction.confidence
        )
    }
}

/// The scores of one message by at most two shadows.
struct ShadowScores: Sendable {
    var first: ShadowModel.Score?
    var second: ShadowModel.Score?

    subscript(index: Int) -> ShadowModel.Score? {
        get { index == 0 ? first : second }
        set { if index == 0 { first = newValue } else { second = newValue } }
    }
}

extension ServingModel {
    /// Lets every shadow score the message in the buffers.
    ///
    /// - Parameter intent: the class index that the champion chose.
    func scores(_ buffers: inout Buffers, _ intent: Int) -> ShadowScores {
        var scores = ShadowScores()
        for index in shadows.indices {
            scores[index] = shadows[index].score(buffers.message, beside: intent, &buffers.shadows[index])
        }
        return scores
    }
}
