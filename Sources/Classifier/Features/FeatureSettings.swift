package import Text

/// The n-grams that become features, and their weights. The defaults are those that did best in cross-validation on short
/// requests; scikit-learn's are here too, so that the features can be compared with its own.
package struct FeatureSettings: Sendable, Equatable {
    /// The parts of a text that character n-grams are cut from.
    package enum CharacterUnit: String, Sendable, CaseIterable {
        /// Words, so that punctuation makes no n-grams. They are better than chunks in cross-validation.
        case word
        /// Runs without white space, as in scikit-learn's `char_wb`.
        case chunk
    }

    package var text = TextSettings()
    /// The orders of word n-grams, 1…8; nil for none.
    package var words: ClosedRange<Int>? = 1...2
    /// Whether `<s>` and `</s>` take part in word n-grams of order 2 and more.
    package var boundaries = true
    /// The distances, 1…64 words, at which two words count as a pair, in either order; nil for no pairs. The upper end
    /// keeps the work linear in the length of a text.
    package var pairs: ClosedRange<Int>? = 2...16
    /// The number of rows in which a pair must occur. It holds for all rows, since there are many pairs and few matter.
    package var pairRows = 4
    /// The orders of character n-grams, 1…16, inside units padded with one space on both sides; nil for none.
    package var characters: ClosedRange<Int>? = 2...4
    package var characterUnit: CharacterUnit = .word
    /// Whether the weight of a feature is 1 + ln(tf) instead of its frequency tf.
    package var sublinear = true
    /// The number of rows in which a feature must occur. Nil means 2, except for features that occur in a row of a small
    /// class or of weight 2 and more, which are always kept, since there every n-gram counts.
    package var minimumRows: Int?
    /// The number of rows below which a class counts as small.
    package var smallClass = 20
    /// The upper limit of features; the most frequent ones stay.
    package var maximumFeatures = 65_536
    /// The upper limit of features × classes, which bounds the model's size at 4 bytes for each.
    package var maximumWeights = 10_000_000

    /// The defaults of scikit-learn's `TfidfVectorizer()`.
    package static let scikitLearn = FeatureSettings(
        text: .scikitLearn,
        words: 1...1,
        boundaries: false,
        pairs: nil,
        characters: nil,
        sublinear: false,
        minimumRows: 1
    )
}
