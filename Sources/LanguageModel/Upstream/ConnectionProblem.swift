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
    /// The two sides did not agree on an encrypted connection.
    case tls(String)

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
        // The errors of TLS belong to a library that only the HTTP client knows.
        case _ where String(reflecting: type(of: error)).contains("NIOSSL"):
            self = "\(error)" == "uncleanShutdown" ? .closed : .tls("\(error)")
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
        case .tls(let what): LLM.Failure(.error("TLS: \(what)"), Self.sentence(name, tls: what))
        }
    }

    /// What is wrong with an encrypted connection, by the words that the TLS library has for it.
    private static func sentence(_ name: String, tls what: String) -> String {
        let words = what.lowercased()
        if words.contains("certificate_expired") || words.contains("has expired") {
            return "The TLS certificate of the LLM at \(name) has expired. Renew it."
        }
        if words.contains("hostname") || words.contains("unabletovalidatecertificate") {
            return "The TLS certificate of the LLM at \(name) is not for that name. Set llm.url to a name that it has."
        }
        if words.contains("certificate_verify_failed") {
            return
                "This host does not trust the TLS certificate of the LLM at \(name). Add its authority to the system's."
        }
        if words.contains("wrong_version_number") || words.contains("http_request") {
            return "The server at \(name) does not speak TLS. Set llm.url to http://\(name)."
        }
        return "The TLS connection to the LLM at \(name) failed."
    }
}
