import Testing

@testable import Terminal

@Suite struct `A table` {
    private let plain = Style(isColoured: false)

    @Test func `has its columns two blanks apart and no blanks at the end of a line`() {
        var table = Table(.left("NAME"), .right("ROWS"), .text("WHAT"))
        table.add("a", "7", "")
        table.add("longer", "1000", "more of it")
        #expect(table.text(within: nil, style: plain) == "NAME    ROWS  WHAT\na          7\nlonger  1000  more of it\n")
    }

    @Test func `has no line of titles where there are none, and no rows where none came`() {
        var table = Table(.left(""), .right(""))
        #expect(table.isEmpty)
        #expect(table.text(within: nil, style: plain).isEmpty)
        table.add("accuracy", "97.00 %")
        table.add("rows", "60")
        #expect(!table.isEmpty)
        #expect(table.text(within: nil, style: plain) == "accuracy  97.00 %\nrows           60\n")
    }

    @Test(arguments: 20...59)
    func `gives room in the column that may shrink`(limit: Int) {
        var table = Table(.left("ID"), .text("TEXT"), .right("SURE"))
        table.add("1", String(repeating: "long ", count: 10), "0.97")
        table.add("2", String(repeating: "日本", count: 10), "0.50")
        let lines = table.text(within: limit, style: plain).split(separator: "\n")
        #expect(lines.count == 3)
        for line in lines { #expect(String(line).columns <= limit, "\(line)") }
        #expect(lines[1].contains("…") && lines[2].contains("…") == (limit < 50))
    }

    @Test func `leaves the columns that may not shrink as they are, and eight columns of the other`() {
        var table = Table(.left("A"), .text("B"))
        table.add(String(repeating: "a", count: 30), String(repeating: "b", count: 30))
        let line = String(repeating: "a", count: 30) + "  bbbbbbb…\n"
        #expect(table.text(within: 10, style: plain).hasSuffix(line))
    }

    @Test func `is coloured after it was laid out`() {
        var table = Table(.left("A"), .left("B"))
        table.add("x", "y")
        let style = Style(isColoured: true)
        let text = table.text(within: nil, style: style) { _, column, text in column == 0 ? style.red(text) : text }
        #expect(text == "\u{1B}[2mA\u{1B}[0m  \u{1B}[2mB\u{1B}[0m\n\u{1B}[31mx\u{1B}[0m  y\n")
    }

    @Test func `of facts has the values below each other`() {
        #expect(facts([("one", "1"), ("three", "3"), ("日本", "x")], plain) == "one    1\nthree  3\n日本   x\n")
        #expect(facts([], plain).isEmpty)
    }
}

@Suite struct `A text's width` {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("ü", 1), ("e\u{301}", 1), ("日本", 4), ("한국", 4), ("👩‍👩‍👧", 2), ("\u{200B}", 0), ("…", 1),
        ("█", 1),
    ])
    func `is counted in columns`(_ text: String, _ columns: Int) { #expect(text.columns == columns) }

    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語", 6, "日本語"), ("日本語", 5, "日本…"), ("日本語", 4, "日…"), ("abc", 1, "…"),
        ("", 1, ""),
    ])
    func `is cut with an ellipsis`(_ text: String, _ limit: Int, _ short: String) {
        #expect(text.shortened(to: limit) == short)
        #expect(text.shortened(to: limit).columns <= limit)
    }

    @Test func `is filled up on either side, and never cut by that`() {
        #expect("日".padded(to: 4) == "日  ")
        #expect("日".padded(to: 4, right: true) == "  日")
        #expect("abc".padded(to: 2) == "abc")
    }
}

@Suite struct `A number` {
    @Test(arguments: [
        (0.0, 2, "0.00"), (1.005, 0, "1"), (0.5, 0, "1"), (-0.25, 1, "-0.3"), (-0.001, 2, "0.00"),
        (12_345.678, 1, "12345.7"),
        (0.05, 3, "0.050"), (.infinity, 2, "inf"), (1e300, 2, "1e+300"),
    ])
    func `has as many places as asked for`(_ value: Double, _ places: Int, _ text: String) {
        #expect(value.fixed(places) == text)
    }

    @Test(arguments: [(1.0, "1"), (0.5, "0.5"), (0.12345, "0.1235"), (100.0, "100"), (-2.50, "-2.5"), (0.00001, "0")])
    func `has no places that say nothing`(_ value: Double, _ text: String) { #expect(value.rounded(to: 4) == text) }

    @Test func `can show its sign`() {
        #expect((0.5).signed(2) == "+0.50")
        #expect((-0.5).signed(2) == "-0.50")
    }

    @Test(arguments: [
        (-5, "0 s"), (0, "0 s"), (1, "1 s"), (59_000, "59 s"), (60_000, "1 min 0 s"), (3_599_001, "1 h 0 min"),
        (90_000_000, "1 d 1 h"),
    ])
    func `of milliseconds is said in words`(_ milliseconds: Int, _ text: String) {
        #expect(duration(milliseconds: milliseconds) == text)
    }
}
