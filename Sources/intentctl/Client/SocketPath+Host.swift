import Glibc
import Terminal
import Wire

extension SocketPath {
    /// Finds the socket on this host.
    static func find(_ given: String?) throws(Failure) -> String {
        do {
            return try find(given, on: .this)
        } catch {
            throw .usage(error.description)
        }
    }
}

extension SocketPath.Host {
    static var this: Self {
        let folder = getcwd(nil, 0)
        defer { free(folder) }
        return Self(
            variable: environment,
            owner: { path in
                var information = stat()
                guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFSOCK else { return nil }
                return information.st_uid
            },
            folder: folder.map { String(cString: $0) },
            uid: geteuid()
        )
    }
}
