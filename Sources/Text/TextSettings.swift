/// How raw text becomes words. The settings are part of a model, so that text is cut the same way in training and in
/// serving.
package struct TextSettings: Sendable, Equatable {
    package enum Casing: String, Sendable, CaseIterable {
        /// NFKC case folding: NFKC(casefold(NFKD(text))) to its fixed point. Accents are kept.
        case nfkcCaseFold
        /// Python's `str.lower()` without normalisation, as scikit-learn's vectorizers have it.
        case lowercase
    }

    /// What a word is.
    package enum WordRule: String, Sendable, CaseIterable {
        /// What people write as one word: letters with their marks and joiners, signs that make a word ("c++", "24/7"),
        /// and each emoji. Signs alone are words if a text has no others. Characters that nobody sees are left out.
        case written
        /// Runs of `\w` (Python: `str.isalnum()` or `_`), as scikit-learn's vectorizers have it. It is the rule of the
        /// models that were trained before there was another.
        case alphanumeric
    }

    /// The languages whose letters change case in a way of their own; `und` stands for all others.
    package enum Language: String, Sendable, CaseIterable {
        case und
        /// Azerbaijani and Turkish: "I" is the capital of "ı", and "İ" that of "i".
        case az, tr
        /// Lithuanian: the dot that "i" and "j" keep below an accent makes no difference.
        case lt

        var hasDotlessI: Bool { self == .az || self == .tr }
    }

    package var casing: Casing
    /// Whether personal data is replaced by placeholders before anything else looks at the text.
    package var redact: Bool
    /// The length of the shortest word that is kept, in scalars: 1 for `\w+`, 2 for scikit-learn's `\b\w\w+\b`.
    package var minimumWordLength: Int
    package var wordRule: WordRule
    /// It counts for ``Casing/nfkcCaseFold`` alone.
    package var language: Language

    package init(
        casing: Casing = .nfkcCaseFold,
        redact: Bool = true,
        minimumWordLength: Int = 1,
        wordRule: WordRule = .written,
        language: Language = .und
    ) {
        (self.casing, self.redact, self.minimumWordLength) = (casing, redact, minimumWordLength)
        (self.wordRule, self.language) = (wordRule, language)
    }

    /// The defaults of `TfidfVectorizer()`: `lower()` and `(?u)\b\w\w+\b`, nothing redacted.
    package static let scikitLearn = TextSettings(
        casing: .lowercase,
        redact: false,
        minimumWordLength: 2,
        wordRule: .alphanumeric
    )
}
