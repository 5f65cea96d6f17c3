import Glibc
import Terminal
import Wire

/// Tells a second user of a checkout the truth: its daemon answers the user who runs it, and nobody else.
enum SocketOwner {
    private static let remedy =
        "run your own, in a folder of your own: `intentd serve --root FOLDER --create`; one daemon for all users of a "
        + "host is what `make install` sets up"

    /// The user whose socket lies at a path.
    static func name(_ path: String) -> String? { owner(path).map { UserName.text(Int($0)) } }

    /// The advice about a socket that may not be opened; nil where it is root's, or nobody knows whose it is.
    static func advice(_ path: String) -> String? {
        guard let owner = owner(path), owner != 0, owner != geteuid() else { return nil }
        return "a daemon that runs from a checkout answers its own user alone; \(remedy)"
    }

    /// The sentence for a host where only a stranger's daemon was found, which is passed over unless it is named.
    ///
    /// - Parameter path: where the tool looked in the end.
    static func stranger(besides path: String) -> String? {
        guard path == SocketPath.system, let found = SocketPath.stranger(on: .this) else { return nil }
        return "the daemon at \(Printable.line(found.path)) belongs to \(UserName.text(Int(found.owner))) and answers "
            + "its own user alone; \(remedy)"
    }

    private static func owner(_ path: String) -> uid_t? {
        var information = stat()
        return stat(path, &information) == 0 ? information.st_uid : nil
    }
}
