/// Bytes that take the place of others.
struct Splice: Equatable {
    var range: Range<Int>
    var bytes: [UInt8]

    init(_ range: Range<Int>, _ bytes: [UInt8]) { (self.range, self.bytes) = (range, bytes) }
}

extension [Splice] {
    /// The bytes with all changes made. Ranges do not overlap; of several insertions at one place the first comes first.
    func applied(to bytes: [UInt8]) -> [UInt8] {
        let order = indices.sorted {
            (self[$0].range.lowerBound, self[$0].range.upperBound, $0)
                < (self[$1].range.lowerBound, self[$1].range.upperBound, $1)
        }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + reduce(0) { $0 + $1.bytes.count })
        var position = 0
        for splice in order.map({ self[$0] }) {
            out += bytes[position..<Swift.max(position, splice.range.lowerBound)]
            out += splice.bytes
            position = Swift.max(position, splice.range.upperBound)
        }
        return out + bytes[position...]
    }
}
