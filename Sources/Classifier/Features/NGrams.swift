import Statistics
import Text

/// The n-grams of one text as 64-bit hashes of their bytes.
///
/// Hashes instead of strings make a prediction free of allocations. Two n-grams of a data set share a hash with a
/// probability of about 10^-9; then they are one feature, and nothing else happens.
struct NGrams: Sendable {
    /// The place of an n-gram. Word n-grams start at a word index (−1 is `<s>`), character n-grams at a scalar of a padded
    /// unit.
    enum Origin {
        case words(start: Int, order: Int)
        case pair(first: Int, second: Int)
        case characters(unit: Range<Int>, start: Int, order: Int)

        var isPair: Bool {
            if case .pair = self { true } else { false }
        }
    }

    private static let basis: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let prime: UInt64 = 0x100_0000_01b3
    private static let wordSeed: UInt64 = 0x7764_0000_0000_0000
    private static let pairSeed: UInt64 = 0x7072_0000_0000_0000
    private static let characterSeed: UInt64 = 0x6368_0000_0000_0000
    private static let startHash = SplitMix64.mix(1)
    private static let endHash = SplitMix64.mix(2)

    let words: ClosedRange<Int>?
    let boundaries: Bool
    let pairs: ClosedRange<Int>?
    let characters: ClosedRange<Int>?
    let unit: FeatureSettings.CharacterUnit

    init(_ settings: FeatureSettings) {
        words = settings.words
        boundaries = settings.boundaries
        pairs = settings.pairs
        characters = settings.characters
        unit = settings.characterUnit
    }

    /// The hash of a word n-gram that is given as its words.
    static func hash(words: [String]) -> UInt64 {
        var state: UInt64 = 0
        for word in words {
            var hash = basis
            for byte in word.utf8 { hash = step(hash, byte) }
            state = extend(state, by: hash)
        }
        return finish(state, seed: wordSeed, order: words.count)
    }

    /// Calls `body` with the hash of each word n-gram and each pair of words, once for each occurrence. `hashes` is a
    /// buffer.
    @inline(__always)
    func forEachWord(
        in text: borrowing TokenizedText,
        hashes: inout [UInt64],
        _ body: (UInt64, Origin) -> Void
    ) {
        guard let words, !text.words.isEmpty else { return }
        let boundary = boundaries && words.upperBound > 1
        hashes.removeAll(keepingCapacity: true)
        if boundary { hashes.append(Self.startHash) }
        text.bytes.withUnsafeBufferPointer { bytes in
            for word in text.words {
                var hash = Self.basis
                for i in word { hash = Self.step(hash, bytes[i]) }
                hashes.append(hash)
            }
        }
        if boundary { hashes.append(Self.endHash) }
        let shift = boundary ? -1 : 0
        for start in 0..<hashes.count {
            var state: UInt64 = 0
            for order in 1...words.upperBound {
                let end = start + order
                if end > hashes.count { break }
                state = Self.extend(state, by: hashes[end - 1])
                if order < words.lowerBound { continue }
                // A boundary alone is in every text and says nothing.
                if boundary, order == 1, start == 0 || end == hashes.count { continue }
                body(
                    Self.finish(state, seed: Self.wordSeed, order: order),
                    .words(start: start + shift, order: order)
                )
            }
        }
        guard let pairs else { return }
        for first in -shift..<hashes.count + shift {
            // Only distances whose second word lies in the text.
            var second = first + pairs.lowerBound
            let end = min(first + pairs.upperBound, hashes.count + shift - 1)
            while second <= end {
                let (a, b) = (hashes[first], hashes[second])
                let state = Self.extend(Self.extend(0, by: min(a, b)), by: max(a, b))
                body(
                    Self.finish(state, seed: Self.pairSeed, order: 0),
                    .pair(first: first + shift, second: second + shift)
                )
                second += 1
            }
        }
    }

    /// Calls `body` with the hash of each character n-gram, once for each occurrence.
    @inline(__always)
    func forEachCharacters(in text: borrowing TokenizedText, _ body: (UInt64, Origin) -> Void) {
        guard let characters else { return }
        text.bytes.withUnsafeBufferPointer { bytes in
            func visit(_ units: [Range<Int>]) {
                for range in units {
                    let length = (text.isASCII ? range.count : Self.scalars(bytes, range)) + 2
                    // A unit shorter than the shortest order makes one n-gram, which is the whole unit.
                    let least = min(characters.lowerBound, length)
                    // The byte at which the n-gram begins. The space in front of the unit has no byte in the text.
                    var first = range.lowerBound
                    for start in 0...(length - least) {
                        let end = min(start + characters.upperBound, length)
                        var hash = Self.basis
                        var next = first
                        for position in start..<end {
                            if position == 0 || position == length - 1 {
                                hash = Self.step(hash, 0x20)
                            } else {
                                let width = text.isASCII ? 1 : Self.width(bytes[next])
                                for i in next..<next + width { hash = Self.step(hash, bytes[i]) }
                                next += width
                            }
                            let order = position - start + 1
                            if order < least { continue }
                            body(
                                Self.finish(hash, seed: Self.characterSeed, order: 0),
                                .characters(unit: range, start: start, order: order)
                            )
                        }
                        if start > 0, start < length - 1 { first += text.isASCII ? 1 : Self.width(bytes[first]) }
                    }
                }
            }
            switch unit {
            case .word: visit(text.words)
            case .chunk: visit(text.chunks)
            }
        }
    }

    /// The number of bytes of the scalar that begins with `byte`, in valid UTF-8.
    @inline(__always)
    private static func width(_ byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4
    }

    private static func scalars(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int {
        // All but continuation bytes begin a scalar.
        range.reduce(0) { $0 + (bytes[$1] & 0xc0 == 0x80 ? 0 : 1) }
    }

    /// An n-gram as it is shown to people: words as they are, characters between vertical bars.
    func name(of origin: Origin, in text: TokenizedText) -> String {
        switch origin {
        case .words(let start, let order):
            let parts = (start..<start + order).map { index in
                if index < 0 { return "<s>" }
                if index >= text.words.count { return "</s>" }
                return String(decoding: text.bytes[text.words[index]], as: UTF8.self)
            }
            return parts.joined(separator: " ")
        case .pair(let first, let second):
            let words = [first, second].map { String(decoding: text.bytes[text.words[$0]], as: UTF8.self) }
            return words.joined(separator: " … ")
        case .characters(let unit, let start, let order):
            let padded = " " + String(decoding: text.bytes[unit], as: UTF8.self) + " "
            let scalars = padded.unicodeScalars.dropFirst(start).prefix(order)
            return "|" + String(String.UnicodeScalarView(scalars)) + "|"
        }
    }

    /// One step of Fowler, Noll and Vo's hash 1a: one pass gives the hashes of all prefixes.
    @inline(__always)
    private static func step(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* prime
    }

    @inline(__always)
    private static func extend(_ state: UInt64, by word: UInt64) -> UInt64 {
        state &* 0x9e37_79b9_7f4a_7c15 &+ word
    }

    @inline(__always)
    private static func finish(_ state: UInt64, seed: UInt64, order: Int) -> UInt64 {
        // 0 marks free places in tables.
        max(1, SplitMix64.mix(state ^ (seed &+ UInt64(truncatingIfNeeded: order))))
    }
}
