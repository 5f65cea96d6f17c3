import Glibc
import Patience

/// The service manager's ear: a datagram socket that keeps what a daemon tells it.
final class ServiceManager {
    let path: String
    private let descriptor: Int32
    /// Datagrams in their order.
    private(set) var heard: [[String: String]] = []

    init(_ root: Root) throws {
        path = root.file("notify")
        descriptor = try Self.bound(path, Int32(SOCK_DGRAM.rawValue))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close(descriptor) }

    /// Waits until something fits.
    @discardableResult
    func wait(for fits: ([String: String]) -> Bool) -> Bool {
        Patience.until {
            listen()
            return heard.contains(where: fits)
        }
    }

    /// The positions of datagrams with this field.
    func places(_ name: String, _ value: String? = nil) -> [Int] {
        listen()
        return heard.indices.filter { index in
            heard[index][name].map { value == nil || $0 == value } ?? false
        }
    }

    var statuses: [String] {
        listen()
        return heard.compactMap { $0["STATUS"] }
    }

    func listen() {
        var buffer = [UInt8](repeating: 0, count: 8_192)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            var fields: [String: String] = [:]
            for line in String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                fields[String(words[0])] = words.count > 1 ? String(words[1]) : ""
            }
            heard.append(fields)
        }
    }

    /// A Unix socket at `path`.
    static func bound(_ path: String, _ type: Int32) throws -> Int32 {
        let descriptor = socket(AF_UNIX, type | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard descriptor >= 0, status == 0 else { throw Files.Failure("bind", path) }
        return descriptor
    }
}
