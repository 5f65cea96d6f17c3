import Glibc
import Terminal
import Wire

/// One connection to the daemon: a ``Dialogue`` over a socket that is waited for with `poll`. It blocks, because the tool
/// asks one thing at a time; an event loop would cost a millisecond at each start and most of the binary's size.
struct Client: ~Copyable {
    private let path: String
    private let limit: Timeout
    private let connection: Int32
    private var dialogue = Dialogue()
    private var buffer = [UInt8](repeating: 0, count: 65_536)
    /// A descriptor that ends every wait with ``Failure/interrupted(_:)`` when it becomes readable.
    var abandon: Int32 = -1
    /// The sentences of that failure.
    var farewell = ""

    /// The id that the next call will have.
    var nextID: Int { dialogue.nextID }

    /// - Parameter limit: how long the daemon may let the connection, or its next word, wait.
    init(socket path: String, limit: Timeout = .usual) throws(Failure) {
        (self.path, self.limit) = (path, limit)
        connection = try Self.connect(to: path, limit: limit)
    }

    deinit { close(connection) }

    /// Begins anew with the daemon that listens there now. What was asked before is never answered.
    mutating func reconnect() throws(Failure) { self = try Client(socket: path, limit: limit) }

    /// Whether the daemon has closed the connection, or does not answer on it any more, so that nothing should be asked there.
    var isOver: Bool {
        if hangs { return true }
        var descriptor = pollfd(fd: connection, events: Self.hangUp, revents: 0)
        return poll(&descriptor, 1, 0) > 0
    }

    /// POLLRDHUP of poll(2), which Glibc's module does not show: the other side says nothing any more, also where something
    /// of it is unread.
    private static let hangUp: Int16 = 0x2000
    /// Whether a request had no answer in time.
    private var hangs = false

    /// Asks and waits for the answer.
    ///
    /// - Parameters:
    ///   - stop: a descriptor. When it becomes readable, the daemon is asked to stop; its answer says how that ended. The
    ///     second time nothing is waited for any more.
    ///   - heard: takes the notifications that come meanwhile. What it throws ends the wait.
    mutating func call(
        _ method: Method,
        _ params: Parameters = [:],
        stop: Int32 = -1,
        heard: (Dialogue.Notification) throws(Failure) -> Void = { _ in }
    ) throws(Failure) -> JSON {
        try call(method, params.compactMap { name, value in value.map { Member(name, $0) } }, stop: stop, heard: heard)
    }

    mutating func call(
        _ method: Method,
        _ params: [Member],
        stop: Int32 = -1,
        heard: (Dialogue.Notification) throws(Failure) -> Void = { _ in }
    ) throws(Failure) -> JSON {
        let request = dialogue.ask(method, params)
        if !send(request.line) {
            hangs = true
            throw Silence.failure("has not read \(method.rawValue)", path: path, limit: limit)
        }
        var silence = Silence(path: path, method: method, limit: limit)
        defer { silence.finish() }
        while true {
            switch try message() {
            case .notification(let notification)?: try heard(notification)
            case .answer(let answer)? where answer.id == request.id:
                return try answer.outcome.mapError(Failure.refused).get()
            // An error without an id is ours as well, because nothing else is asked on this connection.
            case .refusal(let refusal)?: throw .refused(refusal)
            // This answer is late: its call has failed in another way.
            case .answer?: continue
            case nil: try wait(for: request.id, stop: stop, &silence)
            }
        }
    }

    private mutating func wait(for request: Int, stop: Int32, _ silence: inout Silence) throws(Failure) {
        do throws(Failure) {
            try silence.check()
        } catch {
            hangs = true
            throw error
        }
        switch try read(milliseconds: silence.remaining, stop: stop) {
        case .nothing: return
        case .bytes: silence.end()
        case .stop:
            Interrupts.clear()
            guard !silence.isStopping, let line = dialogue.cancel(request), send(line) else {
                hangs = true
                throw silence.failure
            }
            silence.stop()
        }
    }

    /// Listens for notifications for a while.
    mutating func listen(milliseconds: Int, heard: (Dialogue.Notification) throws(Failure) -> Void) throws(Failure) {
        let deadline = Monotonic.milliseconds + milliseconds
        while Monotonic.milliseconds < deadline {
            switch try message() {
            case .notification(let notification)?: try heard(notification)
            case .some: continue
            case nil: _ = try read(milliseconds: max(0, deadline - Monotonic.milliseconds))
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

    private enum Event { case nothing, bytes, stop }

    /// Reads once, as soon as there is something to read.
    ///
    /// - Parameters:
    ///   - milliseconds: when to give up.
    ///   - stop: see ``call(_:_:stop:heard:)``.
    private mutating func read(milliseconds: Int, stop: Int32 = -1) throws(Failure) -> Event {
        var descriptors = [connection, stop, abandon].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        // Nothing may come in time, or a signal may come.
        guard poll(&descriptors, 3, Int32(clamping: milliseconds)) > 0 else { return .nothing }
        if descriptors[2].revents != 0 { throw .interrupted(farewell) }
        if descriptors[1].revents != 0 { return .stop }
        let count = recv(connection, &buffer, buffer.count, 0)
        let code = errno
        if count < 0, code == EINTR { return .nothing }
        guard count > 0 else {
            throw .unreachable(path: path, why: count == 0 ? "it closed the connection" : description(of: code))
        }
        buffer[..<count].withUnsafeBytes { dialogue.take($0) }
        return .bytes
    }

    /// A daemon that closes while we write may have said why, so such a failure shows when the answer is read.
    ///
    /// - Returns: false where the daemon does not read.
    private func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            handOver(bytes) { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                || errno != EAGAIN
        }
    }

    private static func connect(to path: String, limit: Timeout) throws(Failure) -> Int32 {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw .failed("No socket could be made: \(description(of: errno)).") }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(SocketPath.limit)) }
        // It holds for connecting, too: a daemon that takes no connections has a full queue of them at some time.
        var time = timeval(tv_sec: limit.milliseconds / 1_000, tv_usec: limit.milliseconds % 1_000 * 1_000)
        setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                while true {
                    let status = Glibc.connect(connection, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
                    if status == 0 || errno != EINTR { return status }
                }
            }
        }
        guard status == 0 else {
            let code = errno
            close(connection)
            switch code {
            case EAGAIN: throw Silence.failure("has not taken the connection", path: path, limit: limit)
            case EACCES, EPERM: throw .locked(path: path)
            case ENOENT: throw .unreachable(path: path, why: "there is no such socket")
            case ECONNREFUSED: throw .unreachable(path: path, why: "nobody listens there")
            default: throw .unreachable(path: path, why: description(of: code))
            }
        }
        return connection
    }
}

/// The system's words for an error, in lower case as in the middle of a sentence.
func description(of code: Int32) -> String {
    guard let words = strerror(code).map({ String(cString: $0) }) else { return "error \(code)" }
    return words.prefix(1).lowercased() + words.dropFirst()
}
