import Wire

/// One request after its checks.
struct Call {
    let method: Method
    let params: Params
    let id: RequestID?
    var caller: Caller
    /// The monotonic clock, in nanoseconds, when the line was complete.
    let began: UInt64
}

/// What a method gives back.
enum Response {
    case now(Body)
    case later(@Sendable () async throws -> Body)

    /// A result: a value, or the bytes of one that is encoded already.
    enum Body: Sendable {
        case value(JSON)
        case encoded([UInt8])

        /// The line that answers the request of that id.
        func line(_ id: RequestID) -> [UInt8] {
            switch self {
            case .value(let value): Reply.result(id: id) { $0.value(value) }
            case .encoded(let bytes): Reply.result(id: id, encoded: bytes)
            }
        }
    }

    static func value(_ value: JSON) -> Response { .now(.value(value)) }

    /// A value that has to be waited for.
    static func laterValue(_ work: @escaping @Sendable () async throws -> JSON) -> Response {
        .later { .value(try await work()) }
    }
}
