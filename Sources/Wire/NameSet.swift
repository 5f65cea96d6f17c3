/// Finds names that occur twice in one object. A few names are compared one by one, which is fastest; more are looked up
/// by a seeded hash, so that a hostile line with a hundred thousand members takes no quadratic time.
struct NameSet {
    private static let few = 12
    private var seen: Set<Bytes> = []

    private struct Bytes: Hashable {
        let name: String

        static func == (one: Bytes, other: Bytes) -> Bool { one.name.hasSameBytes(as: other.name) }

        func hash(into hasher: inout Hasher) {
            let hashed: Void? = name.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: .init($0)) }
            if hashed == nil { for byte in name.utf8 { hasher.combine(byte) } }
        }
    }

    /// Adds a name.
    ///
    /// - Parameter members: the members before this one.
    /// - Returns: false if the name occurred already.
    mutating func insert(_ name: String, among members: [Member]) -> Bool {
        if members.count < Self.few { return !members.contains { $0.name.hasSameBytes(as: name) } }
        if seen.isEmpty { for member in members { seen.insert(Bytes(name: member.name)) } }
        return seen.insert(Bytes(name: name)).inserted
    }
}
