import Text

/// What makes two texts the same one for training: their words, as the classifier sees them.
package struct WordKey {
    private let tokenizer = Tokenizer(TextSettings())
    private var tokens = TokenizedText()

    package init() {}

    package mutating func callAsFunction(_ text: String) -> String {
        tokenizer.tokenize(text, into: &tokens)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tokens.bytes.count)
        // A text of signs alone is known by its signs.
        for range in tokens.words.isEmpty ? tokens.chunks : tokens.words {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes.append(contentsOf: tokens.bytes[range])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
