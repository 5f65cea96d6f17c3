import Glibc
import Patience
import Wire

/// A client: one Unix stream socket, blocking, with a limit to how long it waits.
final class Connection {
    /// The daemon said no.
    struct Refused: Error, Equatable, CustomStringConvertible {
        var code: Int
        var reason: String
        var message: String
        var field: String?

        init(_ error: JSON) {
            code = error["code"]?.int ?? 0
            reason = error["data"]?["reason"]?.string ?? ""
            message = error["message"]?.string ?? ""
            field = error["data"]?["field"]?.string
        }

        var description: String { "\(code) \(reason): \(message)" }
    }

    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let descriptor: Int32
    private var received: [UInt8] = []
    private var nextID = 1
    /// Lines without an id of ours that came while an answer was awaited.
    private(set) var notifications: [JSON] = []
    private var answers: [Int: JSON] = [:]

    init(_ path: String, patience: Double = Patience.seconds) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= 107 else { throw Failure(description: "\(path) is too long") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            // `deinit` closes the descriptor.
            throw Failure(description: "cannot connect to \(path): \(String(cString: strerror(errno)))")
        }
        var limit = timeval(tv_sec: Int(patience), tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// The same connection for another thread: one sends, the other receives.
    func duplicate() throws -> Connection {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw Failure(description: "no further descriptor") }
        return Connection(descriptor: copy)
    }

    deinit { close(descriptor) }

    // MARK: Bytes and lines

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let step = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent, Int32(MSG_NOSIGNAL))
            }
            if step < 0, errno == EINTR { continue }
            guard step > 0 else { throw Failure(description: "send: \(String(cString: strerror(errno)))") }
            sent += step
        }
    }

    func send(_ text: String) throws { try send(Array((text + "\n").utf8)) }

    /// The next line without its newline; nil at the end of the stream.
    func line() throws -> String? {
        var searched = 0
        while true {
            if let end = received[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: received[..<end], as: UTF8.self)
                received.removeSubrange(...end)
                return line
            }
            searched = received.count
            var chunk = [UInt8](repeating: 0, count: 262_144)
            let count = recv(descriptor, &chunk, chunk.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == ECONNRESET { return nil }
            guard count >= 0 else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
            if count == 0 { return nil }
            received.append(contentsOf: chunk[..<count])
        }
    }

    func json() throws -> JSON? { try line().map { try JSONParser.parse($0) } }

    /// Everything until the daemon closes.
    func rest() throws -> [JSON] {
        var lines: [JSON] = []
        while let next = try json() { lines.append(next) }
        return lines
    }

    /// No more requests; answers still come.
    func closeWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    // MARK: Requests

    /// Sends a request without waiting.
    @discardableResult
    func begin(_ method: String, _ params: JSON? = nil) throws -> Int {
        let id = nextID
        nextID += 1
        var request: [Member] = [
            Member("jsonrpc", "2.0"), Member("id", .integer(id)), Member("method", .string(method)),
        ]
        if let params { request.append(Member("params", params)) }
        try send(JSON.object(request).description)
        return id
    }

    /// The whole answer to a request that was begun; others, and notifications, are kept for later.
    func answer(_ id: Int) throws -> JSON {
        while answers[id] == nil {
            guard let next = try json() else {
                throw Failure(description: "the daemon closed before it answered \(id)")
            }
            if let theirs = next["id"]?.int { answers[theirs] = next } else { notifications.append(next) }
        }
        return answers.removeValue(forKey: id) ?? .null
    }

    /// The result.
    ///
    /// - Throws: ``Refused`` for an error.
    @discardableResult
    func call(_ method: String, _ params: JSON? = nil) throws -> JSON {
        let answer = try answer(try begin(method, params))
        if let error = answer["error"] { throw Refused(error) }
        guard let result = answer["result"] else { throw Failure(description: "neither result nor error: \(answer)") }
        return result
    }

    /// The refusal; nil where the daemon did what was asked.
    func refusal(_ method: String, _ params: JSON? = nil) throws -> Refused? {
        do {
            try call(method, params)
            return nil
        } catch let error as Refused {
            return error
        }
    }

    /// Reads until a notification fits.
    func notification(where fits: (JSON) -> Bool) throws -> JSON {
        while true {
            if let index = notifications.firstIndex(where: fits) { return notifications.remove(at: index) }
            guard let next = try json() else { throw Failure(description: "the daemon closed") }
            if let theirs = next["id"]?.int { answers[theirs] = next } else { notifications.append(next) }
        }
    }
}
