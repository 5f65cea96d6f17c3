/// Numbers n-grams in the order in which they first occur, and counts them for each row. It has a hash table of its own:
/// the hashes are good already, and hashing them once more, as a dictionary does, would be most of the work.
struct FeatureCounter {
    struct Entry {
        var id: Int32
        var count: UInt16
    }

    private(set) var hashes: [UInt64] = []
    private(set) var documentFrequency: [Int32] = []
    /// Whether each feature occurs in a row that keeps all of its features.
    private(set) var keep: [Bool] = []
    private(set) var isPair: [Bool] = []
    /// The distinct features of all rows, one row after the other.
    private(set) var entries: [Entry] = []

    private var rowStart = 0
    /// The last position of each feature in `entries`. One before `rowStart` means that it is not yet in this row.
    private var lastEntry: [Int32] = []
    /// A hash table by the hash's low bits: a slot holds id + 1, or 0 if it is free.
    private var slots = [Int32](repeating: 0, count: 1 << 16)

    @inline(__always)
    mutating func add(_ hash: UInt64, isPair: Bool = false) {
        let id = identify(hash, isPair: isPair)
        let last = Int(lastEntry[id])
        if last >= rowStart {
            if entries[last].count < .max { entries[last].count += 1 }
            return
        }
        lastEntry[id] = Int32(entries.count)
        documentFrequency[id] += 1
        entries.append(Entry(id: Int32(id), count: 1))
    }

    mutating func endRow(keepsAll: Bool) {
        if keepsAll {
            for entry in entries[rowStart...] { keep[Int(entry.id)] = true }
        }
        rowStart = entries.count
    }

    @inline(__always)
    private mutating func identify(_ hash: UInt64, isPair: Bool) -> Int {
        var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while true {
            let entry = slots[slot]
            if entry == 0 { break }
            if hashes[Int(entry) - 1] == hash { return Int(entry) - 1 }
            slot = (slot + 1) & (slots.count - 1)
        }
        let id = hashes.count
        hashes.append(hash)
        documentFrequency.append(0)
        keep.append(false)
        self.isPair.append(isPair)
        lastEntry.append(-1)
        slots[slot] = Int32(id + 1)
        if hashes.count * 2 > slots.count { grow() }
        return id
    }

    private mutating func grow() {
        let capacity = slots.count * 2
        slots = [Int32](repeating: 0, count: capacity)
        for (id, hash) in hashes.enumerated() {
            var slot = Int(truncatingIfNeeded: hash) & (capacity - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (capacity - 1) }
            slots[slot] = Int32(id + 1)
        }
    }
}
