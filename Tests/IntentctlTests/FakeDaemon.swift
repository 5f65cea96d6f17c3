import Glibc
import Synchronization
import Wire

/// A daemon that says what the test wants: a thread on a Unix socket in a folder of its own.
final class FakeDaemon: Sendable {
    enum Step: Sendable {
        case result(JSON)
        case failure(RPCError)
        /// An error without an id, as for a line that could not be read.
        case namelessFailure(RPCError)
        case notification(String, JSON)
        case raw(String)
        case hangUp
    }

    /// What to say to the n-th call (from 0) of a method.
    typealias Script = @Sendable (_ method: String, _ params: JSON, _ count: Int) -> [Step]

    let folder: Folder
    let path: String
    private let listener: Int32
    private let record = Record()

    /// What was asked, outside of the object: the thread may outlive it.
    private final class Record: Sendable {
        let requests = Mutex<[JSON]>([])
    }

    var requests: [JSON] { record.requests.withLock { $0 } }

    /// - Parameter name: below the folder.
    init(at name: String = "s.sock", script: @escaping Script) throws {
        folder = try Folder()
        let parts = name.split(separator: "/").dropLast()
        path = try folder.make(parts.joined(separator: "/")) + "/" + (name.split(separator: "/").last ?? "")
        listener = try Self.listen(at: path)
        let (listener, record) = (listener, record)
        startThread {
            // The thread closes its own: elsewhere, the number could be another's before the thread is through with it.
            defer { close(listener) }
            while true {
                var descriptor = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
                poll(&descriptor, 1, -1)
                let connection = Descriptors.inheritance.withLock { _ in
                    let connection = accept(listener, nil, nil)
                    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                    return connection
                }
                if connection < 0 { return }
                startThread { Self.serve(connection, record, script) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func listen(at path: String) throws -> Int32 {
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, Glibc.listen(listener, 64) == 0 else { throw SystemFailure(errno) }
        return listener
    }

    private static func serve(_ connection: Int32, _ record: Record, _ script: Script) {
        defer { close(connection) }
        var framer = LineFramer(limit: 1 << 24)
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var counts: [String: Int] = [:]
        // What is said to a notification answers the request before it.
        var lastID: RequestID?
        while true {
            guard case .line(let line)? = framer.next() else {
                let count = recv(connection, &buffer, buffer.count, 0)
                if count <= 0 { return }
                buffer[..<count].withUnsafeBytes { framer.append($0) }
                continue
            }
            guard let request = try? JSONParser.parse(line),
                let id = request["id"].flatMap({ RequestID($0) }) ?? lastID
            else { return }
            lastID = id
            record.requests.withLock { $0.append(request) }
            let method = request["method"]?.string ?? ""
            for step in script(method, request["params"] ?? .null, counts[method, default: 0]) {
                guard let bytes = encode(step, id) else { return }
                send(bytes, to: connection)
            }
            counts[method, default: 0] += 1
        }
    }

    private static func encode(_ step: Step, _ id: RequestID) -> [UInt8]? {
        switch step {
        case .result(let value): Reply.result(id: id) { $0.value(value) }
        case .failure(let error): Reply.error(id: id, error)
        case .namelessFailure(let error): Reply.error(id: .null, error)
        case .notification(let method, let params): Reply.notification(method) { $0.value(params) }
        case .raw(let text): Array(text.utf8)
        case .hangUp: nil
        }
    }

    private static func send(_ bytes: [UInt8], to connection: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }
}

/// A blocking thread: the concurrency pool must not wait in system calls.
private func startThread(_ work: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let work: @Sendable () -> Void
        init(_ work: @escaping @Sendable () -> Void) { self.work = work }
    }
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().work()
            return nil
        },
        Unmanaged.passRetained(Box(work)).toOpaque()
    )
    pthread_detach(thread)
}
