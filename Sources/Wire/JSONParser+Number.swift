// Numbers are most of a reader's work, so the common ones are read on the way: integers exactly, and short decimals by
// one division or multiplication that rounds correctly. The standard library reads the others.
extension JSONParser {
    /// Reads a number, at whose minus sign or first digit the position is.
    mutating func number() throws(JSONError) -> JSON {
        let start = position
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var mantissa: UInt64 = 0
        var digits = 0

        guard let first = nextDigit else { throw syntax("a number needs a digit") }
        if first == 0 {
            position += 1
            if nextDigit != nil { throw syntax("a number must not begin with a needless zero") }
        } else {
            takeDigits(&mantissa, &digits)
        }
        var isInteger = true
        var exponent = 0
        if next == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard nextDigit != nil else { throw syntax("a number needs a digit after its point") }
            let begin = position
            takeDigits(&mantissa, &digits)
            exponent = begin - position
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            exponent += try takeExponent()
        }

        if digits <= 18, isInteger {
            // Below 10^18, so within Int.
            return .integer(isNegative ? -Int(mantissa) : Int(mantissa))
        }
        if digits <= 15, -22...22 ~= exponent {
            // Both factors are exact doubles, so one rounding happens (Clinger, "How to read floating point numbers").
            let value = exponent < 0 ? Double(mantissa) / Self.tens[-exponent] : Double(mantissa) * Self.tens[exponent]
            return .double(isNegative ? -value : value)
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text), value.isFinite else {
            position = start
            throw syntax("a number is beyond the range of a double")
        }
        return .double(value)
    }

    private var nextDigit: UInt8? {
        guard let byte = next, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
        return byte - UInt8(ascii: "0")
    }

    /// Reads digits into `mantissa`. `digits` counts from the first that is not zero; if it shows an overflow, the number
    /// is read again by the standard library.
    private mutating func takeDigits(_ mantissa: inout UInt64, _ digits: inout Int) {
        while let digit = nextDigit {
            if digits > 0 || digit > 0 { digits += 1 }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position += 1
        }
    }

    private mutating func takeExponent() throws(JSONError) -> Int {
        position += 1
        let isNegative = next == UInt8(ascii: "-")
        if isNegative || next == UInt8(ascii: "+") { position += 1 }
        guard nextDigit != nil else { throw syntax("a number needs a digit in its exponent") }
        var exponent = 0
        while let digit = nextDigit {
            // Only small exponents are used; large ones need not be exact.
            exponent = min(exponent * 10 + Int(digit), 1_000_000)
            position += 1
        }
        return isNegative ? -exponent : exponent
    }

    /// The powers of ten that a double holds exactly.
    private static let tens: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]
}
