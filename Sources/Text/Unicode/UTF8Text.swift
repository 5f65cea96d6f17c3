/// UTF-8 to scalar values and back, for bytes that may be invalid.
enum UTF8Text {
    static let replacement: UInt32 = 0xFFFD

    /// Appends the scalar values of `text`. Invalid bytes become U+FFFD, one for each maximal part of a scalar (Unicode,
    /// chapter 3.9), as in Python's `errors="replace"` and in `String(decoding:as:)`.
    ///
    /// - Returns: whether the text was valid throughout.
    @discardableResult
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into scalars: inout [UInt32]) -> Bool {
        var isValid = true
        var index = 0
        while index < text.count {
            let lead = text[index]
            index += 1
            if lead < 0x80 {
                scalars.append(UInt32(lead))
                continue
            }
            // Most scalars beyond ASCII have two bytes; the others are read step by step.
            if lead &- 0xC2 < 30, index < text.count, text[index] & 0xC0 == 0x80 {
                scalars.append(UInt32(lead & 0x1F) << 6 | UInt32(text[index] & 0x3F))
                index += 1
                continue
            }
            guard var form = Form(lead: lead) else {
                scalars.append(replacement)
                isValid = false
                continue
            }
            while form.missing > 0, index < text.count, form.next.contains(text[index]) {
                form.take(text[index])
                index += 1
            }
            isValid = isValid && form.missing == 0
            scalars.append(form.missing == 0 ? form.value : replacement)
        }
        return isValid
    }

    /// A scalar of which some bytes are missing.
    private struct Form {
        var value: UInt32
        var missing: Int
        /// The values allowed for the next byte, which exclude overlong forms, surrogates and scalars above U+10FFFF.
        var next: ClosedRange<UInt8> = 0x80...0xBF

        init?(lead: UInt8) {
            switch lead {
            case 0xC2...0xDF: (value, missing) = (UInt32(lead & 0x1F), 1)
            case 0xE0...0xEF: (value, missing) = (UInt32(lead & 0x0F), 2)
            case 0xF0...0xF4: (value, missing) = (UInt32(lead & 0x07), 3)
            default: return nil
            }
            switch lead {
            case 0xE0: next = 0xA0...0xBF
            case 0xED: next = 0x80...0x9F
            case 0xF0: next = 0x90...0xBF
            case 0xF4: next = 0x80...0x8F
            default: break
            }
        }

        mutating func take(_ byte: UInt8) {
            value = value << 6 | UInt32(byte & 0x3F)
            missing -= 1
            next = 0x80...0xBF
        }
    }

    /// Appends the bytes of one scalar value.
    static func encode(_ scalar: UInt32, into bytes: inout [UInt8]) {
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x800 {
            bytes.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
        } else {
            if scalar < 0x10000 {
                bytes.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
            } else {
                bytes.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
            }
            bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
        }
        bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
    }
}
