// A list of least recently used keys by lazy deletion. A use appends the key to a queue and makes its older entries
// void; void entries are skipped when they reach the head, and removed when they outnumber the others. So a use costs
// the same however many keys there are. A linked list would do the same with a node per key and two references to keep
// right.

/// The keys in the order of their last use.
///
///     recency.touch("a"); recency.touch("b"); recency.touch("a")
///     recency.oldest()    // "b"
struct Recency<Key: Hashable & Sendable>: Sendable {
    private var queue: [(key: Key, use: UInt64)] = []
    private var head = 0
    private var uses: [Key: UInt64] = [:]
    private var clock: UInt64 = 0

    /// Makes the key the one used last.
    mutating func touch(_ key: Key) {
        clock += 1
        uses[key] = clock
        queue.append((key, clock))
        if queue.count > 2 * uses.count + 1_024 { compact() }
    }

    mutating func remove(_ key: Key) { uses[key] = nil }

    /// The key used longest ago, which stays in the list; nil if the list is empty.
    mutating func oldest() -> Key? {
        while head < queue.count {
            let (key, use) = queue[head]
            if uses[key] == use { return key }
            head += 1
        }
        return nil
    }

    private mutating func compact() {
        queue = queue[head...].filter { uses[$0.key] == $0.use }
        head = 0
    }
}
