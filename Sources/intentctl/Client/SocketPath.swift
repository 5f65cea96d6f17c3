import Glibc

/// Where the daemon listens.
enum SocketPath {
    /// `sun_path` has 108 bytes, one of them for the end.
    static let limit = 107
    static let system = "/run/intentd.sock"

    /// - Parameter given: what the caller named.
    static func find(_ given: String?) throws(Failure) -> String {
        if let given { return try checked(given, "--socket") }
        if let value = environment("INTENTD_SOCKET"), !value.isEmpty { return try checked(value, "INTENTD_SOCKET") }
        return ofCheckout() ?? system
    }

    private static func checked(_ path: String, _ source: String) throws(Failure) -> String {
        guard 1...limit ~= path.utf8.count else {
            throw .usage("\(source) is a path of 1 to \(limit) bytes, not \(path.utf8.count); use a shorter one.")
        }
        return path
    }

    /// The socket in the nearest folder upwards that has one. The path is relative, so that it is short however deep the
    /// checkout lies.
    private static func ofCheckout() -> String? {
        guard let folder = getcwd(nil, 0) else { return nil }
        defer { free(folder) }
        let depth = String(cString: folder).split(separator: "/").count
        return (0...depth).lazy.map { String(repeating: "../", count: $0) + "run/intentd.sock" }
            .first(where: isTrustworthySocket)
    }

    /// In a folder that everybody may write to, such as /tmp, anybody could put a socket in our way: only our own one
    /// and root's are found without being named.
    private static func isTrustworthySocket(_ path: String) -> Bool {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK else { return false }
        let caller = geteuid()
        if information.st_uid == caller || information.st_uid == 0 { return true }
        return caller == 0 && environment("SUDO_UID").flatMap(UInt32.init) == information.st_uid
    }
}

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
