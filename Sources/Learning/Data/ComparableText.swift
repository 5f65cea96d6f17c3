/// When two texts count as the same: letters' case, runs of white space, apostrophes, and punctuation that ends a word
/// make no difference ("Where's my parcel?" and "wheres my  parcel"), but a decimal point does.
///
/// Cheaper and coarser than the classifier's own view: it reads files that no model knows yet.
enum ComparableText {
    static func of(_ text: String) -> String {
        var text = text
        let ascii: String? = text.withUTF8 { bytes in
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return String(unsafeUninitializedCapacity: bytes.count) { fold(bytes, into: $0) }
        }
        if let ascii { return ascii }
        // Typographic apostrophes and ellipses become their ASCII forms; other scripts are only lower-cased.
        var plain = String.UnicodeScalarView()
        for scalar in text.lowercased().unicodeScalars {
            switch scalar {
            case "\u{2019}", "\u{2018}": plain.append("'")
            case "\u{2026}": plain.append(".")
            case _ where scalar.properties.isWhitespace: plain.append(" ")
            default: plain.append(scalar)
            }
        }
        var folded = String(plain)
        return folded.withUTF8 { bytes in
            String(unsafeUninitializedCapacity: bytes.count) { fold(bytes, into: $0) }
        }
    }

    /// Writes at most `bytes.count` bytes and returns how many.
    private static func fold(_ bytes: UnsafeBufferPointer<UInt8>, into out: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var length = 0
        var pendingSpace = false
        // Punctuation is held back until the next byte shows whether it ends its word.
        var heldFrom = 0
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x27:
                continue
            case 0x09...0x0D, 0x20:
                heldFrom = index + 1
                pendingSpace = length > 0
                continue
            case UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: "!"), UInt8(ascii: "?"), UInt8(ascii: ";"),
                UInt8(ascii: ":"):
                continue
            default:
                break
            }
            if pendingSpace {
                out[length] = 0x20
                length += 1
                pendingSpace = false
            }
            // Punctuation inside a word counts after all.
            var cursor = heldFrom
            while cursor < index {
                if bytes[cursor] != 0x27 {
                    out[length] = bytes[cursor]
                    length += 1
                }
                cursor += 1
            }
            heldFrom = index + 1
            out[length] = byte &- 0x41 < 26 ? byte | 0x20 : byte
            length += 1
        }
        return length
    }
}
