import Glibc
import Wire

/// The user and groups of a connected process, according to the kernel.
struct Peer: Sendable {
    var uid: uid_t
    var groups: [gid_t]

    /// `struct ucred` of unix(7), which Glibc's module does not show.
    private struct Credentials {
        var pid: pid_t = 0
        var uid: uid_t = .max
        var gid: gid_t = .max
    }

    init(uid: uid_t, groups: [gid_t]) { (self.uid, self.groups) = (uid, groups) }

    /// nil if the kernel does not know them; such a peer has no rights.
    init?(socket: Int32) {
        guard let credentials = Self.credentials(socket) else { return nil }
        uid = credentials.uid
        groups = [credentials.gid] + Self.supplementaryGroups(socket)
    }

    /// The user alone, which costs less than the groups as well.
    static func uid(of socket: Int32) -> uid_t? { credentials(socket)?.uid }

    private static func credentials(_ socket: Int32) -> Credentials? {
        var credentials = Credentials()
        var length = socklen_t(MemoryLayout<Credentials>.size)
        guard getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0,
            length == MemoryLayout<Credentials>.size, credentials.uid != uid_t.max
        else { return nil }
        return credentials
    }

    /// SO_PEERGROUPS, socket(7): the groups as they were when the peer connected.
    private static func supplementaryGroups(_ socket: Int32) -> [gid_t] {
        let peerGroups: Int32 = 59
        var length = socklen_t(64 * MemoryLayout<gid_t>.size)
        while true {
            var buffer = [gid_t](repeating: 0, count: Int(length) / MemoryLayout<gid_t>.size)
            let capacity = length
            if getsockopt(socket, SOL_SOCKET, peerGroups, &buffer, &length) == 0 {
                return Array(buffer.prefix(Int(length) / MemoryLayout<gid_t>.size))
            }
            // ERANGE puts the needed length into `length`.
            guard errno == ERANGE, length > capacity else { return [] }
        }
    }
}

/// Decides which peers are admins: root, the daemon's own user, and those that the configuration names; and which pass on
/// many people's messages.
struct Access: Sendable {
    /// Users and groups that the configuration names.
    private struct Named: Sendable {
        var users: Set<uid_t> = []
        var groups: Set<gid_t> = []

        func contains(_ peer: Peer) -> Bool {
            users.contains(peer.uid) || peer.groups.contains(where: groups.contains)
        }
    }

    private var admins: Named
    private var services: Named
    /// What the configuration names and this host does not have.
    private(set) var warnings: [String] = []

    init(admins: [String] = [], services: [String] = []) {
        let (admins, unknownAdmins) = Self.resolve(admins, "access.admins")
        let (services, unknownServices) = Self.resolve(services, "access.services")
        (self.admins, self.services, warnings) = (admins, services, unknownAdmins + unknownServices)
        self.admins.users.formUnion([0, geteuid()])
    }

    private static func resolve(_ names: [String], _ key: String) -> (named: Named, warnings: [String]) {
        var named = Named()
        var warnings: [String] = []
        for name in names {
            if name.hasPrefix("@") {
                if let group = getgrnam(String(name.dropFirst())) {
                    named.groups.insert(group.pointee.gr_gid)
                } else {
                    warnings.append("\(key): this host has no group \(name.dropFirst())")
                }
            } else if let uid = uid_t(name) {
                named.users.insert(uid)
            } else if let user = getpwnam(name) {
                named.users.insert(user.pointee.pw_uid)
            } else {
                warnings.append("\(key): this host has no user \(name)")
            }
        }
        return (named, warnings)
    }

    func role(of peer: Peer) -> Role { admins.contains(peer) ? .admin : .user }

    func isService(_ peer: Peer) -> Bool { services.contains(peer) }
}
