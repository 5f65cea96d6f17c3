/// A text whose digits, letters and signs of other forms stand as ASCII, so that the scanners read them: full-width forms
/// (U+FF01 to U+FF5A) and the digits of Arabic (U+0660 to U+0669) and Persian (U+06F0 to U+06F9).
struct FoldedForms {
    private(set) var bytes: [UInt8] = []
    /// For each byte where it stood in the text, and the text's length at the end.
    private(set) var places: [Int] = []

    /// Nil if the text, which is valid UTF-8, has no such digit or letter.
    init?(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.indices.contains(where: { text[$0] >= 0xD9 && Self.alphanumeric(at: $0, in: text) != nil }) else {
            return nil
        }
        bytes.reserveCapacity(text.count)
        places.reserveCapacity(text.count + 1)
        var index = 0
        while index < text.count {
            places.append(index)
            if let form = Self.alphanumeric(at: index, in: text) ?? Self.sign(at: index, in: text) {
                bytes.append(form.byte)
                index += form.width
            } else {
                bytes.append(text[index])
                index += 1
            }
        }
        places.append(text.count)
    }

    private typealias Form = (byte: UInt8, width: Int)

    /// The byte at `index`; 0 outside of the text.
    private static func byte(_ index: Int, in text: UnsafeBufferPointer<UInt8>) -> UInt8 {
        index < text.count ? text[index] : 0
    }

    private static func alphanumeric(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Form? {
        let second = byte(index + 1, in: text)
        switch text[index] {
        case 0xD9 where (0xA0...0xA9).contains(second): return (second - 0xA0 + 0x30, 2)
        case 0xDB where (0xB0...0xB9).contains(second): return (second - 0xB0 + 0x30, 2)
        case 0xEF:
            let third = byte(index + 2, in: text)
            switch (second, third) {
            case (0xBC, 0x90...0x99), (0xBC, 0xA1...0xBA): return (third - 0x60, 3)
            case (0xBD, 0x81...0x9A): return (third - 0x20, 3)
            default: return nil
            }
        default: return nil
        }
    }

    /// A sign inside of an address or a number, which what follows it shows: elsewhere it is punctuation.
    private static func sign(at index: Int, in text: UnsafeBufferPointer<UInt8>) -> Form? {
        guard text[index] == 0xEF || text[index] == 0xE3 else { return nil }
        let next = index + 3
        guard byte(next, in: text).isAlphanumeric || next < text.count && alphanumeric(at: next, in: text) != nil else {
            return nil
        }
        switch (text[index], byte(index + 1, in: text), byte(index + 2, in: text)) {
        case (0xEF, 0xBC, 0x88...0x89), (0xEF, 0xBC, 0x8B), (0xEF, 0xBC, 0x8D...0x8E), (0xEF, 0xBC, 0xA0):
            return (byte(index + 2, in: text) - 0x60, 3)
        // The ideographic space.
        case (0xE3, 0x80, 0x80): return (0x20, 3)
        default: return nil
        }
    }
}
