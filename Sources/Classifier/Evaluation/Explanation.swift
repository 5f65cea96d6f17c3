import Text

/// Why a text got its intent. The score of the best class is a sum, and these are its terms.
package struct Explanation: Sendable, Equatable {
    package struct Contribution: Sendable, Equatable {
        /// A word n-gram as its words, a character n-gram between bars.
        package var feature: String
        /// What it adds to the score.
        package var weight: Float
    }

    package var intent: String
    package var confidence: Float
    /// The class's uncalibrated score: `bias` plus all contributions, but for rounding.
    package var logit: Float
    package var bias: Float
    /// By falling size; features that the model does not know have none.
    package var contributions: [Contribution]
}

extension Model {
    /// The terms of the best class's score for `text`.
    package func explain(_ text: String) -> Explanation {
        var workspace = Workspace()
        let prediction = predict(text, top: 1, workspace: &workspace)
        let lane = prediction.intent % 8
        let chunk = prediction.intent / 8
        // Names in the order in which the vector holds the features: that of their first occurrence.
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
            logit: prediction.logit,
            bias: bias[chunk][lane],
            contributions: contributions
        )
    }
}
