/// The classes of a byte, as flags above the byte's lower case in the low 8 bits.
///
/// One look-up per byte lowers it, finds words and white space, and shows whether the text can hold anything that the
/// redactor looks for. Nearly all texts cannot, so that redaction costs them nothing.
enum ByteClass {
    static let word: UInt16 = 1 << 8
    static let space: UInt16 = 1 << 9
    static let nonASCII: UInt16 = 1 << 10
    /// A byte that personal data may contain. A text without one, without a ``stop`` before a word and without a
    /// ``longWord`` holds nothing that the redactor looks for.
    static let suspicious: UInt16 = 1 << 11
    /// A byte that makes a text suspicious if a word follows at once.
    static let stop: UInt16 = 1 << 12
    /// A byte that may belong to the word beside it; see ``TokenizedText/takeSigns()``.
    static let sign: UInt16 = 1 << 13
    /// The length in bytes from which on a word makes a text suspicious.
    static let longWord = 20

    static let table: [UInt16] = (0...255).map { byte in
        let byte = UInt8(byte)
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): return UInt16(byte | 0x20) | word
        case UInt8(ascii: "a")...UInt8(ascii: "z"): return UInt16(byte) | word
        case UInt8(ascii: "_"), UInt8(ascii: "0")...UInt8(ascii: "9"): return UInt16(byte) | word | suspicious
        case 9...13, 28...32: return UInt16(byte) | space
        // With these the digits of other forms begin.
        case 0xD9, 0xDB, 0xEF: return UInt16(byte) | nonASCII | suspicious
        case 0x80...0xFF: return UInt16(byte) | nonASCII
        case UInt8(ascii: "."): return UInt16(byte) | stop | sign
        case UInt8(ascii: "!"): return UInt16(byte) | stop
        default:
            return UInt16(byte) | (suspiciousMarks.contains(byte) ? suspicious : 0) | (signs.contains(byte) ? sign : 0)
        }
    }

    private static let signs = Set("+#/-".utf8)
    private static let suspiciousMarks = Set("@:=#$%^&*+~\"".utf8)

    /// Whether the redactor has to look at a text.
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
