package import Text

/// Which n-grams a text is made of, and how they are weighted.
package struct FeatureSettings: Sendable, Equatable {
    /// What character n-grams are cut from.
    package enum CharacterUnit: String, Sendable, CaseIterable {
        /// The words, so that punctuation makes no n-grams. Better than chunks in cross-validation.
        case word
        /// What white space separates, as scikit-learn's `char_wb` does.
        case chunk
    }

    package var text: TextSettings
    /// Orders of word n-grams; nil for none.
    package var words: ClosedRange<Int>?
    /// Whether `<s>` and `</s>` take part in word n-grams of order 2 and more.
    package var boundaries: Bool
    /// Distances of two words that count as a pair, in whatever order they stand; nil for no pairs. The upper end keeps
    /// the work linear in the length of a text.
    package var pairs: ClosedRange<Int>?
    /// In how many rows a pair must occur, whatever the row: there are many of them, and few that matter.
    package var pairRows: Int
    /// Orders of character n-grams inside units padded with one space on both sides; nil for none.
    package var characters: ClosedRange<Int>?
    package var characterUnit: CharacterUnit
    /// 1 + ln(tf) instead of tf.
    package var sublinear: Bool
    /// In how many rows a feature must occur. Nil: 2, but for features that occur in a row of a small class or of
    /// weight 2 and more, which are kept always: there every n-gram counts.
    package var minimumRows: Int?
    /// Rows below which a class counts as small.
    package var smallClass: Int
    /// Upper limit of features; the most frequent ones stay.
    package var maximumFeatures: Int
    /// Upper limit of features × classes, which bounds the model's size: 4 bytes each.
    package var maximumWeights: Int

    package init(
        text: TextSettings = TextSettings(),
        words: ClosedRange<Int>? = 1...2,
        boundaries: Bool = true,
        pairs: ClosedRange<Int>? = 2...16,
        pairRows: Int = 4,
        characters: ClosedRange<Int>? = 2...4,
        characterUnit: CharacterUnit = .word,
        sublinear: Bool = true,
        minimumRows: Int? = nil,
        smallClass: Int = 20,
        maximumFeatures: Int = 65_536,
        maximumWeights: Int = 10_000_000
    ) {
        self.text = text
        self.words = words
        self.boundaries = boundaries
        self.pairs = pairs
        self.pairRows = pairRows
        self.characters = characters
        self.characterUnit = characterUnit
        self.sublinear = sublinear
        self.minimumRows = minimumRows
        self.smallClass = smallClass
        self.maximumFeatures = maximumFeatures
        self.maximumWeights = maximumWeights
    }

    /// What `TfidfVectorizer()` does by default.
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
