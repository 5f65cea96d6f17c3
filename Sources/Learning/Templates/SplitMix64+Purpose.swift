import Statistics

extension SplitMix64 {
    /// A generator for one named purpose, so that adding an intent leaves every other intent's sentences as they were.
    init(seed: UInt64, for purpose: String) {
        // FNV-1a over the name.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in purpose.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        self.init(seed: Self.mix(seed) ^ hash)
    }

    /// A whole number below `bound` (> 0), for bounds that an `Int` does not hold.
    mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// True in `share` of the draws; 0…1.
    mutating func happens(_ share: Double) -> Bool { unit() < share }
}
