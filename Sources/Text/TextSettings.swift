/// How raw text becomes words. Part of a model: text is cut the same way in training and in serving.
package struct TextSettings: Sendable, Equatable {
    package enum Casing: String, Sendable, CaseIterable {
        /// NFKC case folding: NFKC(casefold(NFKD(text))) to its fixed point; accents are kept. The default.
        case nfkcCaseFold
        /// Python's `str.lower()`, no normalisation: what scikit-learn's vectorizers do.
        case lowercase
    }

    package var casing: Casing
    /// Whether personal data is replaced by placeholders before anything else looks at the text.
    package var redact: Bool
    /// Shortest word kept, in scalars: 1 for `\w+`, 2 for scikit-learn's `\b\w\w+\b`.
    package var minimumWordLength: Int

    package init(casing: Casing = .nfkcCaseFold, redact: Bool = true, minimumWordLength: Int = 1) {
        self.casing = casing
        self.redact = redact
        self.minimumWordLength = minimumWordLength
    }

    /// `TfidfVectorizer()`'s own: `lower()` and `(?u)\b\w\w+\b`, nothing redacted.
    package static let scikitLearn = TextSettings(casing: .lowercase, redact: false, minimumWordLength: 2)
}
