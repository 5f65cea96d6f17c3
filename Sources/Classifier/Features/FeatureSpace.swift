/// The features that a model knows: their hashes, their inverse document frequencies, and a table from hash to index.
/// Features are known by their hashes alone, so that a model needs no strings and a look-up no comparison of text.
struct FeatureSpace: Sendable {
    /// The hash of each feature, never 0; the position is the feature's index.
    let hashes: [UInt64]
    /// The inverse document frequency of each feature: ln((1 + n) / (1 + df)) + 1.
    let idf: [Float]
    /// A hash table with open addressing by the hash's low bits; 0 is free. It is at most half full, so that every search
    /// ends.
    private let keys: [UInt64]
    /// The index of the feature whose hash stands at the same place in `keys`.
    private let places: [Int32]
    private let mask: Int

    /// Nil if a hash is 0 or occurs twice. There must be fewer than 2^31 hashes, and as many as there are `idf`.
    init?(hashes: [UInt64], idf: [Float]) {
        (self.hashes, self.idf) = (hashes, idf)
        var capacity = 16
        while capacity < hashes.count * 2 { capacity *= 2 }
        mask = capacity - 1
        var keys = [UInt64](repeating: 0, count: capacity)
        var places = [Int32](repeating: -1, count: capacity)
        for (index, hash) in hashes.enumerated() {
            guard hash != 0 else { return nil }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while keys[slot] != 0 {
                if keys[slot] == hash { return nil }
                slot = (slot + 1) & mask
            }
            keys[slot] = hash
            places[slot] = Int32(index)
        }
        (self.keys, self.places) = (keys, places)
    }

    /// A space without features.
    init() {
        hashes = []
        idf = []
        keys = [0]
        places = [-1]
        mask = 0
    }

    var count: Int { hashes.count }

    /// The index of the feature with this hash; −1 if there is none.
    @inline(__always)
    func index(of hash: UInt64) -> Int {
        keys.withUnsafeBufferPointer { keys in
            var slot = Int(truncatingIfNeeded: hash) & mask
            while true {
                let key = keys[slot]
                if key == hash { return Int(places[slot]) }
                if key == 0 { return -1 }
                slot = (slot + 1) & mask
            }
        }
    }
}
