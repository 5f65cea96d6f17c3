package import Wire

// These are the ways to print what the daemon said. Nothing of it reaches a terminal otherwise.
extension JSON {
    /// The member's text on one line; nil where there is none.
    package func text(_ name: String) -> String? { self[name]?.string.map(Printable.line) }

    /// The value on one line: a string as it is, a number shortened, null as a dash.
    package var cell: String {
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

    package func cell(_ name: String) -> String { (self[name] ?? .null).cell }

    /// A share with two places.
    package func share(_ name: String) -> String { self[name]?.double?.fixed(2) ?? "–" }

    /// A time of the daemon (RFC 3339, UTC) to the second.
    package func moment(_ name: String) -> String {
        guard let text = text(name) else { return "–" }
        return text.prefix(19).replacing("T", with: " ")
    }
}

extension Substring {
    fileprivate func replacing(_ one: Character, with other: Character) -> String {
        String(map { $0 == one ? other : $0 })
    }
}
