import Glibc
import Terminal
import Wire

/// One connection to the daemon: a ``Dialogue`` over a socket that is waited for with `poll`. It blocks, because the tool
/// asks one thing at a time; an event loop would cost a millisecond at each start and most of the binary's size.
struct Client: ~Copyable {
    private let path: String
    private let connection: Int32
    private var dialogue = Dialogue()
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// A descriptor that ends every wait with ``Failure/interrupted(_:)`` when it becomes readable.
    var abandon: Int32 = -1
    /// The sentences of that failure.
    var farewell = ""

    /// The id that the next call will have.
    var nextID: Int { dialogue.nextID }

    init(socket path: String) throws(Failure) {
        self.path = path
        connection = try Self.connect(to: path)
    }

    deinit { close(connection) }

    /// Begins anew with the daemon that listens there now. What was asked before is never answered.
    mutating func reconnect() throws(Failure) { self = try Client(socket: path) }

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - stop: a descriptor. When it becomes readable, the daemon is asked to stop; its answer says how that ended.
    ///   - heard: takes the notifications that come meanwhile.
    mutating func call(
        _ method: Method,
        _ params: Parameters = [:],
        stop: Int32 = -1,
        heard: (Dialogue.Notification) -> Void = { _ in }
    ) throws(Failure) -> JSON {
        try call(method, params.compactMap { name, value in value.map { Member(name, $0) } }, stop: stop, heard: heard)
    }

    mutating func call(
        _ method: Method,
        _ params: [Member],
        stop: Int32 = -1,
        heard: (Dialogue.Notification) -> Void = { _ in }
    ) throws(Failure) -> JSON {
        let request = dialogue.ask(method, params)
        send(request.line)
        while true {
            switch try message() {
            case .notification(let notification)?: heard(notification)
            case .answer(let answer)? where answer.id == request.id:
                return try answer.outcome.mapError(Failure.refused).get()
            // An error without an id is ours as well, because nothing else is asked on this connection.
            case .refusal(let refusal)?: throw .refused(refusal)
            // This answer is late: its call has failed in another way.
            case .answer?: continue
            case nil: try read(until: nil, stop: stop, stopping: request.id)
            }
        }
    }

    /// Listens for notifications for a while.
    mutating func listen(milliseconds: Int, heard: (Dialogue.Notification) -> Void) throws(Failure) {
        let deadline = Self.now + milliseconds
        while Self.now < deadline {
            switch try message() {
            case .notification(let notification)?: heard(notification)
            case .some: continue
            case nil: try read(until: deadline)
            }
        }
    }

    /// The next message of what has been received already; nil when the rest is not a whole line.
    private mutating func message() throws(Failure) -> Dialogue.Message? {
        while true {
            do throws(Dialogue.Fault) {
                return try dialogue.next()
            } catch .unknownID {
                // An answer that no call waits for changes nothing here.
            } catch {
                throw .failed(error.description)
            }
        }
    }

    /// Reads once, as soon as there is something to read.
    ///
    /// - Parameters:
    ///   - deadline: when to give up; nil waits for ever.
    ///   - stop: see ``call(_:_:stop:heard:)``.
    ///   - request: the one to stop.
    private mutating func read(until deadline: Int?, stop: Int32 = -1, stopping request: Int = 0) throws(Failure) {
        if deadline != nil || stop >= 0 || abandon >= 0 {
            var descriptors = [connection, stop, abandon].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let count = poll(&descriptors, 3, deadline.map { Int32(clamping: max(0, $0 - Self.now)) } ?? -1)
            // Nothing came in time, or a signal did.
            guard count > 0 else { return }
            if descriptors[1].revents != 0 { cancel(request) }
            if descriptors[2].revents != 0 { throw .interrupted(farewell) }
            guard descriptors[0].revents != 0 else { return }
        }
        let count = recv(connection, &buffer, buffer.count, 0)
        let code = errno
        if count < 0, code == EINTR { return }
        guard count > 0 else {
            throw .unreachable(path: path, why: count == 0 ? "it closed the connection" : description(of: code))
        }
        buffer[..<count].withUnsafeBytes { dialogue.take($0) }
    }

    private func cancel(_ request: Int) {
        Interrupts.clear()
        if let line = dialogue.cancel(request) { send(line) }
    }

    /// A daemon that closes while we write may have said why, so a failure shows when the answer is read.
    private func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            _ = handOver(bytes) { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
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

    /// Milliseconds of a clock that cannot be set.
    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
    }
}

/// The system's words for an error, in lower case as in the middle of a sentence.
func description(of code: Int32) -> String {
    guard let words = strerror(code).map({ String(cString: $0) }) else { return "error \(code)" }
    return words.prefix(1).lowercased() + words.dropFirst()
}
