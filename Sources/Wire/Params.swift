/// A request's parameters, checked against the method table: unknown ones are refused, `_meta` is ignored, and every
/// value read here has the type and range that the table documents.
///
///     let params = try Params(request.params, of: .feedbackReview)
///     let id = try params.requiredString("feedback_id")
///     let accept = try params.bool("accept")  // nil if it is missing
package struct Params: Sendable {
    private let members: [Member]

    package func has(_ name: String) -> Bool { value(name) != nil }

    /// The parameters, except `name`, as one text in a fixed order: equal requests give equal texts.
    package func canonical(without name: String) -> String {
        let others = members.filter { $0.name != "_meta" && $0.name != name }
        return JSON.object(others.sorted { $0.name < $1.name }).description
    }

    /// - Throws: `RPCError` `invalid_params` that names the first wrong parameter.
    package init(_ members: [Member], of method: Method) throws(RPCError) {
        self.members = members
        let parameters = method.parameters
        for member in members where !member.name.hasSameBytes(as: "_meta") {
            guard let parameter = parameters.first(where: { $0.name.hasSameBytes(as: member.name) }) else {
                throw Self.unknown(member.name, method)
            }
            if let violation = parameter.schema.violation(in: member.value) {
                let place = violation.path.isEmpty ? parameter.name : "\(parameter.name)[\(violation.path)]"
                throw .invalidParams("\(place) \(violation.message).", field: parameter.name)
            }
        }
        for parameter in parameters where parameter.required && value(parameter.name) == nil {
            throw Self.missing(parameter.name)
        }
    }

    private static func unknown(_ name: String, _ method: Method) -> RPCError {
        let known = method.parameters.map(\.name)
        return .invalidParams(
            "\(method.rawValue) has no parameter \(JSON.string(String(name.prefix(128))))"
                + (known.isEmpty ? "; it takes none." : "; it takes \(known.joined(separator: ", "))."),
            field: name
        )
    }

    private static func missing(_ name: String) -> RPCError { .invalidParams("\(name) is missing.", field: name) }

    private func value(_ name: String) -> JSON? {
        members.first { $0.name.hasSameBytes(as: name) }?.value
    }

    private func read<Value>(_ name: String, as schema: Schema, _ convert: (JSON) -> Value?) throws(RPCError) -> Value?
    {
        guard let value = value(name) else { return nil }
        if let violation = schema.violation(in: value) {
            throw .invalidParams("\(name) \(violation.message).", field: name)
        }
        return convert(value)
    }

    private func required<Value>(_ name: String, _ value: Value?) throws(RPCError) -> Value {
        guard let value else { throw Self.missing(name) }
        return value
    }
}

// Readers return nil for a missing parameter; the `required…` ones throw `invalid_params`. A range given here narrows that
// of the table; most callers need none.
extension Params {
    /// - Parameters:
    ///   - length: the allowed lengths in Unicode scalars.
    ///   - trimmed: whether white space at both ends is removed first.
    package func string(
        _ name: String,
        length: ClosedRange<Int>? = nil,
        trimmed: Bool = false
    ) throws(RPCError) -> String? {
        let schema: Schema = trimmed ? .trimmedString(length ?? 0...Int.max) : .string(length)
        return try read(name, as: schema) { trimmed ? $0.string?.trimmed : $0.string }
    }

    package func requiredString(
        _ name: String,
        length: ClosedRange<Int>? = nil,
        trimmed: Bool = false
    ) throws(RPCError) -> String {
        try required(name, string(name, length: length, trimmed: trimmed))
    }

    package func string(_ name: String, pattern: Schema.Pattern) throws(RPCError) -> String? {
        try read(name, as: .pattern(pattern), \.string)
    }

    package func strings(
        _ name: String,
        count: ClosedRange<Int>? = nil,
        length: ClosedRange<Int>? = nil
    ) throws(RPCError) -> [String]? {
        try read(name, as: .array(.string(length), count)) { $0.array?.compactMap(\.string) }
    }

    package func int(_ name: String, in range: ClosedRange<Int>? = nil) throws(RPCError) -> Int? {
        try read(name, as: .integer(range), \.int)
    }

    package func requiredInt(_ name: String, in range: ClosedRange<Int>? = nil) throws(RPCError) -> Int {
        try required(name, int(name, in: range))
    }

    package func double(_ name: String, in range: ClosedRange<Double>? = nil) throws(RPCError) -> Double? {
        try read(name, as: .number(range), \.double)
    }

    package func bool(_ name: String) throws(RPCError) -> Bool? { try read(name, as: .boolean, \.bool) }

    package func requiredBool(_ name: String) throws(RPCError) -> Bool { try required(name, bool(name)) }

    package func choice(_ name: String, of choices: [String]) throws(RPCError) -> String? {
        try read(name, as: .choice(choices), \.string)
    }

    package func requiredChoice(_ name: String, of choices: [String]) throws(RPCError) -> String {
        try required(name, choice(name, of: choices))
    }

    package func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        of type: Choice.Type
    ) throws(RPCError) -> Choice? {
        try choice(name, of: type.allCases.map(\.rawValue)).flatMap(Choice.init(rawValue:))
    }

    package func requiredChoice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        of type: Choice.Type
    ) throws(RPCError) -> Choice {
        try required(name, choice(name, of: type))
    }
}
