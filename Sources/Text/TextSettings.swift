/// How raw text becomes words. The settings are part of a model, so that text is cut the same way in training and in
/// serving.
package struct TextSettings: Sendable, Equatable {
    package enum Casing: String, Sendable, CaseIterable {
        /// NFKC case folding: NFKC(casefold(NFKD(text))) to its fixed point. Accents are kept.
        case nfkcCaseFold
        /// Python's `str.lower()` without normalisation, as scikit-learn's vectorizers have it.
        case lowercase
    }

    package var casing: Casing
    /// Whether personal data is replaced by placeholders before anything else looks at the text.
    package var redact: Bool
    /// The length of the shortest word that is kept, in scalars: 1 for `\w+`, 2 for scikit-learn's `\b\w\w+\b`.
    package var minimumWordLength: Int

    package init(casing: Casing = .nfkcCaseFold, redact: Bool = true, minimumWordLength: Int = 1) {
        (self.casing, self.redact, self.minimumWordLength) = (casing, redact, minimumWordLength)
    }

    /// The defaults of `TfidfVectorizer()`: `lower()` and `(?u)\b\w\w+\b`, nothing redacted.
    package static let scikitLearn = TextSettings(casing: .lowercase, redact: false, minimumWordLength: 2)
}
