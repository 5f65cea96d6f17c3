import Statistics
import Testing

@testable import Text

@Suite("Text follows Python's Unicode rules")
struct UnicodeTests {
    @Test func `every scalar folds, lowers and classifies as in Python`() {
        let unicode = UnicodeData.shared
        #expect(UnicodeGolden.version == UnicodeTables.version)
        var wrong: [String] = []
        for (block, golden) in UnicodeGolden.scalars.enumerated() {
            var digest = Digest()
            let start = UInt32(block) * UInt32(UnicodeGolden.blockSize)
            for scalar in start..<start + UInt32(UnicodeGolden.blockSize) where Unicode.Scalar(scalar) != nil {
                digest.add(fold([scalar]))
                digest.add(lower([scalar]))
                let properties = unicode.properties(of: scalar)
                digest.add(
                    (properties & UnicodeData.Properties.word != 0 ? 1 : 0)
                        + (properties & UnicodeData.Properties.space != 0 ? 2 : 0)
                )
            }
            if digest.value != golden { wrong.append(String(start, radix: 16)) }
        }
        #expect(wrong == [], "blocks that differ")
    }

    @Test func `combining marks are those of Python`() {
        let size = UInt32(UnicodeGolden.blockSize)
        let wrong = UnicodeGolden.marks.enumerated().filter { block, golden in
            var digest = Digest()
            for scalar in UInt32(block) * size..<UInt32(block + 1) * size {
                if UnicodeData.shared.properties(of: scalar) & UnicodeData.Properties.mark != 0 { digest.add(scalar) }
            }
            return digest.value != golden
        }
        #expect(wrong.map(\.offset) == [])
    }

    @Test func `whole strings fold and lower as in Python`() {
        var random = SplitMix64(seed: 42)
        for (group, golden) in UnicodeGolden.strings.enumerated() {
            var digest = Digest()
            for _ in 0..<UnicodeGolden.stringsPerGroup {
                var text: [UInt32] = []
                for _ in 0..<1 + random.next() % 12 {
                    let (low, high) = UnicodeGolden.ranges[Int(random.next() % UInt64(UnicodeGolden.ranges.count))]
                    text.append(low + UInt32(random.next() % UInt64(high - low)))
                }
                digest.add(fold(text))
                digest.add(lower(text))
            }
            #expect(digest.value == golden, "group \(group)")
        }
    }

    @Test(arguments: [
        ("Straße ẞ", "strasse ss"), ("İstanbul", "i\u{307}stanbul"), ("ﬁne ﬀ", "fine ff"), ("①②⑳", "1220"),
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"), ("e\u{301}", "é"), ("É", "é"), ("A\u{30A}", "å"), ("Å", "å"),
        ("q\u{307}\u{323}", "q\u{323}\u{307}"), ("한", "한"), ("\u{1112}\u{1161}\u{11AB}", "한"), ("ﾊﾞ", "バ"), ("㎏", "kg"),
        ("ΣΑΣ", "σασ"), ("α\u{345}\u{301}", "άι"), ("ᾼ", "αι"), ("ǅ", "dž"), ("K", "k"), ("ſ", "s"), ("ΐ", "ΐ"),
        ("ﷺ", "صلى الله عليه وسلم"), ("½", "1⁄2"), ("x²", "x2"), ("\u{0}", "\u{0}"), ("", ""), ("…", "..."),
        ("\u{1D400}\u{1D7D8}", "a0"), ("ཱི", "ཱི"), ("\u{344}", "\u{308}\u{301}"),
    ])
    func `well-known foldings`(text: String, folded: String) {
        // Compared by scalars: String's == would hide what composition did.
        #expect(fold(text.unicodeScalars.map(\.value)) == folded.unicodeScalars.map(\.value))
    }

    @Test(arguments: [
        ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("Σ", "σ"), ("ΑΣ. Β", "ας. β"), ("ΑΣ.Β", "ασ.β"), ("ΑΣ'Β", "ασ'β"), ("İ", "i\u{307}"),
        ("ẞ", "ß"),
        ("É ① Ｆ", "é ① ｆ"), ("ǅ", "ǆ"), ("Ω", "ω"),
    ])
    func `well-known lower cases`(text: String, lowered: String) {
        #expect(lower(text.unicodeScalars.map(\.value)) == lowered.unicodeScalars.map(\.value))
    }

    @Test func `folding twice is folding once`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<20_000 {
            let text = (0..<1 + random.next() % 10).compactMap { _ in
                Unicode.Scalar(UInt32(random.next() % (random.next() % 4 == 0 ? 0x110000 : 0x3000)))?.value
            }
            let once = fold(text)
            #expect(fold(once) == once)
        }
    }

    @Test func `thousands of marks on one letter are put in order`() {
        let marks: [UInt32] = [0x302, 0x323, 0x345, 0x5B0, 0x301]
        let text = [0x61] + (0..<20_000).map { marks[$0 % marks.count] }
        let folded = fold(text)
        // Below and above circumflex compose; iotas come last, and are letters now.
        #expect(folded.first == 0x1EAD)
        #expect(folded.suffix(4000).allSatisfy { $0 == 0x3B9 })
        #expect(folded.count == text.count - 2)
    }

    @Test func `any bytes decode as the standard library decodes them`() {
        var random = SplitMix64(seed: 3)
        let leads: [UInt8] = [
            0x41, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xA0, 0xED, 0x9F, 0xEF, 0xF0, 0x90, 0xF4, 0x8F, 0xF5, 0xFF,
        ]
        for _ in 0..<20_000 {
            let bytes = (0..<random.next() % 12).map { _ in
                random.next() % 3 == 0 ? UInt8(truncatingIfNeeded: random.next()) : leads[Int(random.next() % 17)]
            }
            var scalars: [UInt32] = []
            let isValid = bytes.withUnsafeBufferPointer { UTF8Text.decode($0, into: &scalars) }
            let expected = String(decoding: bytes, as: UTF8.self)
            #expect(scalars == expected.unicodeScalars.map(\.value))
            #expect(isValid == (String(validating: bytes, as: UTF8.self) != nil))
            var encoded: [UInt8] = []
            for scalar in scalars { UTF8Text.encode(scalar, into: &encoded) }
            #expect(encoded == Array(expected.utf8))
        }
    }
}

private func fold(_ scalars: [UInt32]) -> [UInt32] {
    var (result, scratch): ([UInt32], [UInt32]) = (scalars, [])
    CaseFolding.fold(&result, scratch: &scratch, .shared)
    return result
}

private func lower(_ scalars: [UInt32]) -> [UInt32] {
    var (result, scratch): ([UInt32], [UInt32]) = (scalars, [])
    Lowercasing.lower(&result, scratch: &scratch, .shared)
    return result
}

/// FNV-1a over 64-bit units, as the script that made the goldens.
private struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ unit: UInt32) {
        value = (value ^ UInt64(unit)) &* 0x100_0000_01B3
    }

    mutating func add(_ scalars: [UInt32]) {
        for scalar in scalars { add(scalar) }
        add(.max)
    }
}
