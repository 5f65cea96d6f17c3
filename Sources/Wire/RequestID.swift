/// A request's id: a string, an integer of any size, or null, kept exactly as sent.
package struct RequestID: Sendable {
    /// The id's JSON as it was sent.
    package let raw: [UInt8]
    /// The id's JSON in a form that is equal for equal ids. It is made once, since a cancel is compared with all requests
    /// under way.
    private let canonical: [UInt8]

    package static let null = RequestID(raw: Array("null".utf8))

    /// - Parameter raw: the JSON of a string, an integer or null, which has been checked.
    init(raw: [UInt8]) {
        self.raw = raw
        if raw.first == UInt8(ascii: "\""), raw.contains(UInt8(ascii: "\\")), let value = try? JSONParser.parse(raw) {
            canonical = Array(value.description.utf8)
        } else {
            canonical = raw == [UInt8(ascii: "-"), UInt8(ascii: "0")] ? [UInt8(ascii: "0")] : raw
        }
    }

    /// Makes an id of a value; nil if it cannot be one.
    package init?(_ value: JSON) {
        switch value {
        case .null, .integer, .string: self.init(raw: Array(value.description.utf8))
        default: return nil
        }
    }

    package init(_ number: Int) { self.init(raw: Array(String(number).utf8)) }

    /// Makes an id of its JSON; nil if it cannot be one.
    package init?(json raw: [UInt8]) {
        guard let value = try? JSONParser.parse(raw), Self.isID(value, raw[...]) else { return nil }
        self.init(raw: raw)
    }

    /// Whether a value and the bytes it was read from can be an id.
    static func isID(_ value: JSON, _ raw: some Collection<UInt8>) -> Bool {
        switch value {
        case .null, .integer, .string: true
        // An integer beyond 64 bits is read as a double, and still is an integer.
        case .double: raw.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || $0 == UInt8(ascii: "-") }
        default: false
        }
    }
}

// The same string may be written with different escapes, so ids are equal if their values are.
extension RequestID: Hashable {
    package static func == (one: RequestID, other: RequestID) -> Bool {
        one.canonical == other.canonical
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(canonical) }
}

extension RequestID: CustomStringConvertible {
    package var description: String { String(decoding: raw, as: UTF8.self) }
}
