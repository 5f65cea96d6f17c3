// Telephone numbers are the only kind with neither check digits nor a sign of their own. So the shape decides, which is
// the lengths of the groups of digits and what divides them, and for shapes that other numbers have too the words before.

extension RedactionScanner {
    func phone(at index: Int) -> Range<Int>? {
        guard let number = PhoneNumber(self, at: index) else { return nil }
        var count = number.count
        var preferred = number.preferredCount ?? 0
        var known: Cue?
        while count > 0 {
            let end = number.ends[count - 1]
            if number.lastLength(count) >= 2, (7...17).contains(number.digits(count)),
                endsNumber(at: end, before: ".,:/-"), byte(end) != UInt8(ascii: "%"),
                isPhone(number, count: count, at: index, &known)
            {
                if preferred == 0 || count == preferred { return index..<end }
            }
            count -= 1
            if count == 0, preferred > 0 {
                (count, preferred) = (number.count, 0)
            }
        }
        return nil
    }

    /// - Parameter known: keeps the cue before `index` once it was needed.
    private func isPhone(_ number: PhoneNumber, count: Int, at index: Int, _ known: inout Cue?) -> Bool {
        let digits = number.digits(count)
        if number.isInternational {
            return (7...15).contains(digits) && (count > 1 || digits >= 8) && !number.isRound(count)
                && !(count == 2 && number.separators[1] == UInt8(ascii: "."))
        }
        let before = byte(index - 1)
        guard !before.isWord, !before.isOne(of: "#$"), !(byte(index - 2).isDigit && before.isOne(of: ".,:/-")),
            !isCurrency(before: index)
        else { return false }
        if number.isAreaInBrackets {
            return count > 1 && digits <= 12 && (number.length(0) == 3 || number.first == 0x30 || digits >= 9)
        }
        let strength = strength(number, count: count)
        if strength == .none || strength == .needsCue && (digits > 13 || count < number.count) { return false }
        if strength == .strong { return true }
        let cue = known ?? cue(before: index)
        known = cue
        return strength == .weak ? cue != .other : cue == .phone
    }

    private enum Strength { case none, needsCue, weak, strong }

    /// How much the lengths of the groups speak for a national number. Shapes are written as hexadecimal digits: 0x334 is
    /// 3-3-4.
    private func strength(_ number: PhoneNumber, count: Int) -> Strength {
        let shape = number.shape(count)
        let digits = number.digits(count)
        let first = number.first - 0x30
        let divider = count > 1 ? number.separators[1] : 0
        if shape == 0x224 || shape == 0x422 || shape == 0x44 && (number.looksLikeYears || number.looksLikeTimes) {
            return .none
        }
        if number.isPrefixedAbroad {
            return count > 1 && (10...17).contains(digits) || (11...15).contains(digits) ? .weak : .none
        }
        if first == 0, number.second != 0x30 {
            if count == 1 { return (9...12).contains(digits) ? .weak : .none }
            let isGrouped = (2...6).contains(number.length(0)) && number.isUniform(count)
            let isDecimal = divider == UInt8(ascii: ".") && count == 2
            return isGrouped && !isDecimal && (8...12).contains(digits) ? .strong : .none
        }
        switch shape {
        case 0x334 where first >= 2, 0x1334 where first == 1: return .strong
        case 0x1_3322 where first >= 7: return .strong
        case 0x34 where first >= 2 && divider == UInt8(ascii: "-"): return number.isRange ? .needsCue : .weak
        case 0x333 where [6, 7, 9].contains(first) && divider != UInt8(ascii: ".") && !number.isRound(count):
            return .weak
        case 0x3222 where first >= 2 && number.isUniform(count): return .weak
        case 0x3322 where first >= 2: return .weak
        case 0x344 where number.isChineseMobile, 0xB where number.isChineseMobile: return .weak
        case 0x433 where has("1300", at: number.start) || has("1800", at: number.start): return .weak
        case 0x55 where first >= 6 && divider == 0x20: return .weak
        default: return number.isUniform(count) || count == 1 ? .needsCue : .none
        }
    }

    /// Whether $, €, £ or ¥ stands before `index`, directly or with one space between.
    private func isCurrency(before index: Int) -> Bool {
        let end = byte(index - 1) == 0x20 ? index - 2 : index - 1
        if byte(end) == UInt8(ascii: "$") { return true }
        return byte(end) == 0xAC && byte(end - 1) == 0x82 || byte(end - 1) == 0xC2 && [0xA3, 0xA5].contains(byte(end))
    }

    private enum Cue { case none, phone, other }

    /// The kind of number that the nearest known word within 40 bytes before `index` announces.
    private func cue(before index: Int) -> Cue {
        var cue = Cue.none
        var position = max(floor, index - 40)
        if position > floor { position = skip(from: position) { $0.isLetter } }
        while position < index {
            let start = position
            var key: UInt64 = 0
            while position < index, text[position].isLetter {
                if position - start < 8 { key = key << 8 | UInt64(text[position] | 0x20) }
                position += 1
            }
            // The word in a placeholder such as `<phone>` announces no other number.
            if key != 0, byte(start - 1) != UInt8(ascii: "<") {
                if Self.phoneWords.contains(key) { cue = .phone } else if Self.otherWords.contains(key) { cue = .other }
            }
            if position == start { position += 1 }
        }
        return cue
    }

    /// The first eight letters of each word, packed into a number.
    private static func keys(_ words: String) -> Set<UInt64> {
        Set(words.split(separator: " ").map { $0.utf8.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } })
    }

    private static let phoneWords = keys(
        "phone call telephone tel mobile cell cellphone fax whatsapp sms text dial ring reach contact handy telefon mob "
            + "hotline landline telefono telephone handynummer rufnummer called calling calls phoned texted"
    )
    private static let otherWords = keys(
        "order orders invoice ticket ref reference case tracking id sku part serial model flight room confirmation "
            + "transaction booking account acct card parcel package shipment item product isbn receipt page pages between "
            + "from range version build bestellung rechnung population price cost costs total"
    )
}

