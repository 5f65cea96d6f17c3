// Addresses of people, pages and machines, which a sign in them gives away: `@`, `://`, or dots and colons between
// numbers.

extension RedactionScanner {
    // MARK: E-mail

    /// A local part that begins here, `@`, and a domain of at least two labels. Letters of two-byte scripts (Latin,
    /// Greek, Cyrillic, …) belong to both; scripts written without spaces would join the words before them.
    mutating func email(at index: Int) -> Range<Int>? {
        guard hasAt, index >= atomEnd else { return nil }
        var at = index
        while at < text.count, isMailByte(at) || text[at].isOne(of: "._%+-'") { at += 1 }
        atomEnd = at
        guard byte(at) == UInt8(ascii: "@") else { return nil }
        var end: Int?
        var label = at + 1
        while true {
            var position = label
            while position < text.count, isMailByte(position) || text[position] == UInt8(ascii: "-") { position += 1 }
            let isTop = position - label >= 2 && !byte(label).isDigit && byte(label) != UInt8(ascii: "-")
            if label > at + 1, isTop { end = position }
            guard position > label, byte(position) == UInt8(ascii: "."), position + 1 < text.count else { break }
            label = position + 1
        }
        return end.map { index..<$0 }
    }

    private func isMailByte(_ index: Int) -> Bool {
        let byte = text[index]
        return byte.isAlphanumeric || (0xC3...0xDF).contains(byte)
            || (0x80...0xBF).contains(byte) && index > floor && (0xC3...0xDF).contains(text[index - 1])
    }

    // MARK: URL

    /// `http://`, `https://` or `www.` and everything up to white space, a quote, a bracket or CJK punctuation, without
    /// the punctuation of the sentence around it.
    func url(at index: Int) -> Range<Int>? {
        var start: Int
        switch text[index] | 0x20 {
        case UInt8(ascii: "h"): start = has("https://", at: index) ? 8 : has("http://", at: index) ? 7 : 0
        case UInt8(ascii: "w"): start = has("www.", at: index) ? 4 : 0
        default: return nil
        }
        guard start > 0,
            byte(index + start).isAlphanumeric || byte(index + start) >= 0xC3 || byte(index + start) == 0x5B
        else { return nil }
        start += index
        var end = start
        while end < text.count, text[end] > 0x20, !text[end].isOne(of: "\"<>`{}|\\^"), !isForeignMark(end) { end += 1 }
        var unopened = text[start..<end].reduce(0) {
            $0 + ($1 == UInt8(ascii: ")") ? 1 : $1 == UInt8(ascii: "(") ? -1 : 0)
        }
        while end > start, text[end - 1].isOne(of: ".,;:!?'*)") {
            if text[end - 1] == UInt8(ascii: ")") {
                if unopened <= 0 { break }
                unopened -= 1
            }
            end -= 1
        }
        return end > start ? index..<end : nil
    }

    /// Punctuation of the blocks U+2000, U+3000 and U+FF00.
    private func isForeignMark(_ index: Int) -> Bool {
        switch text[index] {
        case 0xE2, 0xE3: byte(index + 1) == 0x80
        case 0xEF: byte(index + 1) == 0xBC
        default: text[index] == 0x7F
        }
    }

    // MARK: IP

    /// Four numbers up to 255 with dots between, unless a word before calls them a version.
    func ip4(at index: Int) -> Range<Int>? {
        guard beginsNumber(at: index, after: "."), let end = ip4End(from: index), endsNumber(at: end, before: ".")
        else {
            return nil
        }
        let word = byte(index - 1) == 0x20 ? index - 1 : index
        let isVersion = ["version", "ver", "release", "firmware", "build", "section", "chapter"].contains {
            (name: StaticString) in
            has(name, before: word)
        }
        return isVersion ? nil : index..<end
    }

    private func ip4End(from index: Int) -> Int? {
        var position = index
        for part in 0..<4 {
            if part > 0 {
                guard byte(position) == UInt8(ascii: ".") else { return nil }
                position += 1
            }
            let start = position
            var value = 0
            while position - start < 3, byte(position).isDigit {
                value = value * 10 + Int(byte(position) - 0x30)
                position += 1
            }
            guard position > start, value <= 255 else { return nil }
        }
        return position
    }

    /// Eight groups of hexadecimal digits, or fewer with one `::` and a digit somewhere (RFC 4291, section 2.2).
    func ip6(at index: Int) -> Range<Int>? {
        guard !byte(index - 1).isWord, !byte(index - 1).isOne(of: ":.") else { return nil }
        var position = index
        var groups = 0
        var hasGap = false
        var hasDigit = false
        if byte(position) == UInt8(ascii: ":") {
            guard byte(position + 1) == UInt8(ascii: ":") else { return nil }
            hasGap = true
            position += 2
        }
        while groups < 8 {
            let start = position
            while position - start < 5, byte(position).isHex {
                hasDigit = hasDigit || byte(position).isDigit
                position += 1
            }
            if byte(position) == UInt8(ascii: "."), groups == 6 || hasGap, let end = ip4End(from: start) {
                position = end
                groups += 2
                break
            }
            guard position > start, position - start <= 4 else { break }
            groups += 1
            guard byte(position) == UInt8(ascii: ":") else { break }
            if byte(position + 1) == UInt8(ascii: ":") {
                if hasGap { break }
                hasGap = true
                position += 2
            } else if groups < 8, byte(position + 1).isHex {
                position += 1
            } else {
                break
            }
        }
        guard groups > 0, hasGap ? groups < 8 && hasDigit : groups == 8 else { return nil }
        return endsNumber(at: position, before: ":.") ? index..<position : nil
    }
}
