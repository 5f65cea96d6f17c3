import Statistics
import Text

/// The class that a model gives to one text.
package struct Prediction: Sendable, Equatable {
    /// The best class, as a position in `Model.intents`, whether or not the text is in scope.
    package var intent: Int
    /// The calibrated probability of that class, 0…1.
    package var confidence: Float
    /// The uncalibrated score of that class.
    package var logit: Float
    /// A score that is higher for texts that look more in scope.
    package var scopeScore: Float
    /// Whether `scopeScore` reaches the model's cut.
    package var inScope: Bool
    /// Whether answers of this class are not given locally; see ``Model/withheld``.
    package var isWithheld: Bool

    /// Whether a model may answer by itself: the text is in scope, enough is known of the class, and the confidence
    /// reaches the threshold. This is the only place that says so.
    ///
    /// - Parameter threshold: nil where none is known; then a model never answers by itself.
    package static func isSure(_ confidence: Float, inScope: Bool, isWithheld: Bool, threshold: Float?) -> Bool {
        guard let threshold else { return false }
        return inScope && !isWithheld && confidence >= threshold
    }

    package func isSure(threshold: Float?) -> Bool {
        Self.isSure(confidence, inScope: inScope, isWithheld: isWithheld, threshold: threshold)
    }
}

/// One of the best classes of a text.
package struct Ranked: Sendable, Equatable {
    /// A position in `Model.intents`.
    package var intent: Int
    /// The calibrated probability, 0…1.
    package var confidence: Float

    package init(intent: Int, confidence: Float) {
        (self.intent, self.confidence) = (intent, confidence)
    }
}

/// Buffers for predicting. They adapt to any model and text, and after the first few texts nothing is allocated. One
/// workspace serves one thread at a time.
///
///     var workspace = Workspace()
///     let prediction = model.predict("where is my parcel", top: 3, workspace: &workspace)
///     model.intents[prediction.intent]  // "order_status"
///     workspace.ranked                  // the best three
package struct Workspace: Sendable {
    /// The best classes of the last prediction, best first: as many as were asked for, if there are that many.
    package internal(set) var ranked: [Ranked] = []
    var tokens = TokenizedText()
    var vector = SparseVector()
    var scores: [Float8] = []
    var probabilities: [Float8] = []

    package init() {}

    /// Whether the last text was longer, when it was normalised, than a text may be. Its end was left out then.
    package var isTooLong: Bool { tokens.isTooLong }
}

extension Model {
    /// Predicts the class of `text`, and leaves the `top` best classes (at least 1) in `workspace.ranked`.
    package func predict(_ text: String, top: Int = 1, workspace: inout Workspace) -> Prediction {
        tokenizer.tokenize(text, into: &workspace.tokens)
        return predict(top: top, workspace: &workspace)
    }

    /// Does the same for bytes. Bytes that are not UTF-8 count as U+FFFD.
    package func predict(
        _ text: UnsafeBufferPointer<UInt8>,
        top: Int = 1,
        workspace: inout Workspace
    ) -> Prediction {
        tokenizer.tokenize(text, into: &workspace.tokens)
        return predict(top: top, workspace: &workspace)
    }

    /// Whether this model may answer by itself, by its own threshold.
    package func answers(_ prediction: Prediction) -> Bool { prediction.isSure(threshold: threshold.value) }

    private func predict(top: Int, workspace: inout Workspace) -> Prediction {
        score(&workspace)
        return Self.decide(
            &workspace,
            calibration: calibration,
            withheld: withheld,
            merged: merged,
            top: top,
            known: workspace.vector.knownShare
        )
    }

    /// Computes the scores of all classes for the tokens in the workspace.
    func score(_ workspace: inout Workspace) {
        workspace.vector.fill(
            from: workspace.tokens,
            ngrams: ngrams,
            space: space,
            sublinear: settings.features.sublinear
        )
        if workspace.scores.count != chunks {
            workspace.scores = [Float8](repeating: Float8(repeating: 0), count: chunks)
        }
        for c in 0..<chunks { workspace.scores[c] = bias[c] }
        guard !workspace.vector.indices.isEmpty else { return }
        let chunks = chunks
        weights.withUnsafeBufferPointer { weights in
            workspace.scores.withUnsafeMutableBufferPointer { scores in
                workspace.vector.withEntries { indices, values, count in
                    guard let weights = weights.baseAddress, let scores = scores.baseAddress else { return }
                    Kernels.gather(
                        into: scores,
                        chunks: chunks,
                        from: weights,
                        indices: indices,
                        values: values,
                        count: count
                    )
                }
            }
        }
    }

