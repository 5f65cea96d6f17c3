/// The rights of a connection, which follow from the kernel's credentials of its peer.
package enum Role: String, Sendable, CaseIterable {
    /// The peer is unknown and has no rights.
    case none
    case user
    case admin
    /// A peer that may act for others by their tickets.
    case gateway

    /// Whether a holder of this role may do what needs the role `needed`.
    package func covers(_ needed: Role) -> Bool {
        switch needed {
        case .none: true
        case .user: self != .none
        case .admin: self == .admin
        case .gateway: self == .gateway
        }
    }
}
