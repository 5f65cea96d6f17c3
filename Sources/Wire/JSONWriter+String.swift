// Nearly all text needs no escapes, so runs of such bytes are copied as a whole.
extension JSONWriter {
    mutating func quote(_ text: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        text.withUnsafeBytes { escape($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    mutating func quote(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        let isWritten: Void? = text.utf8.withContiguousStorageIfAvailable { escape(UnsafeRawBufferPointer($0)) }
        if isWritten == nil { Array(text.utf8).withUnsafeBytes { escape($0) } }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape as a whole.
    private mutating func escape(_ text: UnsafeRawBufferPointer) {
        var start = 0
        var index = 0
        while index < text.count {
            let byte = text[index]
            if Self.isPlain(byte) {
                index += 1
                continue
            }
            let (length, scalar) = Self.escapable(text, at: index)
            if let scalar {
                bytes.append(contentsOf: text[start..<index])
                append(escapeOf: scalar)
                start = index + length
            }
            index += length
        }
        bytes.append(contentsOf: text[start...])
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7F, 0xC2, 0xD8, 0xE2, 0xEF: false
        default: true
        }
    }

    /// The scalar at `index`, if it must be escaped, and the number of its bytes.
    private static func escapable(_ text: UnsafeRawBufferPointer, at index: Int) -> (length: Int, scalar: UInt16?) {
        let lead = text[index]
        if lead < 0x80 { return (1, UInt16(lead)) }
        let rest = text.count - index
        if lead < 0xE0 {
            guard rest >= 2 else { return (1, nil) }
            let scalar = UInt16(lead & 0x1F) << 6 | UInt16(text[index + 1] & 0x3F)
            return (2, scalar < 0xA0 || scalar == 0x061C ? scalar : nil)
        }
        guard rest >= 3 else { return (1, nil) }
        let scalar = UInt16(lead & 0x0F) << 12 | UInt16(text[index + 1] & 0x3F) << 6 | UInt16(text[index + 2] & 0x3F)
        switch scalar {
        case 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: return (3, scalar)
        default: return (3, nil)
        }
    }

    private mutating func append(escapeOf scalar: UInt16) {
        bytes.append(UInt8(ascii: "\\"))
        switch scalar {
        case 0x22, 0x5C: bytes.append(UInt8(scalar))
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            bytes.append(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] as [UInt16] {
                let digit = UInt8(truncatingIfNeeded: scalar >> shift & 0xF)
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
