import AsyncHTTPClient
import Glibc
import NIOCore
import NIOPosix
import World

/// The problem of a connection on which no answer came. Three libraries report such problems, each in its own way; here they
/// become one word that says what to do.
enum ConnectionProblem: Equatable {
    /// No server listens at the address, which is known at once.
    case refused
    /// The host has no route or no such name, or the socket may not be opened.
    case unreachable(String)
    case connectTimeout
    /// The server closed the connection.
    case closed
    /// The bytes that came are not HTTP.
    case notHTTP(String)

    init(_ error: any Error) {
        switch error {
        case let error as IOError:
            switch error.errnoCode {
            case ECONNREFUSED, ENOENT: self = .refused
            case ECONNRESET, EPIPE, ENOTCONN: self = .closed
            case ETIMEDOUT: self = .connectTimeout
            default: self = .unreachable(String(cString: strerror(error.errnoCode)))
            }
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.map { ConnectionProblem($0.error) }
            self = causes.first { $0 != .refused } ?? causes.first ?? .unreachable("the name is not known")
        case let error as HTTPClientError:
            switch error {
            case .connectTimeout, .getConnectionFromPoolTimeout, .deadlineExceeded, .tlsHandshakeTimeout:
                self = .connectTimeout
            case .remoteConnectionClosed, .uncleanShutdown: self = .closed
            default: self = .notHTTP("\(error)")
            }
        case ChannelError.connectTimeout: self = .connectTimeout
        case is ChannelError: self = .closed
        default: self = .notHTTP("\(type(of: error)): \(error)")
        }
    }

    func failure(_ endpoint: Endpoint) -> LLM.Failure {
        let name = endpoint.name
        return switch self {
        case .refused: LLM.Failure(.unreachable, "No LLM listens at \(name). Start it, or set llm.url.")
        case .unreachable(let why): LLM.Failure(.unreachable, "The LLM at \(name) cannot be reached: \(why).")
        case .connectTimeout: LLM.Failure(.unreachable, "The LLM at \(name) did not take the connection in time.")
        case .closed: LLM.Failure(.unreachable, "The LLM at \(name) closed the connection without an answer.")
        case .notHTTP(let what):
            LLM.Failure(.error(what), "The server at \(name) does not speak HTTP as an LLM should.")
        }
    }
}
