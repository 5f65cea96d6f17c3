/// The method table as an OpenRPC 1.2.6 document, so that a client in any language can be generated from the daemon
/// itself.
package enum OpenRPC {
    /// - Parameter version: the daemon's version.
    package static func document(version: String) -> JSON {
        [
            "openrpc": "1.2.6",
            "info": [
                "title": "intentd",
                "description": "JSON-RPC 2.0, one object per line, on a Unix stream socket. Protocol 1.",
                "version": .string(version),
            ],
            "methods": .array(Method.allCases.map(describe)),
            "components": ["errors": .object(RPCError.Reason.allCases.map { Member($0.rawValue, describe($0)) })],
        ]
    }

    private static func describe(_ method: Method) -> JSON {
        // OpenRPC 1.2.6 demands a result for every method; that of a notification is null.
        [
            "name": .string(method.rawValue),
            "summary": .string(method.summary),
            "paramStructure": "by-name",
            "params": .array(method.parameters.map(describe)),
            "result": ["name": "result", "schema": method.result?.jsonSchema ?? ["type": "null"]],
            "errors": .array(method.errors.map { ["$ref": "#/components/errors/\($0.rawValue)"] }),
            "x-role": .string(method.role.rawValue),
        ]
    }

    private static func describe(_ parameter: Method.Parameter) -> JSON {
        var schema = parameter.schema.jsonSchema.object ?? []
        if let value = parameter.defaultValue { schema.append(Member("default", value)) }
        return [
            "name": .string(parameter.name), "summary": .string(parameter.summary),
            "required": .bool(parameter.required), "schema": .object(schema),
        ]
    }

    private static func describe(_ reason: RPCError.Reason) -> JSON {
        [
            "code": .integer(reason.code), "message": .string(reason.summary),
            "data": ["reason": .string(reason.rawValue)],
        ]
    }
}
