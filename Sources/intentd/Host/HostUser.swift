import Glibc

/// The users of this host, for messages.
enum HostUser {
    /// Says why a file or folder cannot be used, and whose it is.
    static func refusal(of path: String) -> String {
        let (me, owner) = (name(of: geteuid()), owner(of: path).map(name) ?? "somebody else")
        return "\(path) belongs to \(owner), and \(me) may not write there. Give your own daemon a folder of your own: "
            + "intentd serve --root FOLDER --create"
    }

    private static func owner(of path: String) -> uid_t? {
        var information = stat()
        var path = path
        // What is not there yet would be made in the folder above.
        while stat(path, &information) != 0 {
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
            path = String(path[..<slash])
        }
        return information.st_uid
    }

    /// The name of a user, or the number where it has none.
    static func name(of uid: uid_t) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return "uid \(uid)"
        }
        return String(cString: name)
    }
}
