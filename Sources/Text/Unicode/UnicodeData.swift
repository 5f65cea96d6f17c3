/// The properties of all scalars, decoded once from ``UnicodeTables`` into flat two-stage tables.
///
/// The tables are the package's own and not the standard library's, since a model must read a text in the same way
/// whatever toolchain and Unicode version it was built with.
final class UnicodeData: Sendable {
    static let shared = UnicodeData()

    /// The flags of a scalar, above its combining class in the low 8 bits.
    struct Properties {
        static let combiningClass: UInt16 = 0xFF
        static let word: UInt16 = 1 << 8
        static let space: UInt16 = 1 << 9
        /// Cased and not ignorable: such a scalar ends the search of the final sigma rule with yes.
        static let cased: UInt16 = 1 << 10
        static let caseIgnorable: UInt16 = 1 << 11
        /// Possibly the second half of a composition.
        static let second: UInt16 = 1 << 12
        static let folds: UInt16 = 1 << 13
        static let lowers: UInt16 = 1 << 14
        /// A combining mark: Unicode's `\p{M}`.
        static let mark: UInt16 = 1 << 15
    }

    /// The lowest bit of the combining class in the scalars of ``folds``.
    static let classShift: UInt32 = 24
    static let scalarMask: UInt32 = 0x1F_FFFF

    let folds: ScalarMapping
    let lowers: ScalarMapping
    private let pages: [UInt16]
    private let properties: [UInt16]
    private let pairs: [Pair]
    /// A hash table by linear probing. A slot holds one more than an index in ``pairs``, or 0 if it is free.
    private let slots: [UInt16]

    private struct Pair {
        var (first, second, composite): (UInt32, UInt32, UInt32)
    }

    private init() {
        (pages, properties) = Self.decodeProperties()
        lowers = ScalarMapping(decoding: UnicodeTables.lowers) { $0 }
        let (pages, properties) = (pages, properties)
        folds = ScalarMapping(decoding: UnicodeTables.folds) { scalar in
            let found = properties[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
            return scalar | UInt32(found & Properties.combiningClass) << Self.classShift
        }
        (pairs, slots) = Self.decodePairs()
    }

    /// The flags and the combining class of a scalar value (at most U+10FFFF).
    func properties(of scalar: UInt32) -> UInt16 {
        properties[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
    }

    /// The primary composite of two scalars, if there is one (UAX #15), among those that occur in folded text.
    func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if let syllable = Hangul.composite(first, second) { return syllable }
        var slot = Self.slot(first, second)
        while slots[slot] != 0 {
            let pair = pairs[Int(slots[slot]) - 1]
            if pair.first == first, pair.second == second { return pair.composite }
            slot = (slot + 1) % Self.slotCount
        }
        return nil
    }

    /// Turns runs into pages of 256 scalars. Pages that lie within one run are shared by all such pages of its value.
    private static func decodeProperties() -> (pages: [UInt16], properties: [UInt16]) {
        UnicodeTables.properties.withUTF8Buffer { text in
            var numbers = NumberReader(text)
            let values = (0..<numbers.read()).map { _ in UInt16(truncatingIfNeeded: numbers.read()) }
            var pages: [UInt16] = []
            var properties: [UInt16] = []
            var uniform = [UInt16?](repeating: nil, count: values.count)
            pages.reserveCapacity(0x1100)
            properties.reserveCapacity(1 << 16)
            var filled = 0
            while !numbers.isAtEnd {
                var length = Int(numbers.read()) + 1
                let index = Int(numbers.read())
                while length > 0 {
                    if filled == 0, length >= 256 {
                        let page = uniform[index] ?? UInt16(properties.count >> 8)
                        if uniform[index] == nil {
                            uniform[index] = page
                            properties.append(contentsOf: repeatElement(values[index], count: 256))
                        }
                        pages.append(page)
                        length -= 256
                        continue
                    }
                    if filled == 0 { pages.append(UInt16(properties.count >> 8)) }
                    let part = min(length, 256 - filled)
                    properties.append(contentsOf: repeatElement(values[index], count: part))
                    filled = (filled + part) & 0xFF
                    length -= part
                }
            }
            return (pages, properties)
        }
    }

    private static let slotCount = 2048

    private static func slot(_ first: UInt32, _ second: UInt32) -> Int {
        Int((first &* 0x9E37_79B1 ^ second &* 0x85EB_CA6B) >> 21)
    }

    private static func decodePairs() -> (pairs: [Pair], slots: [UInt16]) {
        UnicodeTables.pairs.withUTF8Buffer { text in
            var numbers = NumberReader(text)
            var (first, second, composite): (Int32, Int32, Int32) = (0, 0, 0)
            var pairs: [Pair] = []
            var slots = [UInt16](repeating: 0, count: slotCount)
            while !numbers.isAtEnd {
                first += numbers.readSigned()
                second += numbers.readSigned()
                composite += numbers.readSigned()
                pairs.append(Pair(first: UInt32(first), second: UInt32(second), composite: UInt32(composite)))
                var slot = slot(UInt32(first), UInt32(second))
                while slots[slot] != 0 { slot = (slot + 1) % slotCount }
                slots[slot] = UInt16(pairs.count)
            }
            return (pairs, slots)
        }
    }
}

/// Maps some scalars to one or more others.
struct ScalarMapping: Sendable {
    private var pages = [UInt16](repeating: 0, count: 0x1100)
    private var entries = [UInt16](repeating: 0, count: 256)
    private var starts: [UInt32] = [0, 0]
    private(set) var scalars: [UInt32] = []

