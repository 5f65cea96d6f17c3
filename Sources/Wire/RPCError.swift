/// The answer to a call that is refused or fails: one plain sentence that says what to do, and a reason that programs can
/// rely on.
package struct RPCError: Error, Sendable, Equatable {
    /// The stable name of an error, from which its code follows.
    package enum Reason: String, Sendable, CaseIterable {
        case parseError = "parse_error"
        case invalidRequest = "invalid_request"
        case unknownMethod = "unknown_method"
        case invalidParams = "invalid_params"
        case `internal`
        case lineTooLong = "line_too_long"
        case forbidden
        case notFound = "not_found"
        case conflict
        case overloaded
        case rateLimited = "rate_limited"
        case cancelled
        case storageFull = "storage_full"
        case storageFailed = "storage_failed"
        case noModel = "no_model"
        case gateRefused = "gate_refused"
        case upstreamInterrupted = "upstream_interrupted"

        package var code: Int {
            switch self {
            case .parseError: -32700
            case .invalidRequest: -32600
            case .unknownMethod: -32601
            case .invalidParams: -32602
            case .internal: -32603
            case .lineTooLong: -32001
            case .forbidden: -32002
            case .notFound: -32003
            case .conflict: -32004
            case .overloaded, .rateLimited: -32005
            case .cancelled: -32006
            case .storageFull, .storageFailed: -32007
            case .noModel: -32008
            case .gateRefused: -32009
            case .upstreamInterrupted: -32010
            }
        }

        /// A sentence for the generated documentation.
        package var summary: String {
            switch self {
            case .parseError: "The line is not strict JSON in UTF-8."
            case .invalidRequest: "The JSON is not a request."
            case .unknownMethod: "There is no such method."
            case .invalidParams: "A parameter is missing, unknown or out of range."
            case .internal: "The daemon failed; its journal says why."
            case .lineTooLong: "The line is longer than the limit; the connection closes."
            case .forbidden: "The caller's role does not allow the method."
            case .notFound: "No such answer, model version, job or intent."
            case .conflict: "Something else is under way or was changed meanwhile."
            case .overloaded: "A limit is reached; try again after retry_after_ms."
            case .rateLimited: "Too many requests; try again after retry_after_ms."
            case .cancelled: "The request was cancelled."
            case .storageFull: "The disk is full; nothing was acknowledged."
            case .storageFailed: "The disk failed; nothing was acknowledged."
            case .noModel: "No model serves."
            case .gateRefused: "The candidate did not pass the gate."
            case .upstreamInterrupted: "The LLM broke off after its first token."
            }
        }
    }

    package var reason: Reason
    package var message: String
    package var field: String?
    package var hint: String?
    package var retryAfterMS: Int?
    /// Further members of `data`, such as `verdict` and `partial`.
    package var extra: [Member]

    package var code: Int { reason.code }

    package init(
        _ reason: Reason,
        _ message: String,
        field: String? = nil,
        hint: String? = nil,
        retryAfterMS: Int? = nil,
        extra: [Member] = []
    ) {
        (self.reason, self.message, self.field) = (reason, message, field)
        (self.hint, self.retryAfterMS, self.extra) = (hint, retryAfterMS, extra)
    }

    package func write(to writer: inout JSONWriter) {
        let optional = [
            field.map { Member("field", .string($0)) }, hint.map { Member("hint", .string($0)) },
            retryAfterMS.map { Member("retry_after_ms", .integer($0)) },
        ]
        let data = [Member("reason", .string(reason.rawValue))] + optional.compactMap { $0 } + extra
        writer.value(["code": .integer(code), "message": .string(message), "data": .object(data)] as JSON)
    }
}
