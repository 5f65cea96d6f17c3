import Glibc
import Patience
import Wire

/// A client: one Unix stream socket, blocking, with a limit to how long it waits.
final class Connection {
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    let descriptor: Int32
    private var dialogue = Dialogue()
    /// Made when something is read: some tests hold thousands of connections.
    private lazy var buffer = [UInt8](repeating: 0, count: 262_144)
    /// Those that came while an answer was awaited.
    private(set) var notifications: [Dialogue.Notification] = []
    private var answers: [Int: Dialogue.Answer] = [:]

    init(_ path: String, patience: Double = Patience.seconds) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count <= SocketPath.limit else { throw Failure(description: "\(path) is too long") }
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
        while true {
            if let line = try dialogue.nextLine() { return String(decoding: line, as: UTF8.self) }
            guard try receive() else { return nil }
        }
    }

    /// - Returns: false at the end of the stream.
    private func receive() throws -> Bool {
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { buffer[..<count].withUnsafeBytes { dialogue.take($0) } }
            if count >= 0 { return count > 0 }
            if errno == ECONNRESET { return false }
            guard errno == EINTR else { throw Failure(description: "receive: \(String(cString: strerror(errno)))") }
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
        let request = dialogue.ask(method, params)
        try send(request.line)
        return request.id
    }

    /// Asks the daemon to stop a request that was begun.
    func cancel(_ id: Int) throws {
        guard let line = dialogue.cancel(id) else { throw Failure(description: "request \(id) is not under way") }
        try send(line)
    }

    /// The answer to a request that was begun, as far as `result` or `error`; others, and notifications, are kept for
    /// later.
    func answer(_ id: Int) throws -> JSON {
        switch try outcome(id) {
        case .success(let result): ["result": result]
        case .failure(let refusal): ["error": refusal.json]
        }
    }

    private func outcome(_ id: Int) throws -> Result<JSON, Refusal> {
        while true {
            if let answer = answers.removeValue(forKey: id) { return answer.outcome }
            guard try hear() else { throw Failure(description: "the daemon closed before it answered \(id)") }
        }
    }

    /// Waits for what the daemon says next, and keeps it.
    ///
    /// - Returns: false at the end of the stream.
    private func hear() throws -> Bool {
        while true {
            switch try dialogue.next() {
            case .answer(let answer)?: answers[answer.id] = answer
            case .notification(let notification)?: notifications.append(notification)
            case .refusal(let refusal)?: throw refusal
            case nil:
                guard try receive() else { return false }
                continue
            }
            return true
        }
    }

    /// The result.
    ///
    /// - Throws: `Refusal` for an error.
    @discardableResult
    func call(_ method: String, _ params: JSON? = nil) throws -> JSON {
        try outcome(try begin(method, params)).get()
    }

    /// The refusal; nil where the daemon did what was asked.
    func refusal(_ method: String, _ params: JSON? = nil) throws -> Refusal? {
        do {
            try call(method, params)
            return nil
        } catch let error as Refusal {
            return error
        }
    }

    /// Reads until a notification fits.
    func notification(where fits: (Dialogue.Notification) -> Bool) throws -> Dialogue.Notification {
        while true {
            if let index = notifications.firstIndex(where: fits) { return notifications.remove(at: index) }
            guard try hear() else { throw Failure(description: "the daemon closed") }
        }
    }
}
