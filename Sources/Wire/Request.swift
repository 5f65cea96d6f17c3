/// One well-formed call. Its method and parameters are not checked yet.
package struct Request: Sendable {
    /// The id; nil for a notification, which is never answered.
    package var id: RequestID?
    package var method: String
    package var params: [Member]
    /// The id of the request that a `request.cancel` names, exactly as sent.
    package var cancelled: RequestID?
}

/// The answer to a call that is not well-formed.
package struct Rejection: Error, Sendable {
    /// The call's id; null if it could not be read without doubt.
    package var id: RequestID
    package var error: RPCError
}

/// The contents of one line (JSON-RPC 2.0).
package enum Incoming: Sendable {
    /// The line contains nothing that could be answered: white space, or a notification that cannot be understood.
    case blank
    case single(Result<Request, Rejection>)
    /// The line is a batch of 1 to 64 calls. Notifications that cannot be understood are left out.
    case batch([Result<Request, Rejection>])
    /// The line as a whole is refused.
    case rejected(Rejection)

    /// The largest number of calls in a batch.
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
                return rejected(.invalidRequest("A request is a JSON object; send one per line."))
            }
        } catch {
            return rejected(RPCError(error))
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
            return rejected(
                .invalidRequest("A batch has 1 to \(batchLimit) requests, not \(count); send several lines.")
            )
        }
        return .batch(calls)
    }

    private static func rejected(_ error: RPCError) -> Incoming { .rejected(Rejection(id: .null, error: error)) }
}