    /// - Parameter finish: turns a scalar of a mapping's result into the number to be stored for it.
    init(decoding text: StaticString, finish: (UInt32) -> UInt32) {
        text.withUTF8Buffer { text in
            var numbers = NumberReader(text)
            var key: Int32 = -1
            var offset: Int32 = 0
            while !numbers.isAtEnd {
                key += Int32(numbers.read()) + 1
                let length = numbers.read()
                var scalar = key + offset + numbers.readSigned()
                offset = scalar - key
                scalars.append(finish(UInt32(scalar)))
                for _ in 1..<length {
                    scalar += numbers.readSigned()
                    scalars.append(finish(UInt32(scalar)))
                }
                let page = Int(key >> 8)
                if pages[page] == 0 {
                    pages[page] = UInt16(entries.count >> 8)
                    entries.append(contentsOf: repeatElement(0, count: 256))
                }
                entries[Int(pages[page]) << 8 | Int(key & 0xFF)] = UInt16(starts.count - 1)
                starts.append(UInt32(scalars.count))
            }
        }
    }

    /// The indices in ``scalars`` of the scalars that `scalar` becomes; empty if it stays as it is.
    func range(of scalar: UInt32) -> Range<Int> {
        let entry = Int(entries[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)])
        return Int(starts[entry])..<Int(starts[entry + 1])
    }
}

/// The 11,172 Hangul syllables, which are computed and stand in no table (Unicode, chapter 3.12).
enum Hangul {
    static let firstSyllable: UInt32 = 0xAC00
    private static let (leading, vowel, trailing): (UInt32, UInt32, UInt32) = (0x1100, 0x1161, 0x11A7)

    static func isSyllable(_ scalar: UInt32) -> Bool {
        scalar &- firstSyllable < 11172
    }

    /// The two or three letters of a syllable; the third is nil if there is none.
    static func letters(_ syllable: UInt32) -> (UInt32, UInt32, UInt32?) {
        let index = syllable - firstSyllable
        let last = index % 28
        return (leading + index / 588, vowel + index % 588 / 28, last == 0 ? nil : trailing + last)
    }

    static func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if first &- leading < 19, second &- vowel < 21 {
            return firstSyllable + ((first - leading) * 21 + second - vowel) * 28
        }
        if isSyllable(first), (first - firstSyllable) % 28 == 0, second > trailing, second - trailing < 28 {
            return first + second - trailing
        }
        return nil
    }
}

/// Reads the numbers that `encode` in scripts/unicode-tables.py wrote: a last digit of base 60, and marked digits of base
/// 32 in front of it.
struct NumberReader {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(_ text: UnsafeBufferPointer<UInt8>) {
        self.text = text
    }

    var isAtEnd: Bool { position >= text.count }

    /// The next number; 0 at the end.
    mutating func read() -> UInt32 {
        var high: UInt32 = 0
        while position < text.count {
            let byte = UInt32(text[position])
            position += 1
            // The alphabet is printable ASCII without space, quotation mark and backslash.
            let digit = byte - (byte < 0x22 ? 0x21 : byte < 0x5C ? 0x22 : 0x23)
            if digit < 60 { return high * 60 + digit }
            high = high * 32 + digit - 60
        }
        return high
    }

    mutating func readSigned() -> Int32 {
        let number = read()
        return number & 1 == 0 ? Int32(number >> 1) : -Int32(number >> 1) - 1
    }
}
