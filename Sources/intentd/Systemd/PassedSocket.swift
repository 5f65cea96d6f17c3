import CSystemd
import Engine
import Glibc
import Logging

/// The listening socket that the service manager passed (sd_listen_fds(3)).
enum PassedSocket {
    /// `FileDescriptorName=` of the socket unit.
    static let name = "intentd"

    /// Takes the descriptor of our name that really is a listening socket, and closes the others: clients of a descriptor that
    /// is not served would wait for ever. Child processes inherit none.
    static func take(logger: Logger) -> ListeningPlace? {
        var list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        let count = sd_listen_fds_with_names(0, &list)
        guard count > 0 else { return nil }
        var taken: ListeningPlace?
        for index in 0..<Int(count) {
            let descriptor = SD_LISTEN_FDS_START + Int32(index)
            let name = list?[index].map { String(cString: $0) } ?? ""
            free(list?[index])
            if let why = refusal(descriptor, name, isFirst: taken == nil) {
                close(descriptor)
                logger.warning(
                    "The passed descriptor \(descriptor) is closed: \(why).",
                    metadata: JournalMessage.socketRefused.metadata(["name": .string(name)])
                )
            } else {
                taken = ListeningPlace(path: path(of: descriptor), passed: descriptor)
            }
        }
        free(list)
        return taken
    }

    private static func refusal(_ descriptor: Int32, _ name: String, isFirst: Bool) -> String? {
        guard name == Self.name else { return "its name is not \(Self.name)" }
        guard sd_is_socket_unix(descriptor, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0 else {
            return "it is not a listening Unix stream socket"
        }
        return isFirst ? nil : "there is another one of this name"
    }

    private static func path(of descriptor: Int32) -> String {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return "" }
        return withUnsafeBytes(of: &address.sun_path) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
