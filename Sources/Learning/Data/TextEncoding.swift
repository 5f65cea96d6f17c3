/// How the bytes of a data file stand for characters.
package enum TextEncoding: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16 = "utf-16"
    case cp1252, latin1

    /// A file as UTF-8.
    struct Decoded {
        /// Valid UTF-8, but for characters that the file damages: a byte 0xFF stands for each of them.
        var bytes: ArraySlice<UInt8>
        var encoding: TextEncoding
        var isGuessed = false
        var hadMark = false
    }

    /// - Parameter encoding: what the file is said to be; nil leaves it to byte order marks and, without one, a guess.
    static func decode(_ bytes: [UInt8], as encoding: TextEncoding?) -> Decoded {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]), encoding ?? .utf8 == .utf8 {
            return Decoded(bytes: bytes.dropFirst(3), encoding: .utf8, hadMark: true)
        }
        let mark = bytes.starts(with: [0xFF, 0xFE]) ? true : bytes.starts(with: [0xFE, 0xFF]) ? false : nil
        if let isLittle = mark, encoding ?? .utf16 == .utf16 {
            let decoded = utf8(utf16: bytes.dropFirst(2), isLittle: isLittle)
            return Decoded(bytes: decoded[...], encoding: .utf16, hadMark: true)
        }
        switch encoding {
        case .utf8: return Decoded(bytes: bytes[...], encoding: .utf8)
        case .utf16:
            let isLittle = byteOrder(bytes) ?? true
            return Decoded(bytes: utf8(utf16: bytes[...], isLittle: isLittle)[...], encoding: .utf16)
        case .cp1252, .latin1:
            return Decoded(bytes: utf8(bytes, isLatin1: encoding == .latin1)[...], encoding: encoding ?? .cp1252)
        case nil: return guess(bytes)
        }
    }

    private static func guess(_ bytes: [UInt8]) -> Decoded {
        if let isLittle = byteOrder(bytes) {
            let decoded = utf8(utf16: bytes[...], isLittle: isLittle)
            return Decoded(bytes: decoded[...], encoding: .utf16, isGuessed: true)
        }
        if looksLikeWindows(bytes) {
            return Decoded(bytes: utf8(bytes, isLatin1: false)[...], encoding: .cp1252, isGuessed: true)
        }
        return Decoded(bytes: bytes[...], encoding: .utf8)
    }

    /// Whether the bytes are UTF-16 without a mark, and of which byte order: true is the little end first. A header is of
    /// ASCII letters, so that every second byte of it is 0.
    private static func byteOrder(_ bytes: [UInt8]) -> Bool? {
        let start = bytes.prefix(16)
        guard bytes.count >= 8, bytes.count % 2 == 0 || bytes.count > 64 else { return nil }
        var zeros = (even: 0, odd: 0)
        for (index, byte) in start.enumerated() where byte == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        let most = start.count / 2
        if zeros.odd >= most - 1, zeros.even == 0 { return true }
        if zeros.even >= most - 1, zeros.odd == 0 { return false }
        return nil
    }

    /// Whether bytes beyond ASCII are letters and signs of Windows-1252. One character of more bytes that is valid UTF-8
    /// says that the file is UTF-8 with damage instead.
    private static func looksLikeWindows(_ bytes: [UInt8]) -> Bool {
        var index = 0
        var isForeign = false
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            guard byte >= 0x80 else { continue }
            if length(of: byte) > 1, isCharacter(bytes, at: index - 1) { return false }
            // 0xFF is a letter that hardly any word has, and a usual sign of damage.
            guard byte != 0xFF, byte >= 0xA0 || windows[Int(byte) - 0x80] != 0 else { return false }
            isForeign = true
        }
        return isForeign
    }

    private static func length(of lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func isCharacter(_ bytes: [UInt8], at start: Int) -> Bool {
        let end = start + length(of: bytes[start])
        return end <= bytes.count && String(validating: bytes[start..<end], as: UTF8.self) != nil
    }

    private static func utf8(utf16 bytes: ArraySlice<UInt8>, isLittle: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        func unit(at index: Int) -> UInt32 {
            let (one, other) = (UInt32(bytes[index]), UInt32(bytes[index + 1]))
            return isLittle ? one | other << 8 : one << 8 | other
        }
        while index + 1 < bytes.endIndex {
            var value = unit(at: index)
            index += 2
            if value & 0xFC00 == 0xD800, index + 1 < bytes.endIndex, unit(at: index) & 0xFC00 == 0xDC00 {
                value = 0x10000 + (value & 0x3FF) << 10 + unit(at: index) & 0x3FF
                index += 2
            }
            append(value, to: &out)
        }
        if index < bytes.endIndex { out.append(0xFF) }
        return out
    }

    private static func utf8(_ bytes: [UInt8], isLatin1: Bool) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            let isControl = !isLatin1 && 0x80...0x9F ~= byte
            append(isControl ? UInt32(windows[Int(byte) - 0x80]) : UInt32(byte), to: &out, isDamaged: isControl)
        }
        return out
    }

    /// - Parameter isDamaged: whether a value of 0 stands for no character.
    private static func append(_ value: UInt32, to out: inout [UInt8], isDamaged: Bool = false) {
        guard let scalar = Unicode.Scalar(value), value != 0 || !isDamaged else { return out.append(0xFF) }
        out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
    }

    /// The scalars of Windows-1252 at 0x80 to 0x9F; 0 for the five bytes that it does not use.
    private static let windows: [UInt16] = [
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
        0x0178,
    ]
}

extension TextEncoding.Decoded {
    /// A text in the encoding, byte order and mark of the file that this was decoded from; nil if the encoding lacks a
    /// character of it, or if the file is damaged.
    ///
    /// - Parameter text: UTF-8, or what is no character in a file of UTF-8.
    /// - Parameter original: the file.
    func encoded(_ text: [UInt8], like original: [UInt8]) -> [UInt8]? {
        if encoding == .utf8 { return (hadMark ? original.prefix(3) : []) + text }
        guard let text = String(validating: text, as: UTF8.self) else { return nil }
        if encoding == .utf16 {
            let isLittle = hadMark ? original.first == 0xFF : TextEncoding.byteOrder(original) ?? true
            return (hadMark ? original.prefix(2) : [])
                + text.utf16.flatMap { unit in
                    let (low, high) = (UInt8(unit & 0xFF), UInt8(unit >> 8))
                    return isLittle ? [low, high] : [high, low]
                }
        }
        var out: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = TextEncoding.byte(of: scalar, isLatin1: encoding == .latin1) else { return nil }
            out.append(byte)
        }
        return out
    }
}

extension TextEncoding {
    fileprivate static func byte(of scalar: Unicode.Scalar, isLatin1: Bool) -> UInt8? {
        if scalar.value < 0x80 || 0xA0...0xFF ~= scalar.value || isLatin1 && scalar.value < 0x100 {
            return UInt8(scalar.value)
        }
        guard !isLatin1, scalar.value <= 0xFFFF else { return nil }
        return windows.firstIndex(of: UInt16(scalar.value)).map { UInt8(0x80 + $0) }
    }

    /// The name that people know it by.
    var title: String {
        switch self {
        case .utf8: "UTF-8"
        case .utf16: "UTF-16"
        case .cp1252: "Windows-1252"
        case .latin1: "ISO 8859-1"
        }
    }
}
