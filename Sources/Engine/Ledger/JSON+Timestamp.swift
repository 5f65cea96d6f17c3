package import Wire
package import World

extension JSON {
    package init(_ time: Timestamp?) { self = time.map { .string($0.rfc3339) } ?? .null }
}

extension Timestamp {
    /// Microseconds that a stored value names; nil for what no clock of ours can have said (1970 to 9999).
    init?(stored json: JSON) {
        guard let number = json.int, 0..<253_402_300_800_000_000 ~= number else { return nil }
        self.init(microseconds: Int64(number))
    }
}
