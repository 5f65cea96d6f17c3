// Ids that sort by time and cannot be guessed: UUID version 7 (RFC 9562, section 5.7).

/// Where randomness comes from.
package struct Randomness: Sendable {
    package var next: @Sendable () -> UInt64

    package init(next: @escaping @Sendable () -> UInt64) { self.next = next }

    /// The system's generator.
    package static let system = Randomness {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}

package struct Identifier: Sendable, Hashable {
    package let high: UInt64
    package let low: UInt64

    /// Version 7: 48 bits of milliseconds, 12 bits of the millisecond's fraction (RFC 9562, 6.2, method 3), 62 random bits.
    package init(at time: Timestamp, randomness: Randomness) {
        let micros = UInt64(max(0, time.microseconds))
        let milliseconds = micros / 1_000
        let fraction = (micros % 1_000) * 4_096 / 1_000
        high = milliseconds << 16 | 0x7000 | fraction
        low = randomness.next() >> 2 | 0x8000_0000_0000_0000
    }

    /// The canonical form, 36 characters in lower case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            defer { position += 1 }
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let value: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            // What leaves the lower half on the left enters the upper one on the right.
            halves = (halves.0 << 4 | halves.1 >> 60, halves.1 << 4 | UInt64(value))
            digits += 1
            if digits > 32 { return nil }
        }
        guard digits == 32, position == 36 else { return nil }
        (high, low) = halves
    }

    /// When a version 7 id was made, to the millisecond.
    package var time: Timestamp { Timestamp(microseconds: Int64(high >> 16) * 1_000) }

    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            write { index, byte in buffer[index] = byte }
            return 36
        }
    }

    /// Appends the 36 characters.
    package func write(to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: 36))
        bytes.withUnsafeMutableBufferPointer { buffer in
            write { index, byte in buffer[start + index] = byte }
        }
    }

    private func write(_ put: (Int, UInt8) -> Void) {
        var index = 0
        for nibble in 0..<32 {
            if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                put(index, UInt8(ascii: "-"))
                index += 1
            }
            let half = nibble < 16 ? high : low
            let value = UInt8(truncatingIfNeeded: half >> UInt64(60 - (nibble & 15) * 4)) & 15
            put(index, value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10)
            index += 1
        }
    }
}
