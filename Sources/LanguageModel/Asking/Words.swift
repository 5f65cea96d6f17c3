import World

/// The words of an LLM or its server about a failure. A stranger wrote them, and they may repeat what a person asked.
enum Words {
    private static let limit = 500
    /// The length in bytes from which words that also stand in the question count as repeated.
    private static let window = 16

    /// Returns the words as one line without what acts on a terminal and without what they repeat of the conversation; nil if
    /// nothing is left.
    static func of(_ text: String?, asking prompt: LLM.Prompt? = nil) -> String? {
        guard let text else { return nil }
        let spoken = prompt?.messages.filter { $0.role != .system }.map { Array($0.text.utf8) } ?? []
        let short = Array(text.utf8.prefix(4 * limit))
        let line = harmless(String(decoding: without(spoken, in: short), as: UTF8.self))
        return line.isEmpty ? nil : line
    }

    private static func harmless(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        var hasGap = false
        for scalar in text.unicodeScalars {
            guard line.count < limit else { break }
            switch scalar.properties.generalCategory {
            case .spaceSeparator, .lineSeparator, .paragraphSeparator: hasGap = true
            case _ where 0x09...0x0D ~= scalar.value: hasGap = true
            case .control, .format, .surrogate, .privateUse, .unassigned:
                line.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default:
                if hasGap, !line.isEmpty { line.append(" ") }
                hasGap = false
                line.append(scalar)
            }
        }
        return String(line)
    }

    /// Returns the bytes with an ellipsis for each stretch that also stands in one of the messages.
    private static func without(_ messages: [[UInt8]], in bytes: [UInt8]) -> [UInt8] {
        var marks = [Bool](repeating: false, count: bytes.count)
        for message in messages {
            // A short message must stand there by itself: a few letters occur in any sentence, and tell nothing.
            let length = min(window, message.count)
            guard length >= 8, bytes.count >= length else { continue }
            let pieces = Set((0...message.count - length).map { hash(message[$0..<$0 + length]) })
            for start in 0...bytes.count - length where pieces.contains(hash(bytes[start..<start + length])) {
                for index in start..<start + length { marks[index] = true }
            }
        }
        var kept: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            if !marks[index] {
                kept.append(byte)
            } else if index == 0 || !marks[index - 1] {
                kept += "…".utf8
            }
        }
        return kept
    }

    /// FNV-1a (Fowler, Noll, Vo). Two stretches with one hash only hide a few words too many.
    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return hash
    }
}
