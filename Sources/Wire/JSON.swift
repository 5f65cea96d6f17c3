/// A JSON value (RFC 8259). Members keep their order; integers that fit stay integers.
///
/// Foundation's readers round large integers, drop duplicate keys and lose the order, so the wire has values of its own.
///
///     let value = try JSONParser.parse(#"{"jobs":[{"job":"7"}]}"#)
///     value["jobs"]?[0]?["job"]?.string  // "7"
package enum JSON: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int)
    /// Any other number; always finite when parsed.
    case double(Double)
    case string(String)
    case array([JSON])
    case object([Member])
}

/// One name and its value in an object.
package struct Member: Sendable, Equatable {
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
        self.name = name
        self.value = value
    }
}

extension JSON {
    /// The value of a member; nil if it is missing or this is no object. Names are compared as bytes.
    package subscript(_ name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    /// An element; nil if the index is out of range or this is no array.
    package subscript(_ index: Int) -> JSON? {
        guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
        return elements[index]
    }

    package var isNull: Bool { if case .null = self { true } else { false } }

    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    package var int: Int? { if case .integer(let value) = self { value } else { nil } }

    /// An integer from 0 to 2^40, such as a number of things, bytes or microseconds; nil for any other value. Whatever a
    /// stranger wrote, a sum of millions of these stays within an `Int`.
    package var quantity: Int? { int.flatMap { 0...(1 << 40) ~= $0 ? $0 : nil } }

    /// The value of any number, also of an integer.
    package var double: Double? {
        switch self {
        case .double(let value): value
        case .integer(let value): Double(value)
        default: nil
        }
    }

    package var string: String? { if case .string(let value) = self { value } else { nil } }

    package var array: [JSON]? { if case .array(let elements) = self { elements } else { nil } }

    package var object: [Member]? { if case .object(let members) = self { members } else { nil } }

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

extension JSON: CustomStringConvertible {
    /// Compact JSON.
    package var description: String {
        var writer = JSONWriter()
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(nilLiteral: ()) { self = .null }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }
}

extension String {
    /// Whether both strings are the same bytes. Swift's `==` takes canonically equivalent strings for equal, but on the
    /// wire a name is its bytes.
    package func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
