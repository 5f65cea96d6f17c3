import Glibc

/// The Unix socket on which the daemon listens.
enum ListeningSocket {
    enum Failure: Error, CustomStringConvertible {
        case pathTooLong(String)
        case answers(String)
        case notASocket(String)
        case system(operation: String, path: String, detail: String)

        var description: String {
            switch self {
            case .pathTooLong(let path):
                "the socket path \(path) has \(path.utf8.count) bytes; a Unix socket's path has at most 107. "
                    + "Choose a shorter --socket or --root."
            case .answers(let path):
                "another daemon answers on \(path). Stop it first, or choose another --socket."
            case .notASocket(let path):
                "\(path) is not a socket and is left alone; move it away or choose another --socket."
            case .system(let operation, let path, let detail): "cannot \(operation) \(path): \(detail)"
            }
        }
    }

    /// Binds and listens. The socket of a dead daemon is taken over if nobody answers on it.
    static func listen(on path: String, mode: mode_t) throws(Failure) -> Int32 {
        let (address, length) = try self.address(path)
        try clearStale(path, address, length: length)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw system("open", path) }
        // With umask the mode is in force from the first moment; with chmod it would come too late.
        let mask = umask(0o777 & ~mode)
        let bound = withSocketAddress(address) { bind(descriptor, $0, length) }
        umask(mask)
        guard bound == 0, Glibc.listen(descriptor, 4_096) == 0 else {
            let failure = system("listen on", path)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Fails as ``listen(on:mode:)`` would, but before the first model is trained.
    static func checkFree(_ path: String) throws(Failure) {
        let (address, length) = try self.address(path)
        try clearStale(path, address, length: length)
    }

    private static func clearStale(_ path: String, _ address: sockaddr_un, length: socklen_t) throws(Failure) {
        var information = stat()
        guard lstat(path, &information) == 0 else { return }
        guard information.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw system("probe", path) }
        defer { close(probe) }
        if withSocketAddress(address, { connect(probe, $0, length) }) == 0 { throw .answers(path) }
        guard errno == ECONNREFUSED else { throw system("probe", path) }
        unlink(path)
    }

    private static func address(_ path: String) throws(Failure) -> (sockaddr_un, socklen_t) {
        let bytes = Array(path.utf8)
        guard bytes.count <= 107 else { throw .pathTooLong(path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return (address, socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + 1))
    }

    private static func withSocketAddress(
        _ address: sockaddr_un,
        _ body: (UnsafePointer<sockaddr>) -> Int32
    ) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }

    private static func system(_ operation: String, _ path: String) -> Failure {
        .system(operation: operation, path: path, detail: String(cString: strerror(errno)))
    }
}
