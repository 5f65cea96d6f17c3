import Dispatch
import Glibc
import Synchronization

/// A server that does what a test tells it, over loopback or a Unix socket, with bare sockets, so that it can be as
/// wrong as it likes.
package final class Stub: Sendable {
    package struct Request: Sendable {
        package var method: String
        package var path: String
        package var headers: [String: String]
        package var body: String
    }

    package struct NotBound: Error {}

    package typealias Handler = @Sendable (Request, Line) -> Void

    private struct State {
        var handler: Handler?
        var answers: [String: Handler] = [:]
        package var requests: [Request] = []
        var lines: [Int32: Line] = [:]
        var accepted = 0
        var isStopped = false
    }

    package let url: String
    package let port: UInt16
    private let listener: Int32
    private let path: String?
    private let greeting: String?
    private let state = Mutex(State())

    /// - Parameters:
    ///   - path: of a Unix socket; without it, a port of loopback.
    ///   - greeting: what a new connection gets before it has said anything.
    package init(path: String? = nil, port: UInt16 = 0, greeting: String? = nil, _ handler: Handler? = nil) throws {
        self.path = path
        self.greeting = greeting
        let listener = socket(path == nil ? AF_INET : AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        if let path {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            let code = withUnsafePointer(to: address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard code == 0 else { throw NotBound() }
            self.port = 0
            url = "http+unix://" + path.replacing("/", with: "%2F")
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            address.sin_port = port.bigEndian
            var one: Int32 = 1
            setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, 4)
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) }
            }
            guard code == 0 else { throw NotBound() }
            withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(listener, $0, &size) }
            }
            self.port = UInt16(bigEndian: address.sin_port)
            url = "http://127.0.0.1:\(self.port)"
        }
        self.listener = listener
        state.withLock { state in
            state.handler = handler
            state.answers = [
                "/api/version": { $1.reply(200, #"{"version":"0.9.0"}"#) },
                "/api/show": { $1.reply(200, #"{"capabilities":["completion"]}"#) },
                "/api/ps": { $1.reply(200, #"{"models":[{"name":"m:latest","context_length":4096}]}"#) },
                "/v1/models": { $1.reply(200, #"{"data":[{"id":"m"}]}"#) },
            ]
        }
        listen(listener, 128)
        Thread.start { [self] in
            while true {
                let fd = accept(listener, nil, nil)
                guard fd >= 0 else { return }
                Thread.start { [self] in serve(fd) }
            }
        }
    }

    /// Connections that are open now.
    package var open: Int { state.withLock { $0.lines.count } }

    /// Connections that ever were.
    package var accepted: Int { state.withLock { $0.accepted } }

    package var requests: [Request] { state.withLock { $0.requests } }

    package func count(_ path: String) -> Int { requests.count { $0.path == path } }

    /// What questions get.
    package func onChat(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

    /// What another path gets.
    package func on(_ path: String, _ handler: @escaping Handler) { state.withLock { $0.answers[path] = handler } }

    package func stop() {
        let lines = state.withLock { state in
            state.isStopped = true
            return Array(state.lines.values)
        }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for line in lines { line.end() }
        if let path { unlink(path) }
    }

    private func serve(_ fd: Int32) {
        var one: Int32 = 1
        setsockopt(fd, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(4))
        let line = Line(fd)
        let isStopped = state.withLock { state in
            state.accepted += 1
            state.lines[fd] = line
            return state.isStopped
        }
        if isStopped { line.end() }
        if let greeting { line.write(greeting) }
        while !line.isOver, let request = line.request() {
            let handler = state.withLock { state in
                state.requests.append(request)
                return state.answers[request.path] ?? state.handler
            }
            handler?(request, line)
        }
        state.withLock { _ = $0.lines.removeValue(forKey: fd) }
        close(fd)
    }

    enum Thread {
        static func start(_ body: @escaping @Sendable () -> Void) {
            DispatchQueue(label: "stub").async(execute: body)
        }
    }
}

/// One connection of the server. Used by its own thread, but for its end.
package final class Line: Sendable {
    private let fd: Int32
    private let buffer = Mutex<[UInt8]>([])
    private let over = Atomic(false)
    private let asked = Atomic(0)

    init(_ fd: Int32) { self.fd = fd }

    package var isOver: Bool { over.load(ordering: .acquiring) }

    /// How many have come over it by now.
    package var requests: Int { asked.load(ordering: .relaxed) }

    /// No more of this connection.
    package func end() {
        over.store(true, ordering: .releasing)
        shutdown(fd, Int32(SHUT_RDWR))
    }

    /// An end that the other side sees as a reset.
    package func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        over.store(true, ordering: .releasing)
    }

    /// Waits until the other side closes.
    package func hang() {
        while more() {}
        over.store(true, ordering: .releasing)
    }

    package func pause(_ milliseconds: Int) { usleep(UInt32(milliseconds * 1_000)) }

    @discardableResult
    package func write(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                send(fd, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                over.store(true, ordering: .releasing)
                return false
            }
            sent += count
        }
        return true
    }

    @discardableResult
    package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

    package func reply(_ status: Int, _ body: String, _ headers: String = "") {
        write("HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)")
    }

    package func head(_ type: String = "application/x-ndjson") {
        write("HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n")
    }

    @discardableResult
    package func chunk(_ bytes: [UInt8]) -> Bool {
        write(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + Array("\r\n".utf8))
    }

    @discardableResult
    package func chunk(_ text: String) -> Bool { chunk(Array(text.utf8)) }

    package func last() { write("0\r\n\r\n") }

    private func more() -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(fd, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        buffer.withLock { $0 += bytes[..<count] }
        return true
    }

    func request() -> Stub.Request? {
        while true {
            if let request = buffer.withLock({ Self.parse(&$0) }) {
                asked.add(1, ordering: .relaxed)
                return request
            }
            guard more() else { return nil }
        }
    }

    private static func parse(_ bytes: inout [UInt8]) -> Stub.Request? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n")
        let words = lines[0].split(separator: " ")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        let size = text[..<end.upperBound].utf8.count
        let length = Int(headers["content-length"] ?? "0") ?? 0
        guard bytes.count >= size + length else { return nil }
        let body = String(decoding: bytes[size..<size + length], as: UTF8.self)
        bytes.removeFirst(size + length)
        return Stub.Request(method: String(words[0]), path: String(words[1]), headers: headers, body: body)
    }
}
