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

    /// The cells of several members, in the order of their names.
    package func cells(_ names: String...) -> [String] { names.map { cell($0) } }

    /// The elements of a member; none if it is missing or no array.
    package func list(_ name: String) -> [JSON] { self[name]?.array ?? [] }

    /// A member that says something; nil if it is missing or null.
    package func known(_ name: String) -> JSON? { self[name].flatMap { $0.isNull ? .none : .some($0) } }

    /// A member that is a number of things, with the word for one of them: "1 turn", "2 turns".
    package func counted(_ name: String, _ noun: String) -> String {
        "\(cell(name)) \(noun)\(self[name] == 1 ? "" : "s")"
    }

    /// A share with two places.
    package func share(_ name: String) -> String { self[name]?.double?.fixed(2) ?? "–" }

    /// A share in percent.
    package func percent(_ name: String) -> String { self[name]?.double?.percent(1) ?? "–" }

    /// A time of the daemon (RFC 3339, UTC) to the second.
    package func moment(_ name: String) -> String {
        text(name).map { text in String(text.prefix(19).map { $0 == "T" ? " " : $0 }) } ?? "–"
    }
}
