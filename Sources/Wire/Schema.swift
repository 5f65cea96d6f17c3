/// The shape of a JSON value, which checks values and describes itself as JSON Schema. One description serves both, so
/// that the documentation and the checks cannot differ.
///
///     let schema: Schema = ["limit": .integer(1...1_000), "uid?": .integer]
///     schema.violation(in: ["limit": 0])  // limit: must be 1 to 1000, not 0
package indirect enum Schema: Sendable {
    case any
    case boolean
    case integer(ClosedRange<Int>?)
    case number(ClosedRange<Double>?)
    /// A string with a length in Unicode scalars.
    case string(ClosedRange<Int>?)
    /// A string in whose length white space at both ends does not count.
    case trimmedString(ClosedRange<Int>)
    case pattern(Pattern)
    case choice([String])
    /// An array of such elements, with a number of elements.
    case array(Schema, ClosedRange<Int>?)
    /// An object with these members and no others.
    case object([Property])
    /// An object with any names, all of whose values have one shape.
    case map(Schema)
    case optional(Schema)
    case either(Schema, Schema)

    package struct Property: Sendable {
        package var name: String
        package var schema: Schema
        package var required: Bool
    }

    /// A form that strings must have.
    package struct Pattern: Sendable {
        /// The form as a regular expression of ECMA 262.
        package var expression: String
        /// The form in words that follow "must be".
        package var words: String
        package var matches: @Sendable (String) -> Bool
    }
}

extension Schema {
    package static let string = Schema.string(nil)
    package static let integer = Schema.integer(nil)
    package static let number = Schema.number(nil)
    package static func array(_ element: Schema) -> Schema { .array(element, nil) }

    /// The reason for which a value does not have a shape.
    package struct Violation: Sendable, Equatable {
        /// The place in the value, as names and indices with dots between; empty for the value itself.
        package var path: String
        /// Half an English sentence, such as "must be 1 to 1000, not 0".
        package var message: String
    }

    /// The first violation in a value; nil if the value has this shape.
    package func violation(in value: JSON) -> Violation? {
        switch (self, value) {
        case (.any, _), (.optional, .null), (.boolean, .bool): return nil
        case (.optional(let schema), _): return schema.violation(in: value)
        case (.either(let one, let other), _):
            return one.violation(in: value) == nil ? nil : other.violation(in: value)
        case (.integer(let range), .integer(let number)):
            guard let range, !(range ~= number) else { return nil }
            return Violation("must be \(range.words), not \(number)")
        case (.number(let range), .integer), (.number(let range), .double):
            guard let range, let number = value.double, !(range ~= number) else { return nil }
            return Violation("must be \(range.words), not \(value)")
        case (.string(let length), .string(let text)): return Self.lengthViolation(text, length)
        case (.trimmedString(let length), .string(let text)): return Self.lengthViolation(text.trimmed, length)
        case (.pattern(let pattern), .string(let text)):
            return pattern.matches(text) ? nil : Violation("must be \(pattern.words)")
        case (.choice(let choices), .string(let text)):
            return choices.contains(text) ? nil : Violation("must be one of \(choices.joined(separator: ", "))")
        case (.array(let element, let count), .array(let elements)):
            if let count, !(count ~= elements.count) {
                return Violation("must have \(count.words) elements, not \(elements.count)")
            }
            for (index, value) in elements.enumerated() {
                if let violation = element.violation(in: value) { return violation.inside("\(index)") }
            }
            return nil
        case (.object(let properties), .object(let members)): return Self.violation(properties, members)
        case (.map(let schema), .object(let members)):
            for member in members {
                if let violation = schema.violation(in: member.value) { return violation.inside(member.name) }
            }
            return nil
        default: return Violation("must be \(words)")
        }
    }

    private static func violation(_ properties: [Property], _ members: [Member]) -> Violation? {
        for member in members {
            guard let property = properties.first(where: { $0.name.hasSameBytes(as: member.name) }) else {
                return Violation("is not known here").inside(member.name)
            }
            if let violation = property.schema.violation(in: member.value) { return violation.inside(member.name) }
        }
        for property in properties where property.required {
            if !members.contains(where: { $0.name.hasSameBytes(as: property.name) }) {
                return Violation("is missing").inside(property.name)
            }
        }
        return nil
    }

    private static func lengthViolation(_ text: String, _ length: ClosedRange<Int>?) -> Violation? {
        // A scalar is one to four bytes, so most texts need no counting.
        guard let length, text.utf8.count < length.lowerBound * 4 || text.utf8.count > length.upperBound else {
            return nil
        }
        let count = text.unicodeScalars.count
        return length ~= count ? nil : Violation("must have \(length.words) characters, not \(count)")
    }

    /// The shape in words that follow "must be".
    private var words: String {
        switch self {
        case .any: "anything"
        case .boolean: "true or false"
        case .integer(let range): range.map { "an integer, \($0.words)" } ?? "an integer"
        case .number(let range): range.map { "a number, \($0.words)" } ?? "a number"
        case .string, .trimmedString: "a string"
        case .pattern(let pattern): pattern.words
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .array: "an array"
        case .object, .map: "an object"
        case .optional(let schema): schema.words + " or null"
        case .either(let one, let other): "\(one.words) or \(other.words)"
        }
    }
}

extension Schema: ExpressibleByDictionaryLiteral {
    /// An object with these members. A name with a question mark at its end is that of a member that may be missing.
    package init(dictionaryLiteral members: (String, Schema)...) {
        self = .object(
            members.map { name, schema in
                let required = name.last != "?"
                return Property(name: required ? name : String(name.dropLast()), schema: schema, required: required)
            }
        )
    }
}

extension Schema.Violation {
    init(_ message: String) { self.init(path: "", message: message) }

    func inside(_ name: String) -> Schema.Violation {
        Schema.Violation(path: path.isEmpty ? name : "\(name).\(path)", message: message)
    }
}

extension ClosedRange where Bound: CustomStringConvertible {
    var words: String { "\(lowerBound) to \(upperBound)" }
}

extension String {
    /// The string without the white space at both ends.
    package var trimmed: String {
        guard let first = unicodeScalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = unicodeScalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        if first == unicodeScalars.startIndex, unicodeScalars.index(after: last) == unicodeScalars.endIndex {
            return self
        }
        return String(unicodeScalars[first...last])
    }
}
