/// Bytes in 64 letters (RFC 4648, section 4), for what is no text and must travel in JSON.
package enum Base64 {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        var (bits, count) = (0, 0)
        for byte in bytes {
            (bits, count) = (bits << 8 | Int(byte), count + 8)
            while count >= 6 {
                count -= 6
                out.append(letters[bits >> count & 63])
            }
            bits &= (1 << count) - 1
        }
        if count > 0 { out.append(letters[bits << (6 - count) & 63]) }
        while out.count % 4 != 0 { out.append(padding) }
        return String(decoding: out, as: UTF8.self)
    }

    /// nil if the text has other letters, or none for some of its bits.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        let end = digits.count - digits.suffix(2).count { $0 == padding }
        var out: [UInt8] = []
        out.reserveCapacity(digits.count / 4 * 3)
        var (bits, count) = (0, 0)
        for digit in digits[..<end] {
            guard let value = value(of: digit) else { return nil }
            (bits, count) = (bits << 6 | value, count + 6)
            if count >= 8 {
                count -= 8
                out.append(UInt8(bits >> count & 255))
            }
            bits &= (1 << count) - 1
        }
        return out
    }

    private static func value(of digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit) - 71
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit) + 4
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
