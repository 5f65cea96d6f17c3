/// Finds the daemon's socket for a client: the path that it was told, else the one that the environment names, else the
/// socket of the checkout that it stands in, else the one that systemd makes.
///
/// Every client has to look in the same places, or two of them would talk to two daemons. What the search has to know of
/// the host is handed in, so that this room touches no file and a test can be any host.
package enum SocketPath {
    /// `sun_path` has 108 bytes, one of them for the end.
    package static let limit = 107
    package static let system = "/run/intentd.sock"
    private static let ofCheckout = "run/intentd.sock"

    /// The answers that the search needs of the host.
    package struct Host {
        /// A variable of the environment.
        package var variable: (_ name: String) -> String?
        /// The user who owns the socket at a path; nil where there is no socket.
        package var owner: (_ path: String) -> UInt32?
        /// The working directory; nil where it is unknown.
        package var folder: String?
        /// The effective user of the client.
        package var uid: UInt32

        package init(
            variable: @escaping (_ name: String) -> String?,
            owner: @escaping (_ path: String) -> UInt32?,
            folder: String?,
            uid: UInt32
        ) {
            (self.variable, self.owner, self.folder, self.uid) = (variable, owner, folder, uid)
        }
    }

    /// A path that no socket can have.
    package struct Unusable: Error, Sendable, Equatable, CustomStringConvertible {
        /// The option or variable that named it.
        package var source: String
        package var byteCount: Int

        package var description: String {
            "\(source) must be a path of 1 to \(SocketPath.limit) bytes, not \(byteCount); use a shorter one."
        }
    }

    /// - Parameter given: what `--socket` says, if anything.
    package static func find(_ given: String?, on host: Host) throws(Unusable) -> String {
        if let given { return try checked(given, from: "--socket") }
        if let named = host.variable("INTENTD_SOCKET"), !named.isEmpty {
            return try checked(named, from: "INTENTD_SOCKET")
        }
        return checkout(on: host) ?? system
    }

    private static func checked(_ path: String, from source: String) throws(Unusable) -> String {
        guard 1...limit ~= path.utf8.count else { throw Unusable(source: source, byteCount: path.utf8.count) }
        return path
    }

    /// The socket in the nearest folder upwards that has one. The path is relative, so that it is short however deep the
    /// checkout lies.
    private static func checkout(on host: Host) -> String? {
        candidates(on: host).first { isTrustworthy($0, on: host) }
    }

    /// The nearest socket of a checkout that is passed over because it belongs to another user, and that user.
    package static func stranger(on host: Host) -> (path: String, owner: UInt32)? {
        candidates(on: host).lazy.compactMap { path in host.owner(path).map { (path, $0) } }
            .first { !isTrustworthy($0.0, on: host) }
    }

    private static func candidates(on host: Host) -> [String] {
        guard let folder = host.folder else { return [] }
        let depth = folder.split(separator: "/").count
        return (0...depth).map { String(repeating: "../", count: $0) + ofCheckout }
    }

    /// Only sockets of our own and of root are found without being named. In a folder that everybody may write to, such
    /// as /tmp, anybody could put one in our way.
    private static func isTrustworthy(_ path: String, on host: Host) -> Bool {
        guard let owner = host.owner(path) else { return false }
        if owner == host.uid || owner == 0 { return true }
        return host.uid == 0 && host.variable("SUDO_UID").flatMap(UInt32.init) == owner
    }
}
