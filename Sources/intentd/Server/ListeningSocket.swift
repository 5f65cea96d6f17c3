import Glibc
import World

/// The Unix socket on which the daemon listens.
enum ListeningSocket {
    enum Failure: Error, CustomStringConvertible {
        case pathTooLong(String)
        case answers(String)
        case notASocket(String)

        var description: String {
            switch self {
            case .pathTooLong(let path):
                "the socket path \(path) has \(path.utf8.count) bytes; a Unix socket's path has at most 107. "
                    + "Choose a shorter --socket or --root."
            case .answers(let path):
                "another daemon answers on \(path). Stop it first, or choose another --socket."
            case .notASocket(let path):
                "\(path) is not a socket and is left alone; move it away or choose another --socket."
            }
        }
    }

    /// Binds and listens. The socket of a dead daemon is taken over if nobody answers on it. Only the daemon's user may
    /// connect.
    static func listen(on path: String) throws -> Int32 {
        let address = try freeAddress(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw FileError.host("open", path) }
        // Nobody can connect before it listens.
        let bound = call(address) { bind(descriptor, $0, $1) }
        guard bound == 0, chmod(path, 0o600) == 0, Glibc.listen(descriptor, 4_096) == 0 else {
            let failure = FileError.host("listen on", path)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    /// Fails as ``listen(on:)`` would, but before the first model is trained.
    static func checkFree(_ path: String) throws { _ = try freeAddress(path) }

    private static func freeAddress(_ path: String) throws -> Address {
        let address = try self.address(path)
        var information = stat()
        guard lstat(path, &information) == 0 else { return address }
        guard information.st_mode & S_IFMT == S_IFSOCK else { throw Failure.notASocket(path) }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard probe >= 0 else { throw FileError.host("probe", path) }
        defer { close(probe) }
        if call(address, { connect(probe, $0, $1) }) == 0 { throw Failure.answers(path) }
        guard errno == ECONNREFUSED else { throw FileError.host("probe", path) }
        unlink(path)
        return address
    }

    private typealias Address = (name: sockaddr_un, length: socklen_t)

    private static func address(_ path: String) throws(Failure) -> Address {
        let bytes = Array(path.utf8)
        guard bytes.count <= 107 else { throw .pathTooLong(path) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return (address, socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + 1))
    }

    private static func call(_ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        withUnsafePointer(to: address.name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, address.length) }
        }
    }
}
