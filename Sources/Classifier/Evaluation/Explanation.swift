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
    /// The terms by falling size. Features that the model does not know have none. Where features were hidden, the last one
    /// is the sum of their terms, under the name ``othersWords``.
    package var contributions: [Contribution]

    /// No feature has this name: an apostrophe ends a word.
    package static let othersWords = "others' words"
}

extension Model {
    /// The terms of the best class's score for `text`.
    ///
    /// - Parameter hidden: features that are not named, and whose terms are one. With a word all parts of it are hidden that
    ///   no other word of the text has.
    package func explain(_ text: String, hiding hidden: FeatureBits? = nil) -> Explanation {
        var workspace = Workspace()
        let prediction = predict(text, top: 1, workspace: &workspace)
        let explained = explained(prediction, workspace.scores)
        let lane = explained % 8
        let chunk = explained / 8
        let terms = terms(of: workspace.tokens, hiding: hidden)
        var contributions: [Explanation.Contribution] = []
        var others: Float?
        for (position, term) in terms.enumerated() {
            let row = Int(workspace.vector.indices[position])
            let weight = weights[row * chunks + chunk][lane] * workspace.vector.values[position]
            if term.isHidden {
                others = (others ?? 0) + weight
            } else {
                contributions.append(.init(feature: term.name, weight: weight))
            }
        }
        contributions.sort { a, b in
            abs(a.weight) == abs(b.weight) ? a.feature < b.feature : abs(a.weight) > abs(b.weight)
        }
        if let others { contributions.append(.init(feature: Explanation.othersWords, weight: others)) }
        return Explanation(
            intent: intents[prediction.intent],
            confidence: prediction.confidence,
            logit: workspace.scores[chunk][lane],
            bias: bias[chunk][lane],
            contributions: contributions
        )
    }

    /// A feature of a text.
    private struct Term {
        var name: String
        var isHidden: Bool
    }

    /// The features of a text in the order of their first occurrence, which is also that of a vector.
    private func terms(of tokens: TokenizedText, hiding hidden: FeatureBits?) -> [Term] {
        var terms: [Term] = []
        var places: [Int: Int] = [:]
        // The words of the text that are hidden, ascending.
        var secret: [Range<Int>] = []
        var hashes: [UInt64] = []
        ngrams.forEachWord(in: tokens, hashes: &hashes) { hash, origin in
            let index = space.index(of: hash)
            guard index >= 0 else { return }
            let isHidden = hidden?[index] ?? false
            if isHidden, case .words(let start, 1) = origin, tokens.words.indices.contains(start) {
                secret.append(tokens.words[start])
            }
            guard places[index] == nil else { return }
            places[index] = terms.count
            terms.append(Term(name: ngrams.name(of: origin, in: tokens), isHidden: isHidden))
        }
        var unit = 0..<0
        var isSecret = false
        var next = 0
        ngrams.forEachCharacters(in: tokens) { hash, origin in
            let index = space.index(of: hash)
            guard index >= 0, case .characters(let range, _, _) = origin else { return }
            if range != unit {
                while next < secret.count, secret[next].upperBound <= range.lowerBound { next += 1 }
                (unit, isSecret) = (range, next < secret.count && secret[next].lowerBound < range.upperBound)
            }
            if let place = places[index] {
                // A word that is not hidden has it, too.
                if !isSecret, !(hidden?[index] ?? false) { terms[place].isHidden = false }
                return
            }
            places[index] = terms.count
            let isHidden = isSecret || hidden?[index] ?? false
            terms.append(Term(name: ngrams.name(of: origin, in: tokens), isHidden: isHidden))
        }
        return terms
    }

    /// The class whose score is explained: of several classes of one name the one with the highest score.
    private func explained(_ prediction: Prediction, _ scores: [Float8]) -> Int {
        let parts = merged.indices.filter { merged[$0] == prediction.intent }
        return parts.max { scores[$0 / 8][$0 % 8] < scores[$1 / 8][$1 % 8] } ?? prediction.intent
    }
}