/// The groups of digits of a possible telephone number, and what divides them.
struct PhoneNumber {
    private(set) var count = 0
    private(set) var isInternational = false
    private(set) var isAreaInBrackets = false
    let start: Int
    private(set) var ends = InlineArray<8, Int>(repeating: 0)
    /// The divider before each group: dash, point or slash, else a space; 0 around brackets.
    private(set) var separators = InlineArray<8, UInt8>(repeating: 0)
    private var shapes: UInt64 = 0
    private var sums = InlineArray<8, Int>(repeating: 0)
    private var values = InlineArray<8, Int>(repeating: 0)
    let first: UInt8
    let second: UInt8
    private let third: UInt8

    /// Reads up to eight groups from a digit, `(` or `+` on. Nil if no number can begin there.
    init?(_ scanner: RedactionScanner, at index: Int) {
        var position = index
        if scanner.byte(position) == UInt8(ascii: "+") {
            let before = scanner.byte(index - 1)
            guard !before.isWord, before != UInt8(ascii: "+") else { return nil }
            isInternational = true
            position += 1
        }
        let hasBracket = scanner.byte(position) == UInt8(ascii: "(")
        if hasBracket { position += 1 }
        start = position
        first = scanner.byte(position)
        second = scanner.byte(position + 1)
        third = scanner.byte(position + 2)
        guard first.isDigit, !isInternational || first != 0x30 else { return nil }
        while count < 8 {
            let begin = position
            var value = 0
            while position - begin < 16, scanner.byte(position).isDigit {
                value = value * 10 + Int(scanner.byte(position) - 0x30)
                position += 1
            }
            guard position > begin, position - begin < 16 else { break }
            // No number has two single digits in a row.
            if position - begin == 1, shapes & 0xF == 1 { break }
            shapes = shapes << 4 | UInt64(position - begin)
            sums[count] = position - begin + (count > 0 ? sums[count - 1] : 0)
            ends[count] = position
            values[count] = value
            count += 1
            guard count < 8, let divider = Self.divider(scanner, &position) else { break }
            separators[count] = divider
            if count == 1, hasBracket { isAreaInBrackets = divider == 0 && (2...5).contains(ends[0] - begin) }
        }
        if count == 0 || sums[count - 1] < 7 || hasBracket && !isAreaInBrackets && !isInternational { return nil }
    }

    /// Reads the divider of two groups: at most four bytes, which are spaces and brackets and at most one of `-./`.
    private static func divider(_ scanner: RedactionScanner, _ position: inout Int) -> UInt8? {
        var divider: UInt8 = 0x20
        var hasBracket = false
        for end in position..<position + 4 {
            let byte = scanner.byte(end)
            if byte.isDigit {
                guard end > position else { return nil }
                position = end
                return hasBracket ? 0 : divider
            }
            switch byte {
            case UInt8(ascii: "("), UInt8(ascii: ")"): hasBracket = true
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "/"):
                guard divider == 0x20 else { return nil }
                divider = byte
            case 0x20: break
            default: return nil
            }
        }
        guard scanner.byte(position + 4).isDigit else { return nil }
        position += 4
        return hasBracket ? 0 : divider
    }

    /// The lengths of the first `count` groups, four bits each.
    func shape(_ count: Int) -> UInt64 { shapes >> UInt64(4 * (self.count - count)) }

    func length(_ group: Int) -> Int { Int(shape(group + 1) & 0xF) }

    func lastLength(_ count: Int) -> Int { Int(shape(count) & 0xF) }

    func digits(_ count: Int) -> Int { sums[count - 1] }

    /// Whether all groups after the second are divided as the second is.
    func isUniform(_ count: Int) -> Bool {
        count < 3
            || (2..<count).allSatisfy { separators[$0] == separators[count - 1] }
                && (separators[1] == separators[2]
                    || separators[1] != UInt8(ascii: ".") && length(0) <= 5 && first == 0x30)
    }

    /// Whether all groups but the first are zeros, as in a number in thousands.
    func isRound(_ count: Int) -> Bool { count > 1 && (1..<count).allSatisfy { values[$0] == 0 } }

    /// Whether the second of two groups is a multiple of 100, as in 300-3000.
    var isRange: Bool { values[1] % 100 == 0 }

    /// Whether two groups are times of day, as in 0900-1730.
    var looksLikeTimes: Bool {
        values[0] <= 2400 && values[1] <= 2400 && values[0] % 100 < 60 && values[1] % 100 < 60
    }

    var looksLikeYears: Bool { [19, 20].contains(values[0] / 100) && [19, 20].contains(values[1] / 100) }

    /// Whether the number begins with `00` and a country code, in one group or in two.
    var isPrefixedAbroad: Bool {
        guard first == 0x30, second == 0x30 else { return false }
        return length(0) == 2 ? count > 1 && values[1] != 0 : third != 0x30
    }

    var isChineseMobile: Bool { first == 0x31 && (0x33...0x39).contains(second) }

    /// The number of groups of an international number, if all numbers of its country have the same length.
    var preferredCount: Int? {
        guard isInternational else { return nil }
        let wanted: Int
        switch (first, second) {
        case (0x31, _), (0x37, _), (0x33, 0x33), (0x33, 0x34): wanted = 11
        case (0x34, 0x34), (0x39, 0x31): wanted = 12
        case (0x38, 0x36): wanted = 13
        default: return nil
        }
        return (1...count).first { digits($0) == wanted }
    }
}
