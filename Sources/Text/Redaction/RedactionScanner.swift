/// One pass from left to right that copies a text and replaces the personal data that the files beside this one recognise.
///
/// A match begins where a run of letters and digits begins, or at one of `+ ( : =`; runs that match nothing are skipped
/// whole. Scanners that look far ahead remember how far they looked (``atomEnd``, ``runEnd``), and the others look only a
/// fixed distance ahead, so that no byte is read more than a fixed number of times.
struct RedactionScanner {
    enum Kind {
        case email, phone, card, iban, address, url, secret

        var placeholder: StaticString {
            switch self {
            case .email: "<email>"
            case .phone: "<phone>"
            case .card: "<card>"
            case .iban: "<iban>"
            case .address: "<ip>"
            case .url: "<url>"
            case .secret: "<secret>"
            }
        }
    }

    let text: UnsafeBufferPointer<UInt8>
    /// What the text is a folded form of, and where each of its bytes stood there; nil if it is the text itself.
    private let written: (text: UnsafeBufferPointer<UInt8>, places: [Int])?
    /// The end of the last match. Bytes before it are no context for the next one.
    private(set) var floor = 0
    /// The end of the run that was last tried as the local part of an e-mail address.
    var atomEnd = 0
    /// The end of the run that was last tried as a token.
    var runEnd = 0
    /// Whether the text contains an `@`, and a `:`, at all.
    let hasAt: Bool
    private let hasColon: Bool
    private var output: [UInt8] = []

    /// Borrows the buffer `output` until ``finish(_:)`` gives it back.
    init(
        _ text: UnsafeBufferPointer<UInt8>,
        written: (text: UnsafeBufferPointer<UInt8>, places: [Int])? = nil,
        output: inout [UInt8]
    ) {
        (self.text, self.written) = (text, written)
        hasAt = text.contains(UInt8(ascii: "@"))
        hasColon = text.contains(UInt8(ascii: ":"))
        output.removeAll(keepingCapacity: true)
        swap(&self.output, &output)
    }

    mutating func finish(_ output: inout [UInt8]) {
        swap(&self.output, &output)
    }

    /// - Returns: whether anything was replaced.
    mutating func run() -> Bool {
        var index = 0
        while index < text.count {
            if let (kind, range) = match(at: index) {
                copy(floor..<range.lowerBound)
                kind.placeholder.withUTF8Buffer { output.append(contentsOf: $0) }
                floor = range.upperBound
                index = floor
            } else if text[index].isAlphanumeric {
                repeat { index += 1 } while byte(index).isAlphanumeric
            } else {
                index += 1
            }
        }
        guard floor > 0 else { return false }
        copy(floor..<text.count)
        return true
    }

    private mutating func copy(_ range: Range<Int>) {
        if let written {
            output.append(contentsOf: written.text[written.places[range.lowerBound]..<written.places[range.upperBound]])
        } else {
            output.append(contentsOf: text[range])
        }
    }

    private mutating func match(at index: Int) -> (Kind, Range<Int>)? {
        let first = text[index]
        if first.isLetter { return matchLetter(at: index) }
        if first.isDigit { return matchDigit(at: index) }
        switch first {
        case UInt8(ascii: "+"), UInt8(ascii: "("): return phone(at: index).map { (.phone, $0) }
        case UInt8(ascii: ":"):
            return ip6(at: index).map { (.address, $0) } ?? labelled(at: index).map { (.secret, $0) }
        case UInt8(ascii: "="): return labelled(at: index).map { (.secret, $0) }
        case 0xC3...0xDF: return email(at: index).map { (.email, $0) }
        default: return nil
        }
    }

    private mutating func matchLetter(at index: Int) -> (Kind, Range<Int>)? {
        let first = text[index].lowered
        if let range = url(at: index) { return (.url, range) }
        if let range = email(at: index) { return (.email, range) }
        if let range = iban(at: index) { return (.iban, range) }
        if hasColon, first.isHex, let range = ip6(at: index) { return (.address, range) }
        if first == UInt8(ascii: "i") || first == UInt8(ascii: "w"), let range = labelled(at: index) {
            return (.secret, range)
        }
        return token(at: index).map { (.secret, $0) }
    }

    private mutating func matchDigit(at index: Int) -> (Kind, Range<Int>)? {
        if let range = email(at: index) { return (.email, range) }
        if let range = ip4(at: index) ?? (hasColon ? ip6(at: index) : nil) { return (.address, range) }
        if let range = card(at: index) { return (.card, range) }
        if let range = phone(at: index) { return (.phone, range) }
        if let range = token(at: index) { return (.secret, range) }
        return nil
    }
}

// MARK: Looking at the text

extension RedactionScanner {
    /// The byte at `index`; 0 outside of the text, `>` where the text was replaced.
    func byte(_ index: Int) -> UInt8 {
        index < floor ? (index < 0 ? 0 : UInt8(ascii: ">")) : index < text.count ? text[index] : 0
    }

    /// Whether a number may begin here: not inside a word, nor after the point, comma or dash of a longer number.
    func beginsNumber(at index: Int, after marks: StaticString) -> Bool {
        let before = byte(index - 1)
        return !before.isWord && !(byte(index - 2).isDigit && before.isOne(of: marks))
    }

    /// Whether a number may end here: not inside a word, nor before the point, comma or dash of a longer number.
    func endsNumber(at index: Int, before marks: StaticString) -> Bool {
        let after = byte(index)
        return !after.isWord && !(byte(index + 1).isDigit && after.isOne(of: marks))
    }

    /// Whether `word`, given in lower case, stands at `index`.
    func has(_ word: StaticString, at index: Int) -> Bool {
        word.withUTF8Buffer { word in
            index >= floor && index + word.count <= text.count
                && word.indices.allSatisfy { text[index + $0].lowered == word[$0] }
        }
    }

    /// Whether `word`, given in lower case, ends at `end`.
    func has(_ word: StaticString, before end: Int) -> Bool {
        has(word, at: end - word.utf8CodeUnitCount)
    }

    /// The end of the run of bytes from `index` on that satisfy `condition`.
    func skip(from index: Int, while condition: (UInt8) -> Bool) -> Int {
        var index = index
        while index < text.count, condition(text[index]) { index += 1 }
        return index
    }
}

// The classes of ASCII bytes; other bytes belong to none.
extension UInt8 {
    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isUpper: Bool { self &- 0x41 < 26 }
    var isAlphanumeric: Bool { isDigit || isLetter }
    var isWord: Bool { isAlphanumeric || self == UInt8(ascii: "_") }
    var isHex: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
    var lowered: UInt8 { isUpper ? self | 0x20 : self }

    func isOne(of bytes: StaticString) -> Bool {
        bytes.withUTF8Buffer { $0.contains(self) }
    }
}
