extension JSON {
    /// JSON that a column of the ledger or a file of ours holds; nil for none and for what is damaged.
    package init?(stored text: String?) {
        guard let text, let value = try? JSONParser.parse(Array(text.utf8)) else { return nil }
        self = value
    }

    package init(_ number: Int?) { self = number.map { .integer($0) } ?? .null }

    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    package init(_ number: Double?) { self = number.map { .double($0) } ?? .null }

    /// The shortest decimal that is the same float: 0.97, not 0.9700000286.
    package init(_ number: Float) { self = .double(Double(number.description) ?? Double(number)) }
}
