import Text

/// Explains why a text got its intent. The score of the best class is a sum over features, so its terms are the whole
/// explanation, and nothing has to be estimated.
package struct Explanation: Sendable, Equatable {
    package struct Contribution: Sendable, Equatable {
        /// The n-gram: words as they are, characters between vertical bars.
        package var feature: String
        /// The amount that it adds to the score.
        package var weight: Float
    }

    package var intent: String
    package var confidence: Float
    /// The class's uncalibrated score: the sum of `bias` and all contributions, except for rounding.
    package var logit: Float
    package var bias: Float
    /// The terms by falling size. Features that the model does not know have none.
    package var contributions: [Contribution]
}

extension Model {
    /// The terms of the best class's score for `text`.
    package func explain(_ text: String) -> Explanation {
        var workspace = Workspace()
        let prediction = predict(text, top: 1, workspace: &workspace)
        let explained = explained(prediction, workspace.scores)
        let lane = explained % 8
        let chunk = explained / 8
        // The vector holds the features in the order of their first occurrence, and so do these names.
        var names: [String] = []
        var seen = Set<Int>()
        let tokens = workspace.tokens
        var hashes: [UInt64] = []
        func note(_ hash: UInt64, _ origin: NGrams.Origin) {
            let index = space.index(of: hash)
            if index >= 0, seen.insert(index).inserted { names.append(ngrams.name(of: origin, in: tokens)) }
        }
        ngrams.forEachWord(in: tokens, hashes: &hashes) { note($0, $1) }
        ngrams.forEachCharacters(in: tokens) { note($0, $1) }
        var contributions: [Explanation.Contribution] = []
        for (position, name) in names.enumerated() {
            let row = Int(workspace.vector.indices[position])
            let weight = weights[row * chunks + chunk][lane] * workspace.vector.values[position]
            contributions.append(.init(feature: name, weight: weight))
        }
        contributions.sort { a, b in
            abs(a.weight) == abs(b.weight) ? a.feature < b.feature : abs(a.weight) > abs(b.weight)
        }
        return Explanation(
            intent: intents[prediction.intent],
            confidence: prediction.confidence,
            logit: workspace.scores[chunk][lane],
            bias: bias[chunk][lane],
            contributions: contributions
        )
    }

    /// The class whose score is explained: of several classes of one name the one with the highest score.
    private func explained(_ prediction: Prediction, _ scores: [Float8]) -> Int {
        let parts = merged.indices.filter { merged[$0] == prediction.intent }
        return parts.max { scores[$0 / 8][$0 % 8] < scores[$1 / 8][$1 % 8] } ?? prediction.intent
    }
}
