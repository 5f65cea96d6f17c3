import Wire

/// One request whose method, rights and parameters have been checked.
struct Call {
    let method: Method
    let params: Params
    let id: RequestID?
    var caller: Caller
    /// The time when its line was complete, in nanoseconds of the monotonic clock.
    let began: UInt64
}

/// The response of a method: ready now, or work to be done off the event loop.
enum Response {
    case now(Body)
    case later(@Sendable () async throws -> Body)

    /// A result: a value, or the bytes of an encoded one.
    enum Body: Sendable {
        case value(JSON)
        case encoded([UInt8])

        /// Returns the line that answers the request with this id.
        func line(_ id: RequestID) -> [UInt8] {
            switch self {
            case .value(let value): Reply.result(id: id) { $0.value(value) }
            case .encoded(let bytes): Reply.result(id: id, encoded: bytes)
            }
        }
    }

    static func value(_ value: JSON) -> Response { .now(.value(value)) }

    /// A response whose value takes time.
    static func laterValue(_ work: @escaping @Sendable () async throws -> JSON) -> Response {
        .later { .value(try await work()) }
    }
}
