/// What a connection may do, from the kernel's credentials of its peer.
package enum Role: String, Sendable, CaseIterable {
    /// Nobody knows who it is.
    case none
    case user
    case admin
    /// May act for others by their tickets.
    case gateway

    /// Whether a holder of this role may do what `needed` is asked for.
    package func covers(_ needed: Role) -> Bool {
        switch needed {
        case .none: true
        case .user: self != .none
        case .admin: self == .admin
        case .gateway: self == .gateway
        }
    }
}
