/// Makes text of others fit for a terminal, by spelling out whatever could move the cursor, recolour, retitle or reorder.
///
/// Whoever may send the daemon a text could otherwise act on an administrator's terminal. Text is spelled out off a
/// terminal as well, since what is piped is often shown later.
package enum Printable {
    /// The text on one line; line feeds are spelled out, too.
    package static func line(_ text: String) -> String { spelledOut(text, keepingLines: false) }

    /// The text on as many lines as it has; tabs become blanks.
    package static func lines(_ text: String) -> String { spelledOut(text, keepingLines: true) }

    /// The text for a program that reads a pipe or a file: line feeds, carriage returns and tabs are as they were sent.
    package static func content(_ text: String) -> String {
        spelledOut(text, keepingLines: true, keepingSpacing: true)
    }

    private static func spelledOut(_ text: String, keepingLines: Bool, keepingSpacing: Bool = false) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\t" where keepingSpacing, "\r" where keepingSpacing: result.unicodeScalars.append(scalar)
            case "\n": result += keepingLines ? "\n" : "\\n"
            case "\t": result += keepingLines ? "    " : "\\t"
            case "\r": result += "\\r"
            case _ where isUnsafe(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: true
        // These set the direction (UAX #9), separate lines and paragraphs, or are invisible otherwise.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        // Tags are invisible letters.
        case 0xE0000...0xE007F: true
        default: false
        }
    }
}
