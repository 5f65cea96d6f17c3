/// Finds the daemon's socket: at the given path, else at the one in the environment, else in the checkout around the
/// working directory, else at the path that systemd uses.
///
/// Every client has to look in the same places, or two of them would talk to two daemons. The search gets its knowledge of
/// the host handed in, so that this room touches no file and a test can be any host.
package enum SocketPath {
    /// The longest path in bytes: `sun_path` has 108 bytes, one of them for the end.
    package static let limit = 107
    /// The path at which systemd listens.
    package static let system = "/run/intentd.sock"
    private static let ofCheckout = "run/intentd.sock"

    /// The host, as far as the search needs it.
    package struct Host {
        /// The value of an environment variable.
        package var variable: (_ name: String) -> String?
        /// The user who owns the socket at a path; nil if there is no socket.
        package var owner: (_ path: String) -> UInt32?
        /// The working directory; nil if it is unknown.
        package var folder: String?
        /// The effective user of the client.
        package var uid: UInt32

        package init(
            variable: @escaping (_ name: String) -> String?,
            owner: @escaping (_ path: String) -> UInt32?,
            folder: String?,
            uid: UInt32
        ) {
            self.variable = variable
            self.owner = owner
            self.folder = folder
            self.uid = uid
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

    /// - Parameter given: the value of `--socket`, if it was given.
    /// - Throws: `Unusable` for a path that is too long or empty.
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
        guard let folder = host.folder else { return nil }
        let depth = folder.split(separator: "/").count
        return (0...depth).lazy.map { String(repeating: "../", count: $0) + ofCheckout }
            .first { isTrustworthy($0, on: host) }
    }

    /// Whether a socket may be used without having been named: only our own and root's. In a folder that everybody may
    /// write to, such as /tmp, anybody could put one in our way.
    private static func isTrustworthy(_ path: String, on host: Host) -> Bool {
        guard let owner = host.owner(path) else { return false }
        if owner == host.uid || owner == 0 { return true }
        return host.uid == 0 && host.variable("SUDO_UID").flatMap(UInt32.init) == owner
    }
}
