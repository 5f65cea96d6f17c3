import Terminal
import Testing
import Wire

@Suite struct `What is printable` {
    /// Every scalar that moves a cursor, recolours, retitles, reorders or hides.
    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB,
            0xE0000...0xE007F:
            true
        default: false
        }
    }

    @Test func `is every scalar but the harmful ones, which are spelled out`() {
        // All of the basic plane, and the one of the tags.
        let values: [ClosedRange<UInt32>] = [0...0xFFFF, 0xE0000...0xE0FFF]
        for scalar in values.joined().lazy.compactMap(Unicode.Scalar.init) {
            let text = "a\(Character(scalar))b"
            let line = Printable.line(text)
            guard line.unicodeScalars.contains(where: Self.isHarmful) || (line == text) == Self.isHarmful(scalar) else {
                continue
            }
            Issue.record("\(scalar.value)")
        }
    }

    @Test(arguments: [
        ("a\nb\tc\r\u{1B}[31m", "a\\nb\\tc\\r\\u{1b}[31m", "a\nb    c\\r\\u{1b}[31m"),
        ("plain ü", "plain ü", "plain ü"),
        ("user\u{202E}nimda", "user\\u{202e}nimda", "user\\u{202e}nimda"),
    ])
    func `keeps lines only where there may be some`(_ text: String, _ line: String, _ lines: String) {
        #expect(Printable.line(text) == line)
        #expect(Printable.lines(text) == lines)
    }

    @Test func `keeps the spacing of what a program reads, and nothing else that acts on a terminal`() {
        let text = "a\tb\r\nc\rd\u{1B}[2J\u{9B}m\u{202E}\n"
        #expect(Printable.content(text) == "a\tb\r\nc\rd\\u{1b}[2J\\u{9b}m\\u{202e}\n")
    }

    private static let cells: [(JSON, String)] = [
        (.null, "–"), (true, "yes"), (false, "no"), (7, "7"), (0.123456, "0.1235"), ("a\u{1B}", "a\\u{1b}"),
        (["a", 1], "a, 1"), (["k\n": 1, "l": ["m": nil]], "k\\n 1, l m –"),
    ]

    @Test(arguments: cells)
    func `is any value in a cell`(_ value: JSON, _ cell: String) { #expect(value.cell == cell) }

    @Test func `are the members of an answer`() {
        let answer: JSON = ["at": "2026-11-23T13:20:01.123456Z", "share": 0.987, "name": "a\u{7}", "n": 3]
        #expect(answer.moment("at") == "2026-11-23 13:20:01")
        #expect(answer.share("share") == "0.99")
        #expect(answer.text("name") == "a\\u{7}")
        #expect(answer.text("n") == nil && answer.cell("n") == "3")
        #expect(answer.moment("none") == "–" && answer.share("none") == "–" && answer.cell("none") == "–")
    }
}
