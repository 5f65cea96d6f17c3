extension Schema.Pattern {
    /// The name of a conversation.
    package static let sessionName = Schema.Pattern(
        expression: "^[A-Za-z0-9._:-]{1,128}$",
        words: "1 to 128 characters of A-Z, a-z, 0-9, . _ : and -"
    ) { isSessionName(Array($0.utf8)) }

    /// Whether UTF-8 bytes are a ``sessionName``.
    package static func isSessionName(_ name: [UInt8]) -> Bool {
        1...128 ~= name.count
            && name.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }

    /// The name of an intent, which must fit on a line of tables, files and logs.
    package static let intentName = Schema.Pattern(
        expression: "^(?!\\s)[^\\p{C}\\p{Zl}\\p{Zp}]{1,100}(?<!\\s)$",
        words: "1 to 100 characters without control characters, and without white space at its ends"
    ) { text in
        1...100 ~= text.unicodeScalars.count && text.trimmed.hasSameBytes(as: text)
            && text.unicodeScalars.allSatisfy { scalar in
                switch scalar.properties.generalCategory {
                case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
                    false
                default: true
                }
            }
    }

    /// A moment in UTC (RFC 3339).
    package static let time = Schema.Pattern(
        expression: "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,9})?Z$",
        words: "a time such as 2026-01-31T12:00:00Z"
    ) { text in
        let bytes = Array(text.utf8)
        guard 20...30 ~= bytes.count else { return false }
        let shape = Array("dddd-dd-ddTdd:dd:dd".utf8)
        let isDigit: (UInt8) -> Bool = { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        for (expected, byte) in zip(shape, bytes) {
            guard expected == UInt8(ascii: "d") ? isDigit(byte) : byte == expected else { return false }
        }
        let fraction = bytes[19..<(bytes.count - 1)]
        guard bytes.last == UInt8(ascii: "Z") else { return false }
        return fraction.isEmpty
            || (fraction.first == UInt8(ascii: ".") && fraction.count > 1 && fraction.dropFirst().allSatisfy(isDigit))
    }
}
