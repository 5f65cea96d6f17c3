/// Numbers n-grams in the order in which they are first met, and counts them per row.
struct FeatureCounter {
    struct Entry {
        var id: Int32
        var count: UInt16
    }

    private(set) var hashes: [UInt64] = []
    private(set) var documentFrequency: [Int32] = []
    private(set) var keep: [Bool] = []
    private(set) var isPair: [Bool] = []
    /// Distinct features of all rows, one row after the other.
    private(set) var entries: [Entry] = []

    private var rowStart = 0
    /// Position in `entries` where the feature occurs last; in an older row means: not yet in this one.
    private var lastEntry: [Int32] = []
    /// id + 1 by the hash's low bits; 0 is free.
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
