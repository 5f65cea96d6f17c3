import Glibc

/// The network addresses of this machine. Text that is sent to one of them stays here.
struct ThisHost: Sendable {
    /// The name that the kernel has for it.
    var name: @Sendable () -> String
    /// The addresses of a name, as text.
    var addresses: @Sendable (String) -> [String]
    /// Whether an address is one of this machine's.
    var owns: @Sendable (String) -> Bool

    static let current = ThisHost(
        name: {
            var bytes = [CChar](repeating: 0, count: 256)
            guard gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
            return String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        },
        addresses: { Self.resolve($0) },
        owns: { Self.canBind($0) }
    )

    /// The address of this machine that a host in a URL stands for; nil if it is another machine, or nobody knows.
    ///
    /// A name counts only if it begins like this machine's and all of its addresses are this machine's, and the address is what
    /// is connected to: whatever the name may mean later, text does not leave.
    func address(of host: String) -> String? {
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        if bare.isIPv4 || host.hasPrefix("[") { return owns(bare) ? bare : nil }
        func label(_ name: String) -> Substring { name.lowercased().prefix { $0 != "." } }
        let own = name()
        guard !own.isEmpty, label(bare) == label(own) else { return nil }
        // Addresses of one link depend on the interface, and nobody needs them here.
        let found = addresses(bare.hasSuffix(".") ? String(bare.dropLast()) : bare)
            .filter { !$0.lowercased().hasPrefix("fe80:") }
        return found.allSatisfy(owns) ? found.first(where: \.isIPv4) ?? found.first : nil
    }

    private static func resolve(_ name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let code = getnameinfo(
                entry.ai_addr,
                entry.ai_addrlen,
                &text,
                socklen_t(text.count),
                nil,
                0,
                NI_NUMERICHOST
            )
            if code == 0 {
                found.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            next = entry.ai_next
        }
        return found
    }

    /// The kernel lets a socket be bound to the machine's own addresses only.
    private static func canBind(_ address: String) -> Bool {
        if address.contains(":") {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            guard inet_pton(AF_INET6, address, &place.sin6_addr) == 1, !address.lowercased().hasPrefix("ff") else {
                return false
            }
            return bind(place, AF_INET6)
        }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        guard inet_pton(AF_INET, address, &place.sin_addr) == 1 else { return false }
        // Groups and the broadcast address can be bound to, but lead to others.
        guard UInt32(bigEndian: place.sin_addr.s_addr) >> 24 < 224 else { return false }
        return bind(place, AF_INET)
    }

    private static func bind<Address>(_ address: Address, _ family: Int32) -> Bool {
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafeBytes(of: address) { bytes in
            guard let base = bytes.baseAddress else { return false }
            let size = socklen_t(bytes.count)
            return Glibc.bind(descriptor, base.assumingMemoryBound(to: sockaddr.self), size) == 0
        }
    }
}

extension String {
    /// Whether it is an address of four numbers.
    var isIPv4: Bool {
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                // A zero in front means an octal number to some.
                UInt8(part) != nil && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } && (part == "0" || part.first != "0")
            }
    }
}
