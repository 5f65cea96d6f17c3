import Classifier
import World

/// A version that scores what people ask beside the champion, and never answers: a candidate that waits, or the champion
/// before this one while the new one is watched.
package final class ShadowModel: Sendable {
    package enum Role: String, Sendable { case candidate, previous }

    /// Its score of one message.
    struct Score: Sendable, Equatable {
        /// Whether it names the intent that the champion names.
        var agrees: Bool
        /// Whether it would answer by itself.
        var isSure: Bool
        var confidence: Float
    }

    package let version: Int
    package let role: Role
    /// First twelve digits of the model's SHA-256.
    let digest: String
    let model: Model
    let threshold: Float?
    /// The champion's position of each of its own intents; -1 for one that the champion does not know.
    private let places: [Int]

    init(_ shadow: Lineup.Shadow, _ loaded: LoadedModel, beside champion: Model, threshold: Float?) {
        version = shadow.version
        role = shadow.role
        digest = Digest.short(loaded.digest)
        model = loaded.model
        self.threshold = threshold ?? loaded.model.threshold.value
        let positions = Dictionary(uniqueKeysWithValues: champion.intents.enumerated().map { ($0.element, $0.offset) })
        places = loaded.model.intents.map { positions[$0] ?? -1 }
    }

    /// - Parameter intent: the champion's, a position in its intents.
    func score(_ message: [UInt8], beside intent: Int, _ workspace: inout Workspace) -> Score {
        let prediction = message.withUnsafeBufferPointer { model.predict($0, top: 1, workspace: &workspace) }
        return Score(
            agrees: places[prediction.intent] == intent,
            isSure: Prediction.isSure(prediction.confidence, inScope: prediction.inScope, threshold: threshold),
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

extension ServingModel {
    /// The scores of the message in the buffers.
    ///
    /// - Parameter intent: the champion's.
    func scores(_ buffers: inout Buffers, _ intent: Int) -> ShadowScores {
        var scores = ShadowScores()
        for index in shadows.indices {
            scores[index] = shadows[index].score(buffers.message, beside: intent, &buffers.shadows[index])
        }
        return scores
    }
}
