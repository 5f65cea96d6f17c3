/// A seeded source of randomness with the same sequence on every machine (Steele, Lea, Flood: Fast splittable
/// pseudorandom number generators, OOPSLA 2014).
///
///     var random = SplitMix64(seed: 1)
///     random.shuffle(&rows)  // the same order in every run
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// A generator for one named purpose, so that one purpose more leaves what all others draw as it was.
    package init(seed: UInt64, for purpose: String) {
        self.init(seed: Self.mix(seed) ^ FNV1a.hash(purpose.utf8))
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// A whole number in 0 ..< `bound`, which must be above 0. It is the high half of a product: the bias is below
    /// bound / 2^64.
    package mutating func next(below bound: Int) -> Int {
        Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// The same for bounds that an `Int` does not hold.
    package mutating func next(below bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// A number in 0 ..< 1 with 53 random bits.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// True in `share` of the draws; 0…1.
    package mutating func happens(_ share: Double) -> Bool { unit() < share }

    /// Shuffles in place (Fisher and Yates). The standard library's own shuffle may change its use of the generator
    /// between versions.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for i in stride(from: elements.count - 1, to: 0, by: -1) { elements.swapAt(i, next(below: i + 1)) }
    }

    /// The generator's output function, a hash of 64 bits: every bit of the input changes every bit of the result.
    package static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