    /// Makes a prediction from the scores in the workspace.
    static func decide(
        _ workspace: inout Workspace,
        calibration: Calibration,
        withheld: [Bool],
        merged: [Int],
        top: Int,
        known: SIMD2<Float>
    ) -> Prediction {
        let classes = withheld.count
        let best = Softmax.fill(
            &workspace.probabilities,
            workspace.scores,
            classes: classes,
            temperature: calibration.temperature
        )
        let winner = merged.isEmpty ? best.index : join(merged, &workspace.probabilities)
        workspace.ranked.removeAll(keepingCapacity: true)
        let confidence = workspace.probabilities[winner / 8][winner % 8]
        workspace.ranked.append(Ranked(intent: winner, confidence: confidence))
        let scope = best.score + calibration.knownWords * known.x + calibration.knownCharacters * known.y
        let prediction = Prediction(
            intent: winner,
            confidence: confidence,
            logit: best.score,
            scopeScore: scope,
            inScope: scope >= calibration.outOfScopeCut,
            isWithheld: withheld[winner]
        )
        guard top > 1 else { return prediction }
        // A ranked class gets a probability below all others, so that the next search skips it.
        workspace.probabilities[winner / 8][winner % 8] = -1
        for _ in 1..<min(top, classes) {
            let next = Softmax.largest(workspace.probabilities, classes: classes)
            // Only classes are left that are a part of another one.
            if next.value < 0 { break }
            workspace.ranked.append(Ranked(intent: next.index, confidence: next.value))
            workspace.probabilities[next.index / 8][next.index % 8] = -1
        }
        return prediction
    }

    /// Adds up the probabilities of classes of one name. The others of the name get one below all that are real.
    ///
    /// - Returns: the class that is likeliest then.
    private static func join(_ merged: [Int], _ probabilities: inout [Float8]) -> Int {
        for (place, whole) in merged.enumerated() where whole != place {
            probabilities[whole / 8][whole % 8] += probabilities[place / 8][place % 8]
            probabilities[place / 8][place % 8] = -1
        }
        return Softmax.largest(probabilities, classes: merged.count).index
    }
}

/// Turns scores into probabilities.
enum Softmax {
    /// Fills `probabilities` with softmax(scores / temperature), and the padding with 0.
    ///
    /// - Returns: the highest score and its position; of equal ones the first.
    static func fill(
        _ probabilities: inout [Float8],
        _ scores: [Float8],
        classes: Int,
        temperature: Float
    ) -> (index: Int, score: Float) {
        let best = largest(scores, classes: classes)
        if probabilities.count != scores.count { probabilities = scores }
        let inverse = 1 / temperature
        var sum = Float8(repeating: 0)
        for c in 0..<scores.count {
            var p = Portable.exp((scores[c] - best.value) * inverse)
            if c == scores.count - 1 {
                for lane in 0..<8 where c * 8 + lane >= classes { p[lane] = 0 }
            }
            probabilities[c] = p
            sum += p
        }
        let scale = 1 / Portable.sum(sum)
        for c in 0..<scores.count { probabilities[c] *= scale }
        return (best.index, best.value)
    }

    /// The largest of the first `classes` values; of equal ones the first.
    static func largest(_ values: [Float8], classes: Int) -> (index: Int, value: Float) {
        var index = 0
        var value = -Float.greatestFiniteMagnitude
        for c in 0..<values.count {
            let chunk = values[c]
            let end = min(8, classes - c * 8)
            if end == 8, Kernels.maximum(chunk) <= value { continue }
            for lane in 0..<end where chunk[lane] > value {
                index = c * 8 + lane
                value = chunk[lane]
            }
        }
        return (index, value)
    }
}
