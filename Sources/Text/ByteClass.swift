/// What the one pass over ASCII needs to know of each byte, above the byte's lower case in the low 8 bits.
enum ByteClass {
    static let word: UInt16 = 1 << 8
    static let space: UInt16 = 1 << 9
    static let nonASCII: UInt16 = 1 << 10
    /// Without any of these, and without what the two below add, a text holds nothing that the redactor looks for.
    static let suspicious: UInt16 = 1 << 11
    /// Makes a text suspicious when a word follows at once.
    static let stop: UInt16 = 1 << 12
    /// So does a word this long.
    static let longWord = 20

    static let table: [UInt16] = (0...255).map { byte in
        let byte = UInt8(byte)
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return UInt16(byte | 0x20) | word
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return UInt16(byte) | word
        case UInt8(ascii: "_"), UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt16(byte) | word | suspicious
        case 9...13, 28...32: return UInt16(byte) | space
        case 0x80...0xFF: return UInt16(byte) | nonASCII
        case UInt8(ascii: "."), UInt8(ascii: "!"): return UInt16(byte) | stop
        default: return UInt16(byte) | (suspiciousMarks.contains(byte) ? suspicious : 0)
        }
    }

    private static let suspiciousMarks = Set("@:=#$%^&*+~\"".utf8)

    /// The pass's judgement alone.
    static func isSuspicious(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        table.withUnsafeBufferPointer { table in
            var seen: UInt16 = 0
            var before = space
            var length = 0
            for byte in text {
                let now = table[Int(byte)]
                seen |= now
                if now & word != 0, before & stop != 0 { return true }
                length = now & word == 0 ? 0 : length + 1
                if length >= longWord { return true }
                before = now
            }
            return seen & suspicious != 0
        }
    }
}
