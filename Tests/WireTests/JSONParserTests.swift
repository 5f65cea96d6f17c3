import Testing
import Wire

/// What RFC 8259 allows, and what it reads as: the compact form of the value.
private let accepted: [(text: String, compact: String)] = [
    ("null", "null"), ("true", "true"), ("false", "false"), (" \t\r\n null \t\r\n", "null"),
    ("0", "0"), ("-0", "0"), ("1", "1"), ("-1", "-1"), ("10", "10"), ("123456789012345678", "123456789012345678"),
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    ("9007199254740993", "9007199254740993"), ("0.0", "0.0"), ("-0.0", "-0.0"), ("1.0", "1.0"), ("1.5", "1.5"),
    ("0.1", "0.1"), ("3.141592653589793", "3.141592653589793"), ("1e2", "100.0"), ("1E2", "100.0"),
    ("1e+2", "100.0"), ("1e-2", "0.01"), ("1.5e3", "1500.0"), ("0e1", "0.0"), ("0e+1", "0.0"), ("-0e-1", "-0.0"),
    ("20e1", "200.0"), ("0.000001", "1e-06"), ("1e22", "1e+22"), ("1e23", "1e+23"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"), ("5e-324", "5e-324"),
    ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    ("9007199254740993.0", "9007199254740992.0"), ("0.30000000000000004", "0.30000000000000004"),
    ("\"\"", "\"\""), ("\"a\"", "\"a\""), ("\"where is my parcel\"", "\"where is my parcel\""),
    ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""), ("\"\\u0041\"", "\"A\""),
    ("\"\\u00e9\"", "\"é\""), ("\"\\u20AC\"", "\"€\""), ("\"\\uD83D\\uDE00\"", "\"😀\""),
    ("\"\\ud83d\\ude00\"", "\"😀\""), ("\"\\uDBFF\\uDFFF\"", "\"\u{10FFFF}\""), ("\"\\u0000\"", "\"\\u0000\""),
    ("\"\\uFFFF\"", "\"\u{FFFF}\""), ("\"\\u002F\"", "\"/\""), ("\"é€😀\"", "\"é€😀\""), ("\"\u{7F}\"", "\"\\u007f\""),
    ("\"\u{2028}\u{2029}\"", "\"\\u2028\\u2029\""), ("\"\u{FEFF}\"", "\"\\ufeff\""), ("\"\\\\u0041\"", "\"\\\\u0041\""),
    ("\"12345678\\n\"", "\"12345678\\n\""), ("\"ab \\u00e9 cd\"", "\"ab é cd\""),
    ("[]", "[]"), ("[ ]", "[]"), ("[1]", "[1]"), ("[1,2]", "[1,2]"), (" [ 1 , 2 ] ", "[1,2]"),
    ("[[],[[]]]", "[[],[[]]]"), ("[null,true,1,\"\",{}]", "[null,true,1,\"\",{}]"), ("[1\n]", "[1]"),
    ("{}", "{}"), ("{ }", "{}"), ("{\"a\":1}", "{\"a\":1}"), ("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":2}"),
    ("{\"b\":1,\"a\":2}", "{\"b\":1,\"a\":2}"), (" { \"a\" : { \"b\" : [ ] } } ", "{\"a\":{\"b\":[]}}"),
    ("{\"\":0}", "{\"\":0}"), ("{\"foo\\u0000bar\":42}", "{\"foo\\u0000bar\":42}"),
    ("{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}"), ("{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":{\"a\":{\"a\":1}}}"),
    ("[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"a\":2}]"),
    // The same text for Swift, not the same bytes: two names.
    ("{\"\\u00e9\":1,\"e\\u0301\":2}", "{\"é\":1,\"e\u{301}\":2}"),
]

/// What is no JSON: -32700.
private let refused: [String] = [
    "", " ", "nul", "nulll", "True", "NULL", "tru", "falsee", "undefined", "NaN", "Infinity", "-Infinity", "nan",
    "-", "+1", "01", "-01", "00", "1.", "-1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1E", "0x10", "1_000", "1,000",
    "1.2.3", "1e1.5", "0.1.", "- 1", "1 2", "１", "1a", "0e", "--1", "2.e3", "-a", "1eE2",
    "\"", "\"a", "'a'", "\"\\\"", "\"\\", "\"\\x41\"", "\"\\a\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"", "\"\\u123\"",
    "\"\\u123g\"", "\"\\U0041\"", "\"\\u{41}\"", "\"\\'\"", "\"\\0\"", "\"\t\"", "\"\n\"", "\"\r\"", "\"\u{0}\"",
    "\"\u{1F}\"", "\"a\u{1}b\"", "\"a\"b", "a", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\uD800\"",
    "\"\\uD800\\u0041\"", "\"\\uD800a\"", "\"\\uD800\\n\"", "\"\\uDC00\\uD800\"", "\"\\uD83D\\uDE0\"", "\"\\uD83D\\\"",
    "\"\\uD83D", "\"1234567\\uDFFF\"",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1;2]", "[1}", "[1,,2]", "[\"a\",\n", "[a]", "[1]]", "[][]",
    "[1]x", "(1)", "[1,2", "[\u{0C}]", "[\u{0B}1]", "[\u{A0}1]", "[-]", "[\"\":1]",
    "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{\"a\"}", "{\"a\":}", "{:1}", "{1:1}",
    "{a:1}", "{'a':1}", "{\"a\" 1}", "{\"a\"::1}", "{\"a\":1 \"b\":2}", "{\"a\":1;\"b\":2}", "{\"a\":1]", "{null:1}",
    "{\"a\":1}}", "{\"a\":1},", "{\"a\",\"b\"}", "{\"a\":1,,\"b\":2}", "{}{}", "{\"a\":1}#", "{[]:1}", "{\"a\\q\":1}",
    "/* c */1", "1 // c", "# c\n1", "\u{FEFF}1", "\u{FEFF}{}", "1\u{FEFF}", "\u{2060}1", "[1,2,3]\u{0}",
    "{\"a\":1,\"a\":2", "[{\"a\":1,\"a\":2},]",
]

/// Where RFC 8259 leaves the choice to us: what we read, or nil for refused.
private let chosen: [(text: String, compact: String?)] = [
    ("1e400", nil), ("-1e400", nil), ("1e309", nil), ("1.8e308", nil), ("[1e9999999999999999999]", nil),
    ("1e-400", "0.0"), ("123.456e-789", "0.0"), ("-1e-9999999999999999999", "-0.0"), ("0e9999999999", "0.0"),
    ("9223372036854775808", "9.223372036854776e+18"), ("-9223372036854775809", "-9.223372036854776e+18"),
    ("100000000000000000000000000000", "1e+29"), ("-123123123123123123123123123123", "-1.2312312312312312e+29"),
    ("4.9e-324", "5e-324"), ("2e-324", "0.0"), ("1.00000000000000000000000000000000001", "1.0"),
    ("0." + String(repeating: "0", count: 400) + "1e401", "1.0"),
    (String(repeating: "9", count: 400), nil), (String(repeating: "9", count: 300) + "e-299", "10.0"),
    (
        String(repeating: "[", count: 64) + String(repeating: "]", count: 64),
        String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    ),
    (String(repeating: "[", count: 65) + String(repeating: "]", count: 65), nil),
    (
        String(repeating: "{\"a\":", count: 64) + "1" + String(repeating: "}", count: 64),
        String(repeating: "{\"a\":", count: 64) + "1" + String(repeating: "}", count: 64)
    ),
    (String(repeating: "{\"a\":", count: 65) + "1" + String(repeating: "}", count: 65), nil),
    (String(repeating: "[", count: 100_000), nil), (String(repeating: "[{\"\":", count: 50_000), nil),
]

/// Bytes that are no UTF-8 text in JSON.
private let badBytes: [[UInt8]] = [
    [0x22, 0x80, 0x22], [0x22, 0xBF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xC1, 0xBF, 0x22], [0x22, 0xC3, 0x22],
    [0x22, 0xC3, 0x28, 0x22], [0x22, 0xE0, 0x80, 0x80, 0x22], [0x22, 0xE0, 0x9F, 0xBF, 0x22], [0x22, 0xE2, 0x82, 0x22],
    [0x22, 0xE2, 0x28, 0xA1, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xED, 0xBF, 0xBF, 0x22],
    [0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], [0x22, 0xF0, 0x8F, 0xBF, 0xBF, 0x22], [0x22, 0xF0, 0x9F, 0x98, 0x22],
    [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22],
    [0x22, 0xF8, 0x88, 0x80, 0x80, 0x80, 0x22],
    [0x22, 0xFE, 0x22], [0x22, 0xFF, 0x22], [0x22, 0xE2, 0x82], [0x22, 0xF0], [0xFF], [0x80],
    [0xEF, 0xBB, 0xBF, 0x7B, 0x7D], [0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00], [0xFE, 0xFF, 0x00, 0x7B, 0x00, 0x7D],
    [0x7B, 0x00, 0x7D, 0x00], [0x5B, 0xE9, 0x5D], [0x7B, 0x22, 0xE9, 0x22, 0x3A, 0x31, 0x7D],
]

/// An object with the same name twice, and the name.
private let doubled: [(text: String, name: String)] = [
    ("{\"a\":1,\"a\":1}", "a"), ("{\"a\":1,\"b\":2,\"a\":3}", "a"), ("{\"\":1,\"\":2}", ""),
    ("{\"a\":1,\"\\u0061\":2}", "a"), ("[{\"x\":{\"y\":1,\"y\":2}}]", "y"), ("{\"a\":{\"b\":1,\"b\":2},\"a\":3}", "b"),
    ("{\"é\":1,\"\\u00e9\":2}", "é"), ("{\"a\":null,\"a\":null}", "a"),
    ("{" + (0..<50).map { "\"k\($0)\":0," }.joined() + "\"k7\":1}", "k7"),
    ("{" + (0..<50).map { "\"k\($0)\":0," }.joined() + "\"k49\":1}", "k49"),
]

@Suite struct JSONParserTests {
    @Test(arguments: accepted)
    func readsWhatTheStandardAllows(text: String, compact: String) throws {
        let value = try JSONParser.parse(text)
        #expect(value.description.hasSameBytes(as: compact))
    }

    @Test(arguments: refused)
    func refusesWhatIsNoJSON(text: String) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.kind == .syntax)
        #expect((0...text.utf8.count).contains(error?.position ?? -1))
    }

    @Test(arguments: chosen)
    func choosesWhereTheStandardIsOpen(text: String, compact: String?) {
        let value = try? JSONParser.parse(text)
        #expect(value?.description == compact)
    }

    @Test(arguments: badBytes)
    func refusesBytesThatAreNoUTF8(bytes: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
        #expect(error?.kind == .syntax)
    }

    @Test(arguments: badBytes.filter { $0.first == 0x22 && $0.last == 0x22 && $0.count > 2 })
    func refusesThemBehindPlainTextToo(bytes: [UInt8]) {
        let padded = [0x22] + Array("a longer text in front ".utf8) + bytes.dropFirst()
        #expect(throws: JSONError.self) { try JSONParser.parse(padded) }
    }

    @Test(arguments: doubled)
    func refusesANameThatStandsTwice(text: String, name: String) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.kind == .duplicateKey)
        #expect(error?.name == name)
    }

    @Test(arguments: [
        ("[1,]", 3), ("{\"a\":tru}", 5), ("[1e400]", 1), ("\"ab\u{1}\"", 3), ("[1] x", 4), ("", 0), ("[1", 2),
        ("{\"a\":1,\"a\":2}", 7),
    ])
    func saysWhereItIsWrong(text: String, position: Int) {
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(text) }
        #expect(error?.position == position)
    }

    @Test func readsAHundredThousandMembersWithoutComparingAllPairs() throws {
        let text = "{" + (0..<100_000).map { "\"\($0)\":0" }.joined(separator: ",") + "}"
        #expect(try JSONParser.parse(text).object?.count == 100_000)
    }

    @Test func readsANumberOfAMillionDigits() {
        let zeros = String(repeating: "0", count: 1_000_000)
        #expect((try? JSONParser.parse("0." + zeros + "1")) == .double(0))
        #expect((try? JSONParser.parse("1" + zeros)) == nil)
    }

    @Test(arguments: [
        0.1, 1.0 / 3, 2.0 / 3, 1e-7, 123_456.789, 4.35, 0.000_1, 8.41, 1e15, 999_999_999_999_999, 0.3, 9.95,
    ])
    func readsShortDecimalsAsTheStandardLibraryDoes(value: Double) throws {
        for text in ["\(value)", "\(-value)", "\(value)e0", "\(value)e3", "\(value)e-12"] where Double(text) != nil {
            #expect(try JSONParser.parse(text).double == Double(text))
        }
    }
}
