// Strings. The standard library repairs invalid UTF-8 silently; here it is checked, so that a text that comes out is
// exactly the one that was sent.
extension JSONParser {
    /// A string that has been checked, as the bytes between its quotes on the wire.
    struct Quoted {
        var range: Range<Int>
        var hasEscapes: Bool
    }

    /// Reads a string, at whose opening quote the position is.
    mutating func string() throws(JSONError) -> String {
        let quoted = try quoted()
        guard quoted.hasEscapes else { return String(decoding: bytes[quoted.range], as: UTF8.self) }
        // An escape is never shorter than the UTF-8 it stands for.
        return String(unsafeUninitializedCapacity: quoted.range.count) { unescape(quoted.range, into: $0) }
    }

    /// Reads and checks a string without making a `String` of it.
    mutating func quoted() throws(JSONError) -> Quoted {
        position += 1
        let start = position
        var hasEscapes = false
        while true {
            skipPlainASCII()
            guard let byte = next else { throw syntax("a string is not closed") }
            switch byte {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return Quoted(range: start..<position, hasEscapes: hasEscapes)
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try skipEscape()
            case 0..<0x20: throw syntax("a control character in a string must be escaped")
            case 0x80...: try skipScalar(byte)
            default: position += 1
            }
        }
    }

    /// Skips, eight bytes at a time, bytes that are neither special nor beyond ASCII.
    private mutating func skipPlainASCII() {
        let count = bytes.count
        while position + 8 <= count {
            let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let ones: UInt64 = 0x0101_0101_0101_0101
            let highs: UInt64 = 0x8080_8080_8080_8080
            let quote = word ^ (ones &* 0x22)
            let escape = word ^ (ones &* 0x5C)
            // A byte is special if it is a quote, a backslash, below 0x20, or above 0x7F.
            let special = (quote &- ones) & ~quote | (escape &- ones) & ~escape | (word &- ones &* 0x20) | word
            if special & highs != 0 { return }
            position += 8
        }
    }

    private mutating func skipEscape() throws(JSONError) {
        guard position + 1 < bytes.count else { throw syntax("a string is not closed") }
        switch bytes[position + 1] {
        case UInt8(ascii: "u"):
            let first = try codeUnit(at: position)
            if 0xDC00...0xDFFF ~= first { throw syntax("a low surrogate stands alone") }
            if 0xD800...0xDBFF ~= first {
                let isFollowed =
                    position + 7 < bytes.count && bytes[position + 6] == UInt8(ascii: "\\")
                    && bytes[position + 7] == UInt8(ascii: "u")
                guard isFollowed, 0xDC00...0xDFFF ~= (try codeUnit(at: position + 6)) else {
                    throw syntax("a high surrogate stands alone")
                }
                position += 6
            }
            position += 6
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        default: throw syntax("JSON has no such escape")
        }
    }

    /// The code unit of the escape `\uHHHH` that begins at `start`.
    private func codeUnit(at start: Int) throws(JSONError) -> UInt32 {
        guard start + 6 <= bytes.count else { throw syntax("an escape needs four hexadecimal digits") }
        var unit: UInt32 = 0
        for offset in 2..<6 {
            guard let digit = hexDigit(bytes[start + offset]) else {
                throw syntax("an escape needs four hexadecimal digits")
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    private func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Skips one scalar of two to four bytes (table 3-7 of the Unicode standard).
    private mutating func skipScalar(_ lead: UInt8) throws(JSONError) {
        let (length, second): (Int, ClosedRange<UInt8>)
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw syntax("the line is not valid UTF-8")
        }
        guard position + length <= bytes.count, second ~= bytes[position + 1],
            (2..<max(length, 2)).allSatisfy({ bytes[position + $0] & 0xC0 == 0x80 })
        else { throw syntax("the line is not valid UTF-8") }
        position += length
    }

    /// Resolves the escapes of the text between two quotes, which has been checked, into memory of at least as many bytes.
    ///
    /// - Returns: the number of bytes written.
    func unescape(_ range: Range<Int>, into output: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var (from, to) = (range.lowerBound, 0)
        func put(_ byte: UInt8) {
            output[to] = byte
            to += 1
        }
        while from < range.upperBound {
            guard bytes[from] == UInt8(ascii: "\\") else {
                put(bytes[from])
                from += 1
                continue
            }
            from += 2
            switch bytes[from - 1] {
            case UInt8(ascii: "b"): put(0x08)
            case UInt8(ascii: "f"): put(0x0C)
            case UInt8(ascii: "n"): put(0x0A)
            case UInt8(ascii: "r"): put(0x0D)
            case UInt8(ascii: "t"): put(0x09)
            case UInt8(ascii: "u"):
                var value = checkedCodeUnit(from)
                from += 4
                if 0xD800...0xDBFF ~= value {
                    value = 0x10000 + (value - 0xD800) << 10 + (checkedCodeUnit(from + 2) - 0xDC00)
                    from += 6
                }
                if let scalar = Unicode.Scalar(value) { for byte in UTF8.encode(scalar) ?? .init() { put(byte) } }
            case let other: put(other)
            }
        }
        return to
    }

    private func checkedCodeUnit(_ start: Int) -> UInt32 {
        (0..<4).reduce(0) { $0 << 4 | (hexDigit(bytes[start + $1]) ?? 0) }
    }
}
