import Glibc
import Wire

/// One connection to the daemon. It blocks: the tool asks one thing at a time.
struct Client: ~Copyable {
    /// Far above any answer; against a stream without a line's end.
    private static let answerLimit = 256 << 20

    private let path: String
    private let connection: Int32
    private var framer = LineFramer(limit: Client.answerLimit)
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    private var lastID = 0
    /// Of the call that is under way; -1 for none.
    private var stop: Int32 = -1

    /// The id that the next call will have.
    var nextID: Int { lastID + 1 }

    init(socket path: String) throws(Failure) {
        self.path = path
        connection = try Self.connect(to: path)
    }

    deinit { close(connection) }

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - stop: a descriptor; when it is readable, the daemon is asked to stop, and says then how it ended.
    ///   - heard: gets the notifications that come meanwhile.
    mutating func call(
        _ method: Method,
        _ params: [Member] = [],
        stop: Int32 = -1,
        heard: (Notification) -> Void = { _ in }
    ) throws(Failure) -> JSON {
        lastID += 1
        self.stop = stop
        defer { self.stop = -1 }
        let request: JSON = [
            "jsonrpc": "2.0", "id": .integer(lastID), "method": .string(method.rawValue), "params": .object(params),
        ]
        send(Array((request.description + "\n").utf8))
        while true {
            guard let message = try next(until: nil) else { continue }
            if let name = message["method"]?.string {
                heard(Notification(method: name, params: message["params"] ?? .null))
                continue
            }
            // An error without an id is ours as well: nothing else is asked on this connection.
            guard message["id"]?.int == lastID || (message["id"]?.isNull ?? true) else { continue }
            if let error = message["error"] { throw .refused(error) }
            guard let result = message["result"] else { throw .failed("The daemon's answer is none.") }
            return result
        }
    }

    /// Listens for notifications for a while.
    mutating func listen(milliseconds: Int, heard: (Notification) -> Void) throws(Failure) {
        let deadline = Self.now + milliseconds
        while Self.now < deadline, let message = try next(until: deadline) {
            if let name = message["method"]?.string {
                heard(Notification(method: name, params: message["params"] ?? .null))
            }
        }
    }

    /// The next line's value; nil when the time is over.
    private mutating func next(until deadline: Int?) throws(Failure) -> JSON? {
        while true {
            switch framer.next() {
            case .line(let line):
                guard let message = try? JSONParser.parse(line) else {
                    throw .failed("The daemon's answer is no JSON.")
                }
                return message
            case .tooLong: throw .failed("The daemon's answer is too long.")
            case nil: guard try read(until: deadline) else { return nil }
            }
        }
    }

    private mutating func read(until deadline: Int?) throws(Failure) -> Bool {
        if deadline != nil || stop >= 0 {
            var descriptors = [connection, stop].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&descriptors, 2, deadline.map { Int32(clamping: max(0, $0 - Self.now)) } ?? -1)
            if count < 0, errno == EINTR { return true }
            guard count > 0 else { return false }
            if descriptors[1].revents != 0 { cancel() }
            guard descriptors[0].revents != 0 else { return true }
        }
        let count = recv(connection, &buffer, buffer.count, 0)
        let code = errno
        if count > 0 { buffer[..<count].withUnsafeBytes { framer.append($0) } }
        if count < 0, code == EINTR { return true }
        guard count > 0 else {
            throw .unreachable(path: path, why: count == 0 ? "it closed the connection" : description(of: code))
        }
        return true
    }

    private func cancel() {
        Interrupts.clear()
        let request: JSON = [
            "jsonrpc": "2.0", "method": .string(Method.requestCancel.rawValue),
            "params": ["request": .integer(lastID)],
        ]
        send(Array((request.description + "\n").utf8))
    }

    /// A daemon that closes while we write may have said why, so a failure shows when the answer is read.
    private func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.send(connection, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            sent += count
        }
    }

    private static func connect(to path: String) throws(Failure) -> Int32 {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw .failed("No socket could be made: \(description(of: errno)).") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(SocketPath.limit)) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else {
            let code = errno
            close(connection)
            switch code {
            case EACCES, EPERM: throw .locked(path: path)
            case ENOENT: throw .unreachable(path: path, why: "there is no such socket")
            case ECONNREFUSED: throw .unreachable(path: path, why: "nobody listens there")
            default: throw .unreachable(path: path, why: description(of: code))
            }
        }
        return connection
    }

    /// Milliseconds of a clock that nobody sets.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}

/// What the daemon says without being asked.
struct Notification {
    var method: String
    var params: JSON
}

/// The system's words, in lower case as in the middle of a sentence.
func description(of code: Int32) -> String {
    guard let words = strerror(code).map({ String(cString: $0) }) else { return "error \(code)" }
    return words.prefix(1).lowercased() + words.dropFirst()
}
