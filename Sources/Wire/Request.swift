/// One well-formed call. Whether its method exists and its parameters make sense is looked at later.
package struct Request: Sendable {
    /// nil for a notification, which is never answered.
    package var id: RequestID?
    package var method: String
    package var params: [Member]
    /// The request that a `request.cancel` names.
    package var cancelled: RequestID?
}

/// A call that is no call, and what its sender is told.
package struct Rejection: Error, Sendable {
    /// Null unless it was read without doubt.
    package var id: RequestID
    package var error: RPCError

    package init(id: RequestID, error: RPCError) {
        self.id = id
        self.error = error
    }
}

/// What one line says (JSON-RPC 2.0).
package enum Incoming: Sendable {
    /// Nothing that could be answered: white space, or a notification that cannot be understood.
    case blank
    case single(Result<Request, Rejection>)
    /// 1 to 64 calls; those that are neither answered nor understood are left out.
    case batch([Result<Request, Rejection>])
    /// The line as a whole is refused.
    case rejected(Rejection)

    package static let batchLimit = 64

    package static func parse(_ line: [UInt8]) -> Incoming { line.withUnsafeBytes { parse($0) } }

    package static func parse(_ line: UnsafeRawBufferPointer) -> Incoming {
        var parser = JSONParser(line)
        do throws(JSONError) {
            parser.skipSpace()
            switch parser.next {
            case nil: return .blank
            case UInt8(ascii: "{"):
                let call = try parser.call()
                try parser.end()
                return call.map { .single($0) } ?? .blank
            case UInt8(ascii: "["): return try batch(&parser)
            default:
                _ = try parser.value()
                try parser.end()
                return .rejected(
                    Rejection(id: .null, error: .invalidRequest("A request is a JSON object; send one per line."))
                )
            }
        } catch {
            return .rejected(Rejection(id: .null, error: RPCError(error)))
        }
    }

    private static func batch(_ parser: inout JSONParser) throws(JSONError) -> Incoming {
        try parser.open()
        var calls: [Result<Request, Rejection>] = []
        var count = 0
        if try !parser.isEmpty(closedBy: UInt8(ascii: "]")) {
            repeat {
                count += 1
                if count > batchLimit {
                    _ = try parser.value()
                } else if let call = try parser.call() {
                    calls.append(call)
                }
            } while try !parser.closes(with: UInt8(ascii: "]"))
        }
        try parser.end()
        guard 1...batchLimit ~= count else {
            let error = RPCError.invalidRequest(
                "A batch has 1 to \(batchLimit) requests, not \(count); send several lines."
            )
            return .rejected(Rejection(id: .null, error: error))
        }
        return .batch(calls)
    }
}
