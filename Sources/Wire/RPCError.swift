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
        case storageBusy = "storage_busy"
        case noModel = "no_model"
        case gateRefused = "gate_refused"
        case upstreamInterrupted = "upstream_interrupted"

        package var code: Int { row.code }

        /// A sentence for the generated documentation.
        package var summary: String { row.summary }

        private var row: (code: Int, summary: String) {
            switch self {
            case .parseError: (-32700, "The line is not strict JSON in UTF-8.")
            case .invalidRequest: (-32600, "The JSON is not a request.")
            case .unknownMethod: (-32601, "There is no such method.")
            case .invalidParams: (-32602, "A parameter is missing, unknown or out of range.")
            case .internal: (-32603, "The daemon failed; its journal says why.")
            case .lineTooLong: (-32001, "The line is longer than the limit; the connection closes.")
            case .forbidden: (-32002, "The caller's role does not allow the method.")
            case .notFound: (-32003, "No such answer, model version, job or intent.")
            case .conflict: (-32004, "Something else is under way or was changed meanwhile.")
            case .overloaded: (-32005, "A limit is reached; try again after retry_after_ms.")
            case .rateLimited: (-32005, "Too many requests; try again after retry_after_ms.")
            case .cancelled: (-32006, "The request was cancelled.")
            case .storageFull: (-32007, "The disk is full; nothing was acknowledged.")
            case .storageFailed: (-32007, "The disk failed; nothing was acknowledged.")
            case .storageBusy: (-32007, "Another process holds the database; nothing was acknowledged.")
            case .noModel: (-32008, "No model serves.")
            case .gateRefused: (-32009, "The candidate did not pass the gate.")
            case .upstreamInterrupted: (-32010, "The LLM broke off after its first token.")
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
