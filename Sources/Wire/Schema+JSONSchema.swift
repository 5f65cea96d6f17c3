// JSON Schema, draft 7, which OpenRPC uses.
extension Schema {
    package var jsonSchema: JSON {
        switch self {
        case .any: return [:]
        case .boolean: return ["type": "boolean"]
        case .integer(let range):
            guard let range else { return ["type": "integer"] }
            return ["type": "integer", "minimum": .integer(range.lowerBound), "maximum": .integer(range.upperBound)]
        case .number(let range):
            guard let range else { return ["type": "number"] }
            return ["type": "number", "minimum": .double(range.lowerBound), "maximum": .double(range.upperBound)]
        case .string(let length): return Self.text(length)
        case .trimmedString(let length): return Self.text(length)
        case .pattern(let pattern):
            return [
                "type": "string", "pattern": .string(pattern.expression), "description": .string(pattern.words),
            ]
        case .choice(let choices): return ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .array(let element, let count):
            var members = [Member("type", "array"), Member("items", element.jsonSchema)]
            if let count {
                members += [
                    Member("minItems", .integer(count.lowerBound)), Member("maxItems", .integer(count.upperBound)),
                ]
            }
            return .object(members)
        case .object(let properties):
            return [
                "type": "object",
                "properties": .object(properties.map { Member($0.name, $0.schema.jsonSchema) }),
                "required": .array(properties.filter(\.required).map { .string($0.name) }),
                "additionalProperties": false,
            ]
        case .map(let schema): return ["type": "object", "additionalProperties": schema.jsonSchema]
        case .optional(let schema): return ["anyOf": [schema.jsonSchema, ["type": "null"]]]
        case .either(let one, let other): return ["anyOf": [one.jsonSchema, other.jsonSchema]]
        }
    }

    private static func text(_ length: ClosedRange<Int>?) -> JSON {
        guard let length else { return ["type": "string"] }
        return [
            "type": "string", "minLength": .integer(length.lowerBound), "maxLength": .integer(length.upperBound),
        ]
    }
}
