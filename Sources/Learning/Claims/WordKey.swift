package import Text

/// Two texts with the same key are one text, from the import of a file to training and the rows locked for tests. The key
/// is their words, as the classifier sees them: personal data is redacted and case is folded.
package struct WordKey {
    private let tokenizer: Tokenizer
    private var tokens = TokenizedText()

    package init(language: TextSettings.Language = .und) {
        self.init(TextSettings(language: language))
    }

    private init(_ settings: TextSettings) { tokenizer = Tokenizer(settings) }

    package mutating func callAsFunction(_ text: String) -> String {
        tokenizer.tokenize(text, into: &tokens)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tokens.bytes.count)
        for range in tokens.words {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes.append(contentsOf: tokens.bytes[range])
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a text is longer, when it is normalised, than a text may be.
    package static func isTooLong(_ text: String) -> Bool {
        guard text.utf8.count * Tokenizer.mostScalarsPerByte > Tokenizer.longest else { return false }
        var key = WordKey()
        _ = key(text)
        return key.tokens.isTooLong
    }

    /// Whether two texts of the same key would differ if personal data were not redacted.
    static func areRedactedAlike(_ one: String, _ other: String) -> Bool {
        var key = WordKey(TextSettings(redact: false))
        return key(one) != key(other)
    }
}
