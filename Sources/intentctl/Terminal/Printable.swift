import Wire

/// Text of others made fit for a terminal: what could move the cursor, recolour, retitle or reorder is spelled out.
/// It is done off a terminal as well, since what is piped is often shown later.
enum Printable {
    /// For one line: line feeds are spelled out, too.
    static func line(_ text: String) -> String { spelledOut(text, keepingLines: false) }

    /// For a text of several lines; tabs become blanks.
    static func lines(_ text: String) -> String { spelledOut(text, keepingLines: true) }

    private static func spelledOut(_ text: String, keepingLines: Bool) -> String {
        guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
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
        // Direction (UAX #9), line and paragraph separators, and other invisible ones.
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB: true
        // Tags: invisible letters.
        case 0xE0000...0xE007F: true
        default: false
        }
    }
}

// The ways to print what the daemon said; nothing else of it reaches a terminal.
extension JSON {
    /// The member's text on one line; nil for none.
    func text(_ name: String) -> String? { self[name]?.string.map(Printable.line) }

    /// Any value on one line: a string as it is, a number short, null as a dash.
    var cell: String {
        switch self {
        case .null: "–"
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): String(value)
        case .double(let value): value.rounded(to: 4)
        case .string(let value): Printable.line(value)
        case .array(let elements): elements.map(\.cell).joined(separator: ", ")
        case .object(let members):
            members.map { "\(Printable.line($0.name)) \($0.value.cell)" }.joined(separator: ", ")
        }
    }

    func cell(_ name: String) -> String { (self[name] ?? .null).cell }

    /// A share with two places.
    func share(_ name: String) -> String { self[name]?.double?.fixed(2) ?? "–" }

    /// A time of the daemon (RFC 3339, UTC) to the second.
    func moment(_ name: String) -> String {
        guard let text = text(name) else { return "–" }
        return text.prefix(19).replacing("T", with: " ")
    }
}

extension Substring {
    fileprivate func replacing(_ one: Character, with other: Character) -> String {
        String(map { $0 == one ? other : $0 })
    }
}
