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

// Readers return nil for a missing parameter; the `required…` ones throw `invalid_params`.
extension Params {
    package func string(_ name: String) throws(RPCError) -> String? { try read(name, as: .string, \.string) }

    package func requiredString(_ name: String) throws(RPCError) -> String { try required(name, string(name)) }

    package func strings(_ name: String) throws(RPCError) -> [String]? {
        try read(name, as: .array(.string)) { $0.array?.compactMap(\.string) }
    }

    package func int(_ name: String) throws(RPCError) -> Int? { try read(name, as: .integer, \.int) }

    package func requiredInt(_ name: String) throws(RPCError) -> Int { try required(name, int(name)) }

    package func double(_ name: String) throws(RPCError) -> Double? { try read(name, as: .number, \.double) }

    package func bool(_ name: String) throws(RPCError) -> Bool? { try read(name, as: .boolean, \.bool) }

    package func requiredBool(_ name: String) throws(RPCError) -> Bool { try required(name, bool(name)) }

    package func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        of type: Choice.Type
    ) throws(RPCError) -> Choice? {
        try read(name, as: .choice(type.allCases.map(\.rawValue))) { $0.string.flatMap(Choice.init(rawValue:)) }
    }

    package func requiredChoice<Choice: CaseIterable & RawRepresentable<String>>(
        _ name: String,
        of type: Choice.Type
    ) throws(RPCError) -> Choice {
        try required(name, choice(name, of: type))
    }
}
