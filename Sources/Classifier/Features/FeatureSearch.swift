import Text

/// Looks through texts for the features of a model: for a version that does not say itself which of them are scarce.
///
///     var search = FeatureSearch(model)
///     for text in texts { search.look(at: text) }
///     search.missing    // the features that none of these texts has
package struct FeatureSearch: Sendable {
    private let model: Model
    private var isMissing: [Bool]
    private var tokens = TokenizedText()
    private var hashes: [UInt64] = []

    package init(_ model: Model) {
        self.model = model
        isMissing = [Bool](repeating: true, count: model.featureCount)
    }

    package mutating func look(at text: String) {
        let model = model
        var isMissing: [Bool] = []
        swap(&isMissing, &self.isMissing)
        model.tokenizer.tokenize(text, into: &tokens)
        func find(_ hash: UInt64) {
            let index = model.space.index(of: hash)
            if index >= 0 { isMissing[index] = false }
        }
        model.ngrams.forEachWord(in: tokens, hashes: &hashes) { hash, _ in find(hash) }
        model.ngrams.forEachCharacters(in: tokens) { hash, _ in find(hash) }
        swap(&isMissing, &self.isMissing)
    }

    /// The features that no text had so far.
    package var missing: FeatureBits { FeatureBits(isMissing) }
}
