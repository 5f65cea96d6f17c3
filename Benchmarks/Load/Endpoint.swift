import Glibc
import Wire

/// The server's address: a Unix socket's path, or a port on loopback.
enum Endpoint {
    case unix(String)
    case loopback(port: UInt16)

    init(_ options: Options) throws {
        if let port = try options.integer("port") {
            guard let port = UInt16(exactly: port) else { throw Failure("--port must be at most 65535") }
            self = .loopback(port: port)
        } else {
            self = .unix(try options.required("socket"))
        }
    }

    func connected() throws -> Int32 {
        switch self {
        case .unix(let path):
            var address = try Self.address(of: path)
            return try Self.connect(AF_UNIX, &address, orSay: "cannot connect to \(path)")
        case .loopback(let port):
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let descriptor = try Self.connect(AF_INET, &address, orSay: "cannot connect to port \(port)")
            var on: Int32 = 1
            setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
            return descriptor
        }
    }

    /// A socket at that path, for one client after the other.
    static func listening(on path: String) throws -> Int32 {
        var address = try address(of: path)
        unlink(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, status == 0, listen(descriptor, 8) == 0 else {
            throw explain("cannot listen on \(path)")
        }
        return descriptor
    }

    private static func address(of path: String) throws -> sockaddr_un {
        var address = sockaddr_un()
        let name = Array(path.utf8)
        guard name.count <= SocketPath.limit else {
            throw Failure("the socket path \(path) has over \(SocketPath.limit) bytes")
        }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        return address
    }

    private static func connect<Address>(_ family: Int32, _ address: inout Address, orSay what: String) throws -> Int32
    {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw explain("cannot open a socket") }
        // A reader without an event queue must not wait for ever.
        var patience = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard status == 0 else {
            let failure = explain(what)
            close(descriptor)
            throw failure
        }
        return descriptor
    }
}

func setNonblocking(_ descriptor: Int32) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
}

func raiseFileLimit() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
