import Testing
import Wire

@Suite struct LineFramerTests {
    @Test(arguments: [
        ("", []), ("\n", [""]), ("a\n", ["a"]), ("a\nb\n", ["a", "b"]), ("a\r\nb\r\n", ["a", "b"]), ("\r\n", [""]),
        ("\r\r\n", ["\r"]), ("a\rb\n", ["a\rb"]), ("\n\n\n", ["", "", ""]), ("abc", []), ("12345678\n", ["12345678"]),
        ("12345678\r\n", ["12345678"]), ("123456789\nx\n", ["!", "x"]), ("123456789\r\nx\n", ["!", "x"]),
        ("1234567890123456789012345\nx\n", ["!", "x"]), ("12345678\r\r\nx\n", ["!", "x"]), ("1234567890", ["!"]),
        ("123456789012345\n1234567890\ny\n", ["!", "!", "y"]), ("12345678\r", []),
    ])
    func givesTheSameLinesForAnyChunks(text: String, lines: [String]) {
        let bytes = Array(text.utf8)
        for size in 1...max(1, bytes.count) {
            #expect(frames(bytes, chunks: [Int](repeating: size, count: bytes.count / size + 1), limit: 8) == lines)
        }
    }

    @Test(arguments: 0..<20)
    func givesTheSameLinesForRandomChunks(seed: UInt64) {
        var generator = SeededGenerator(state: seed)
        let alphabet = Array("abc\n\r".utf8)
        let bytes = (0..<2_000).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
        let whole = frames(bytes, chunks: [bytes.count], limit: 6)
        for _ in 0..<10 {
            let chunks = (0..<bytes.count).map { _ in Int.random(in: 0...50, using: &generator) } + [bytes.count]
            #expect(frames(bytes, chunks: chunks, limit: 6) == whole)
        }
    }

    @Test func tellsAnUnfinishedLineAndGivesItAtTheEnd() {
        var framer = LineFramer(limit: 10)
        #expect(!framer.hasPartialLine)
        append("a\nbc", to: &framer)
        #expect(framer.next() == .line(Array("a".utf8)))
        #expect(framer.next() == nil)
        #expect(framer.hasPartialLine)
        #expect(framer.finish() == Array("bc".utf8))
        #expect(!framer.hasPartialLine)
        #expect(framer.finish() == nil)
    }

    @Test func anOverlongRestIsNoLine() {
        var framer = LineFramer(limit: 3)
        append("abcdefgh", to: &framer)
        #expect(framer.next() == .tooLong)
        #expect(framer.next() == nil)
        #expect(framer.hasPartialLine)
        #expect(framer.finish() == nil)
    }

    @Test func takesAMegabyteByteByByte() {
        var framer = LineFramer(limit: 1 << 20)
        var lines = 0
        for index in 0..<(1 << 20) {
            withUnsafeBytes(of: index % 1_000 == 999 || index > 1_040_000 ? UInt8(ascii: "\n") : UInt8(ascii: "x")) {
                framer.append($0)
            }
            while framer.next() != nil { lines += 1 }
        }
        #expect(lines == 1_040 + (1 << 20) - 1_040_001)
    }

    private func frames(_ bytes: [UInt8], chunks: [Int], limit: Int) -> [String] {
        var framer = LineFramer(limit: limit)
        var rest = bytes[...]
        var lines: [String] = []
        for chunk in chunks {
            Array(rest.prefix(chunk)).withUnsafeBytes { framer.append($0) }
            rest = rest.dropFirst(chunk)
            while let frame = framer.next() {
                switch frame {
                case .line(let line): lines.append(String(decoding: line, as: UTF8.self))
                case .tooLong: lines.append("!")
                }
            }
        }
        return lines
    }

    private func append(_ text: String, to framer: inout LineFramer) {
        Array(text.utf8).withUnsafeBytes { framer.append($0) }
    }
}
