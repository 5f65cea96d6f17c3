/// Which of many was used longest ago. Each use costs the same however many there are: it is noted at the end of a
/// queue, and what an earlier note of the same key says is void.
struct Recency<Key: Hashable & Sendable>: Sendable {
    private var queue: [(key: Key, use: UInt64)] = []
    private var head = 0
    private var uses: [Key: UInt64] = [:]
    private var clock: UInt64 = 0

    mutating func touch(_ key: Key) {
        clock += 1
        uses[key] = clock
        queue.append((key, clock))
        if queue.count > 2 * uses.count + 1_024 { compact() }
    }

    mutating func remove(_ key: Key) { uses[key] = nil }

    /// Stays where it is.
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
