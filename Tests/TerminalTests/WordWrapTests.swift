import Terminal
import Testing

@Suite struct WordWrapTests {
    @Test(arguments: [
        ("one two three", 8, "one two\nthree"), ("one two", 7, "one two"), ("one  two", 7, "one\ntwo"),
        ("a\nbb cc", 4, "a\nbb\ncc"), ("  - item one", 8, "  - item\none"), ("abcdefghij k", 4, "abcd\nefgh\nij k"),
        ("日本語の文", 6, "日本語\nの文"), ("tail \nx", 10, "tail\nx"), ("", 5, ""), ("one two three", nil, "one two three"),
    ])
    func `lines break between words`(_ text: String, _ limit: Int?, _ expected: String) {
        #expect(text.wrapped(to: limit) == expected)
    }

    @Test func `what comes in pieces is what comes at once, where words may still grow`() {
        let text = String(repeating: "somebody asked where the parcel is and got an answer ", count: 6)
        var wrap = WordWrap(to: 40)
        let pieces = text.map { wrap.take(String($0)) }.joined() + wrap.finish()
        #expect(pieces == text.wrapped(to: 40))
        #expect(pieces.split(separator: "\n").allSatisfy { $0.count <= 40 })
    }

    @Test func `a word far from the end of its line appears as it comes`() {
        var wrap = WordWrap(to: 80)
        #expect(wrap.take("Hel") == "Hel")
        #expect(wrap.take("lo wor") == "lo wor")
        #expect(wrap.finish().isEmpty)
    }

    @Test func `what stands before counts`() {
        #expect(" two three".wrapped(to: 12, after: 8) == " two\nthree")
    }
}
