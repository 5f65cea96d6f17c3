/// One bit for each feature of a model.
package struct FeatureBits: Sendable, Equatable {
    /// Eight features a byte, the first in the lowest bit. Bits beyond the last feature are 0.
    let bytes: [UInt8]

    /// - Parameter bits: one for each feature.
    init(_ bits: [Bool]) {
        var bytes = [UInt8](repeating: 0, count: Self.length(of: bits.count))
        for (index, bit) in bits.enumerated() where bit { bytes[index >> 3] |= 1 << UInt8(index & 7) }
        self.bytes = bytes
    }

    /// Nil unless the bytes are what ``init(_:)`` makes of so many features.
    init?(bytes: [UInt8], count: Int) {
        guard bytes.count == Self.length(of: count) else { return nil }
        if count & 7 != 0, let last = bytes.last, last >> UInt8(count & 7) != 0 { return nil }
        self.bytes = bytes
    }

    static func length(of count: Int) -> Int { (count + 7) / 8 }

    subscript(feature: Int) -> Bool { bytes[feature >> 3] >> UInt8(feature & 7) & 1 != 0 }
}

extension Corpus {
    /// The features that only rows with less than enough support have.
    ///
    /// A feature has as much support as the best supported of its rows. Adding up would let one person's three sentences
    /// pass for three people, since a row tells how many people stand behind it and not who.
    ///
    /// - Parameter hasSupport: whether each row has enough.
    func scarce(_ hasSupport: [Bool]) -> FeatureBits {
        // Most data has no row of one person, and then there is nothing to look for.
        guard hasSupport.contains(false) else { return FeatureBits([Bool](repeating: false, count: space.count)) }
        var scarce = [Bool](repeating: true, count: space.count)
        for row in hasSupport.indices where hasSupport[row] {
            for entry in starts[row]..<starts[row + 1] { scarce[Int(indices[entry])] = false }
        }
        return FeatureBits(scarce)
    }
}
