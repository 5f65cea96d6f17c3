import Wire

/// Reads JSON as servers of LLMs write it. Two things that the wire refuses are common there and do no harm: a byte-order mark
/// before the text, and half of a surrogate pair in an escape, for which U+FFFD stands then.
enum ServerJSON {
    static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSON {
        let text = bytes.starts(with: LineSource.mark) ? Array(bytes.dropFirst(LineSource.mark.count)) : bytes
        do throws(JSONError) {
            return try JSONParser.parse(text)
        } catch {
            guard let mended = Self.mended(text) else { throw error }
            return try JSONParser.parse(mended)
        }
    }

    /// Returns the text without lone surrogates; nil if there are none.
    private static func mended(_ bytes: [UInt8]) -> [UInt8]? {
        var mended: [UInt8] = []
        mended.reserveCapacity(bytes.count)
        var hasChanged = false
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count else {
                mended.append(bytes[index])
                index += 1
                continue
            }
            var length = 2
            if let unit = unit(in: bytes, at: index) {
                length = 6
                if 0xD800...0xDBFF ~= unit, let second = Self.unit(in: bytes, at: index + 6), 0xDC00...0xDFFF ~= second
                {
                    length = 12
                } else if 0xD800...0xDFFF ~= unit {
                    mended += "\\ufffd".utf8
                    hasChanged = true
                    index += 6
                    continue
                }
            }
            mended += bytes[index..<index + length]
            index += length
        }
        return hasChanged ? mended : nil
    }

    /// The code unit of the escape `\uHHHH` at this place; nil if there is none.
    private static func unit(in bytes: [UInt8], at start: Int) -> UInt32? {
        guard start + 6 <= bytes.count, bytes[start] == UInt8(ascii: "\\"), bytes[start + 1] == UInt8(ascii: "u")
        else { return nil }
        return UInt32(String(decoding: bytes[start + 2..<start + 6], as: UTF8.self), radix: 16)
    }
}
