/// Times in nanoseconds in buckets that grow with the value: each is at most 1/128 of its value wide.
struct Histogram {
    private static let bits = 7
    /// Up to 2^42 ns, over an hour.
    private static let octaves = 42 - bits
    private var counts = [Int](repeating: 0, count: (octaves + 1) << bits)
    private(set) var count = 0
    private(set) var maximum = 0
    private var sum = 0

    mutating func record(_ nanoseconds: Int) {
        let value = max(nanoseconds, 0)
        let index = Self.index(value)
        counts[min(index, counts.count - 1)] += 1
        count += 1
        sum += value
        if value > maximum { maximum = value }
    }

    var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

    /// The value that this share of all values does not exceed, to 1 %.
    func quantile(_ share: Double) -> Int {
        let rank = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (index, count) in counts.enumerated() where count > 0 {
            seen += count
            if seen >= rank { return min(Self.middle(index), maximum) }
        }
        return maximum
    }

    /// How many values are over a bound, to one bucket.
    func above(_ nanoseconds: Int) -> Int {
        counts[min(Self.index(nanoseconds) + 1, counts.count)...].reduce(0, +)
    }

    private static func index(_ value: Int) -> Int {
        guard value >= 1 << bits else { return value }
        let shift = Int.bitWidth - 1 - value.leadingZeroBitCount - bits
        return (shift << bits) + (value >> shift)
    }

    private static func middle(_ index: Int) -> Int {
        guard index >= 2 << bits else { return index }
        let shift = (index >> bits) - 1
        let low = (index - shift << bits) << shift
        return low + (1 << shift) / 2
    }
}
