// JSON Schema, draft 7, which OpenRPC uses.
extension Schema {
    package var jsonSchema: JSON {
        switch self {
        case .any: return [:]
        case .boolean: return ["type": "boolean"]
        case .integer(let range): return bounded(["type": "integer"], "imum", to: range?.json)
        case .number(let range): return bounded(["type": "number"], "imum", to: range?.json)
        case .string(let length): return bounded(["type": "string"], "Length", to: length?.json)
        case .trimmedString(let length): return bounded(["type": "string"], "Length", to: length.json)
        case .pattern(let pattern):
            return ["type": "string", "pattern": .string(pattern.expression), "description": .string(pattern.words)]
        case .choice(let choices): return ["type": "string", "enum": .array(choices.map { .string($0) })]
        case .array(let element, let count):
            return bounded(["type": "array", "items": element.jsonSchema], "Items", to: count?.json)
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

    /// Adds the least and the greatest value or number that is allowed, if there is a limit.
    ///
    /// - Parameter noun: what follows `min` and `max` in the names of both: `minItems`, `maximum`.
    private func bounded(_ schema: KeyValuePairs<String, JSON>, _ noun: String, to limits: (JSON, JSON)?) -> JSON {
        let bounds = limits.map { [Member("min" + noun, $0), Member("max" + noun, $1)] } ?? []
        return .object(schema.map { Member($0, $1) } + bounds)
    }
}

extension ClosedRange<Int> {
    fileprivate var json: (JSON, JSON) { (.integer(lowerBound), .integer(upperBound)) }
}

extension ClosedRange<Double> {
    fileprivate var json: (JSON, JSON) { (.double(lowerBound), .double(upperBound)) }
}
