// Numbers of accounts. Check digits prove them, so that they need neither words around them nor a shape of their own.

extension RedactionScanner {
    // MARK: Payment card

    /// 13 to 19 digits, bare or in groups divided by single spaces or dashes, that satisfy Luhn's check (ISO/IEC 7812)
    /// and begin like a payment card's. The longest such run counts.
    func card(at index: Int) -> Range<Int>? {
        guard (UInt8(ascii: "2")...UInt8(ascii: "6")).contains(text[index]) || has("81", at: index),
            beginsNumber(at: index, after: ".")
        else { return nil }
        var end: Int?
        var position = index
        var digits = 0
        var group = 0
        // Luhn's sums with the digits at even places doubled, and with those at odd places doubled.
        var sums = (even: 0, odd: 0)
        while digits < 19, byte(position).isDigit {
            let digit = Int(text[position] - 0x30)
            let doubled = digit < 5 ? digit * 2 : digit * 2 - 9
            sums.even += digits % 2 == 0 ? doubled : digit
            sums.odd += digits % 2 == 0 ? digit : doubled
            digits += 1
            group += 1
            position += 1
            if byte(position).isDigit { continue }
            let sum = digits % 2 == 0 ? sums.even : sums.odd
            if digits >= 13, sum % 10 == 0, endsNumber(at: position, before: ".") { end = position }
            guard byte(position).isOne(of: " -"), group >= (digits == group ? 4 : 2) else { break }
            position += 1
            group = 0
        }
        return end.map { index..<$0 }
    }

    // MARK: IBAN

    /// Country, two check digits and the country's number of further letters and digits, bare or with single spaces or
    /// dashes, whose remainder by 97 is 1 (ISO 13616).
    func iban(at index: Int) -> Range<Int>? {
        guard byte(index + 1).isLetter, byte(index + 2).isDigit, byte(index + 3).isDigit, !byte(index - 1).isWord,
            let length = Self.ibanLength(text[index].lowered, text[index + 1].lowered)
        else { return nil }
        var remainder = 0
        var position = index + 4
        var count = 4
        while count < length {
            if byte(position).isOne(of: " -") { position += 1 }
            guard byte(position).isAlphanumeric else { return nil }
            remainder = Self.extend(remainder, by: text[position])
            position += 1
            count += 1
        }
        for place in index..<index + 4 { remainder = Self.extend(remainder, by: text[place]) }
        return remainder == 1 && !byte(position).isWord ? index..<position : nil
    }

    private static func extend(_ remainder: Int, by byte: UInt8) -> Int {
        byte.isDigit ? (remainder * 10 + Int(byte - 0x30)) % 97 : (remainder * 100 + Int(byte.lowered - 0x61) + 10) % 97
    }

    private static func ibanLength(_ first: UInt8, _ second: UInt8) -> Int? {
        ibanLengths.withUTF8Buffer { table in
            for entry in stride(from: 0, to: table.count, by: 4)
            where table[entry] == first && table[entry + 1] == second {
                return Int(table[entry + 2] - 0x30) * 10 + Int(table[entry + 3] - 0x30)
            }
            return nil
        }
    }

    /// The total length for each country (SWIFT's registry).
    private static let ibanLengths: StaticString = """
        ad24ae23al28at20az28ba20be16bg22bh22bi27br29by28ch21cr22cy28cz24de22dj27dk18do28ee20eg29es24fi18fk18fo18fr27\
        gb22ge22gi23gl18gr27gt28hn28hr21hu28ie22il23iq23is26it27jo30kw30kz20lb28lc32li21lt20lu20lv21ly25mc27md24me22\
        mk19mn20mr27mt31mu30ni28nl18no15om23pk24pl28ps29pt25qa29ro24rs22ru33sa24sc31sd18se24si19sk24sm27so23st25sv28\
        tl23tn24tr26ua29va22vg24xk20ye30
        """
}
