import Text

/// Two texts with the same key are one text for training. The key is their words, as the classifier sees them.
package struct WordKey {
    private let tokenizer = Tokenizer(TextSettings())
    private var tokens = TokenizedText()

    package init() {}

    package mutating func callAsFunction(_ text: String) -> String {
        tokenizer.tokenize(text, into: &tokens)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(tokens.bytes.count)
        // The key of a text without words is its signs.
        for range in tokens.words.isEmpty ? tokens.chunks : tokens.words {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: " ")) }
            bytes.append(contentsOf: tokens.bytes[range])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
