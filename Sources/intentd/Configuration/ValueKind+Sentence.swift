import Wire

// The sentences that people read. A brace that stands for nothing would be read out to them, so it is refused at load.

extension ValueKind where Value == String {
    private static var longest: Int { 2_000 }

    /// A sentence in which `{name}` stands for something, and no other word in braces.
    static func sentence(naming name: String) -> ValueKind {
        ValueKind(
            accepts: "a text of up to \(longest) characters, in which only {\(name)} stands for something",
            parse: { value in
                guard let text = plain(value), !text.isEmpty else { return nil }
                return placeholders(in: text).allSatisfy { $0 == name } ? text : nil
            },
            show: { $0 }
        )
    }

    /// A sentence without anything in braces, or an empty one.
    static var sentenceOrNone: ValueKind {
        ValueKind(
            accepts: "a text of up to \(longest) characters without words in braces, or \"\" for the usual one",
            parse: { value in plain(value).flatMap { placeholders(in: $0).isEmpty ? $0 : nil } },
            show: { $0.isEmpty ? "\"\"" : $0 }
        )
    }

    private static func plain(_ value: YAMLValue) -> String? {
        guard case .scalar(let text, _) = value, text.unicodeScalars.count <= longest else { return nil }
        // A block after | ends in a line feed, which nobody means to say.
        return text.trimmed
    }

    /// The words that stand in braces.
    private static func placeholders(in text: String) -> [String] {
        text.matches(of: /\{([^{} ]*)\}/).map { String($0.output.1) }
    }
}
