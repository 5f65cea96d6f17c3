package import Wire

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

    package init(_ time: Timestamp?) { self = time.map { .string($0.rfc3339) } ?? .null }
}

extension Timestamp {
    /// Microseconds that a stored value names; nil for what no clock of ours can have said (1970 to 9999).
    init?(stored json: JSON) {
        guard let number = json.int, 0..<253_402_300_800_000_000 ~= number else { return nil }
        self.init(microseconds: Int64(number))
    }
}
