import Testing
import Wire

// RFC 8259 production by production, beyond the tables of JSONParserTests: what is allowed, what is not, and what the
// standard leaves open.

/// Each is read, and written and read again it is the same value.
private let allowed: [String] = {
    var texts: [String] = []
    // White space: each kind, before and after every token.
    for space in [" ", "\t", "\n", "\r", "\r\n", " \t\n\r ", String(repeating: " ", count: 1_000)] {
        texts.append(
            space + "[" + space + "1" + space + "," + space + "{" + space + "\"a\"" + space + ":" + space + "true"
                + space + "}" + space + "]" + space
        )
        texts.append(space + "\"a\"" + space)
        texts.append(space + "0" + space)
        texts.append("[" + space + "]")
        texts.append("{" + space + "}")
    }
    // Every letter that has an escape, every control character, in both cases of the digits.
    for escape in ["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"] {
        texts += ["\"\(escape)\"", "\"a\(escape)b\"", "{\"\(escape)\":0}", "\"\(escape)\(escape)\""]
    }
    let hex = Array("0123456789abcdef")
    for code in 0..<0x20 {
        texts.append("\"\\u00\(hex[code / 16])\(hex[code % 16])\"")
        texts.append("\"\\u00\(hex[code / 16])\(hex[code % 16])\"".uppercased().replacing("\\U", with: "\\u"))
    }
    // Borders of the planes and of UTF-8's lengths, raw and escaped; noncharacters are characters here.
    for scalar in [0x7F, 0x80, 0x7FF, 0x800, 0xFFF, 0xD7FF, 0xE000, 0xFDD0, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x1FFFE] {
        guard let scalar = Unicode.Scalar(UInt32(scalar)) else { continue }
        let units = String(scalar).utf16.map { unit in
            "\\u" + [12, 8, 4, 0].map { String(hex[Int(unit >> $0) & 15]) }.joined()
        }
        texts += [
            "\"\(scalar)\"", "\"\(units.joined())\"", "\"a\(scalar)\(units.joined())b\"",
            "{\"\(scalar)\":[\"\(scalar)\"]}",
        ]
    }
    texts += [
        "\"\\uD800\\uDC00\"", "\"\\udbff\\udfff\"", "\"\\uD834\\udd1e\"", "\"\u{10FFFF}\"", "\"\\\\uD800\"",
        "\"\\\\\\u0041\"",
    ]
    // Numbers: each part there or not.
    for sign in ["", "-"] {
        for whole in ["0", "1", "9", "10", "1234567890"] {
            for fraction in ["", ".0", ".5", ".000", ".123456789012345678901234567890"] {
                for exponent in ["", "e0", "E0", "e+0", "E-0", "e1", "e-5", "E+05", "e00000000000000000001"] {
                    texts.append(sign + whole + fraction + exponent)
                }
            }
        }
    }
    // Structures, in one another and long.
    texts += [
        "[[]]", "[{}]", "{\"a\":[]}", "{\"a\":{}}", "[null]", "[false,true,null]", "[[],[],{},{}]", "[[[[[[[[1]]]]]]]]",
        "{\"a\":{\"a\":{\"a\":{\"a\":{}}}}}", "[{\"a\":0},{\"a\":0}]", "{\"\":{\"\":{\"\":0}}}", "[\"\",\"\",\"\"]",
        "[" + String(repeating: "0,", count: 20_000) + "0]", "[" + String(repeating: "[],", count: 20_000) + "[]]",
        "\"" + String(repeating: "a", count: 100_000) + "\"", "\"" + String(repeating: "\\u00e9", count: 20_000) + "\"",
        "{" + (0..<2_000).map { "\"k\($0)\":\($0)," }.joined() + "\"\":0}",
        "[" + String(repeating: "{\"a\":[", count: 31) + String(repeating: "]}", count: 31) + "]",
    ]
    return texts
}()

/// Each is refused as no JSON, or the table says otherwise below.
private let forbidden: [[UInt8]] = {
    var texts: [String] = []
    // Words in other cases, too short, too long, in other languages.
    for word in ["true", "false", "null"] {
        for cut in 1..<word.count { texts.append("[" + word.prefix(cut) + "]") }
        texts += [
            word.uppercased(), word.capitalized(), word + word, word + "x", "[" + word + " " + word + "]",
            "\(word)\u{0}", "x\(word)",
        ]
        texts += [
            "{\(word):0}", "{\"a\":\(word)", "[\(word)", "\(word)]", "\"\(word)", "\(word)\"", "-\(word)", "[\(word)0]",
        ]
    }
    texts += [
        "yes", "no", "on", "off", "None", "nil", "undefined", "NaN", "-NaN", "Inf", "-Inf", "Infinity", "+Infinity",
        "∞",
    ]
    // Every character but white space after a value, and before one.
    for scalar
        in "!#$%&'()*+./;<=>?@A^_`a~\u{7F}\u{B}\u{C}\u{8}\u{0}\u{1B}\u{85}\u{A0}\u{1680}\u{2003}\u{2028}\u{3000}\u{200B}\u{FEFF}é😀"
        .unicodeScalars
    {
        texts += [
            "1\(scalar)", "[1]\(scalar)", "[1\(scalar)]", "{\"a\":1\(scalar)}", "{\"a\"\(scalar):1}", "[1,\(scalar)1]",
        ]
        if scalar != "." { texts += ["\(scalar)[1]", "[\(scalar)]"] }
    }
    // Numbers with a part missing, doubled or of another language.
    texts += [
        "-", "+", ".", "e", "E1", "-e1", "-.", ".0", "-.0", "+0", "+1.5", "00", "-00", "01", "-01", "000.1", "0.",
        "-0.", "1.",
        "0.e1", "1.e1", "1.e", "1e", "1e+", "1e-", "1E", "1E+", "1e1.0", "1e.1", "1e1e1", "1ee1", "1e+-1", "1e++1",
        "1-1",
        "1+1", "1..1", "1.1.1", "0.1.", "--1", "-+1", "- 1", "1 .5", "1. 5", "1e 5", "1 e5", "0x1", "0X1F", "0b1",
        "0o7",
        "1_0", "1,0", "1'0", "1f", "1.0f", "1L", "1n", "1d", "#1", "1%", "$1", "٣", "१", "１", "²", "½", "Ⅳ", "−1",
        "1e１",
        "[-]", "[1,-]", "[0 1]", "[0\n1]", "{\"a\":-}", "{\"a\":01}", "{\"a\":1.}", "[1.,2]", "[.5]", "[1e]", "[+1]",
    ]
    // Strings without an end, in other quotes, with raw control characters and escapes that are none.
    for code in 0..<0x20 {
        if let scalar = Unicode.Scalar(UInt32(code)) {
            texts += ["\"\(scalar)\"", "[\"a\(scalar)\"]", "{\"\(scalar)\":1}"]
        }
    }
    for letter in "acdeghijklmopqsvwxyzABFNRTU0123456789'`?()[]{}<>:;,.-_+=*&^%$#@!~ \né".unicodeScalars {
        texts += ["\"\\\(letter)\"", "\"ab\\\(letter)00\"", "{\"\\\(letter)\":1}"]
    }
    for digits in [
        "", "0", "00", "000", "00g0", "g000", "000g", " 041", "+041", "-041", "0x41", "{41}", "00 41", "１２３４", "00é",
    ] {
        texts.append("\"\\u\(digits)\"")
    }
    texts += [
        "\"", "\"\\", "\"\\\"", "\"a", "a\"", "'a'", "`a`", "“a”", "«a»", "\"a\"\"b\"", "\"a\" \"b\"", "\"\"\"",
        "\"\"\"a\"\"\"",
        "\"a\\", "\"\\u", "\"\\u0041", "[\"a]", "[\"a\",", "{\"a", "{\"a\\\":1}", "\"a\"+\"b\"", "r\"a\"", "@\"a\"",
        "b'a'",
    ]
    // Lone halves of a pair, whatever stands around them.
    for half in ["\\uD800", "\\uDBFF", "\\uDC00", "\\uDFFF", "\\ud800", "\\udfff"] {
        texts += [
            "\"\(half)\"", "\"a\(half)b\"", "\"\(half)\\n\"", "\"\(half)\\\\uDC00\"", "\"\(half)é\"", "{\"\(half)\":0}",
        ]
        texts += [
            "\"\(half)\\uD800\"", "\"\(half)\\u0041\"", "\"\\uDC00\(half)\"", "\"\(half) \\uDC00\"",
            "\"\(half)\\uDC0\"",
        ]
    }
    // Brackets, commas and colons where they do not belong, or not where they do.
    texts += [
        "", " ", "\n", "[", "]", "{", "}", ",", ":", "[,", "[[", "]]", "[]]", "[[]", "{{", "}}", "{}}", "{{}", "[}",
        "{]", "[{]}",
        "{[}]", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1,2,,]", "[1 2]", "[1:2]", "[1;2]", "[1|2]", "[\"a\":1]",
        "[a:1]",
        "[1][2]", "[]{}", "{}[]", "1,2", ",1", "1,", "[1],", ",[1]", "()", "<>", "[(1)]", "[1]//", "[1]/**/", "/**/[1]",
        "[1,/**/2]", "[1]#", "--\n1", "{,}", "{,\"a\":1}", "{\"a\":1,}", "{\"a\":1,,}", "{\"a\":1,,\"b\":2}", "{\"a\"}",
        "{\"a\":}", "{:1}", "{:}", "{\"a\":1:2}", "{\"a\"::1}", "{\"a\"=1}", "{\"a\"=>1}", "{\"a\",1}", "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1;\"b\":2}", "{\"a\":1:\"b\":2}", "{a:1}", "{a}", "{'a':1}", "{1:1}", "{null:1}", "{[]:1}", "{{}:1}",
        "{\"a\":1]",
        "{\"a\":[1}", "[{\"a\":1]", "{\"a\":1", "{\"a\":", "{\"a\"", "{\"a\":1}x", "{\"a\":1}}", "{\"a\":1}{", "{...}",
        "{\"a\":...}",
        "{\"a\":b}", "{\"a\":'b'}", "{\"a\":1,\"b\"}", "{\"a\",\"b\"}", "{\"a\":\"b\":\"c\"}", "{\"a\":1,2}", "{/**/}",
        "{\"a\"/**/:1}",
        "<a/>", "%PDF", "a=1", "a: 1", "---\n1", "[\n1\n,", "*", "&", "!!", "\\u0031", "\\n", "\\", "[\\n]",
        "[\"a\"\\n]",
        String(repeating: "[", count: 64), String(repeating: "{\"a\":", count: 64),
        String(repeating: "]", count: 100_000),
        "[" + String(repeating: "1,", count: 50_000), "\"" + String(repeating: "\\\"", count: 50_000),
    ]
    return texts.map { Array($0.utf8) }
}()

/// What the standard leaves open and is refused here: bytes that are no UTF-8, other encodings, too deep, too large.
private let unwelcome: [[UInt8]] = {
    let bad: [[UInt8]] = [
        [0x80], [0xBF], [0x80, 0x80], [0xC0, 0xAF], [0xC1, 0x81], [0xC2], [0xC2, 0x41], [0xDF], [0xE0, 0x80, 0xAF],
        [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0xC0], [0xED, 0xA0, 0x80], [0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF],
        [0xED, 0xBF, 0xBF], [0xEF, 0xBF], [0xF0, 0x80, 0x80, 0xAF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF1, 0x80, 0x80],
        [0xF1, 0x80, 0x80, 0x41], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80],
        [0xFC, 0x84, 0x80, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0xE9], [0xC3, 0xC3, 0xA9], [0xA9, 0xC3],
    ]
    var texts: [[UInt8]] = []
    for bytes in bad {
        texts.append([0x22] + bytes + [0x22])
        texts.append([0x22] + Array("seven or more before ".utf8) + bytes + Array(" and after".utf8) + [0x22])
        texts.append([0x7B, 0x22] + bytes + [0x22, 0x3A, 0x31, 0x7D])
        texts.append([0x5B] + bytes + [0x5D])
    }
    for text in ["{}", "[\"é\"]", "1"] {
        let units = Array(text.utf16)
        let little = units.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let big = units.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        texts += [little, big, [0xFF, 0xFE] + little, [0xFE, 0xFF] + big, [0xEF, 0xBB, 0xBF] + Array(text.utf8)]
        texts.append(text.unicodeScalars.flatMap { [UInt8($0.value & 0xFF), UInt8($0.value >> 8), 0, 0] })
    }
    for number in [
        "1e309", "-1e309", "1.7976931348623159e308", "123.456e78901234567890", "-9e999999999999999999999",
        "0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999999969999999006",
    ] {
        texts += [Array(number.utf8), Array("[\(number)]".utf8), Array("{\"a\":\(number)}".utf8)]
    }
    for depth in [65, 66, 500, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let count = open.count(where: { "[{".contains($0) })
            let units = (depth + count - 1) / count
            texts.append(
                Array((String(repeating: open, count: units) + "1" + String(repeating: close, count: units)).utf8)
            )
        }
    }
    return texts
}()

/// What the standard leaves open and is read here, and as what.
private let welcome: [(text: String, compact: String)] = [
    ("1e-309", "1e-309"), ("123.456e-789", "0.0"), ("-1e-400", "-0.0"), ("1e-99999999999999999999", "0.0"),
    ("0e999999", "0.0"),
    ("-0e+999999999999999999999", "-0.0"),
    ("-237462374673276894279832749832423479823246327846", "-2.374623746732769e+47"),
    ("9223372036854775807", "9223372036854775807"), ("9223372036854775808", "9.223372036854776e+18"),
    ("-9223372036854775809", "-9.223372036854776e+18"), ("18446744073709551615", "1.8446744073709552e+19"),
    ("1.7976931348623157e308", "1.7976931348623157e+308"), ("1.79769313486231580e308", "1.7976931348623157e+308"),
    ("4.9406564584124654e-324", "5e-324"), ("2.4703282292062328e-324", "5e-324"), ("2.4703282292062327e-324", "0.0"),
    ("2.2250738585072011e-308", "2.225073858507201e-308"), ("0." + String(repeating: "0", count: 500) + "1e501", "1.0"),
    ("9007199254740992.5", "9007199254740992.0"), ("9007199254740993.5", "9.007199254740994e+15"),
    ("1" + String(repeating: "0", count: 308), "1e+308"), ("0.1" + String(repeating: "0", count: 100_000), "0.1"),
]

@Suite struct JSONConformanceTests {
    @Test func readsEverythingThatTheStandardAllows() throws {
        #expect(allowed.count >= 95)
        for text in allowed {
            let shown = Comment(rawValue: String(text.prefix(80)))
            guard let value = try? JSONParser.parse(text) else {
                Issue.record(shown)
                continue
            }
            let written = value.description
            #expect((try? JSONParser.parse(written).description)?.hasSameBytes(as: written) == true, shown)
        }
    }

    @Test func refusesEverythingElse() {
        #expect(forbidden.count >= 188)
        for bytes in forbidden { expectNoJSON(bytes) }
    }

    @Test func refusesWhatItNeedNotRead() {
        #expect(unwelcome.count >= 30)
        for bytes in unwelcome { expectNoJSON(bytes) }
    }

    @Test func readsWhatItNeedNotRefuse() throws {
        for (text, compact) in welcome {
            #expect(try JSONParser.parse(text).description == compact, "\(text.prefix(60))")
        }
    }

    /// The parser, and the one that reads a line.
    private func expectNoJSON(_ bytes: [UInt8]) {
        let shown = Comment(rawValue: String(decoding: bytes.prefix(80), as: UTF8.self).debugDescription)
        do throws(JSONError) {
            let value = try JSONParser.parse(bytes)
            Issue.record("\(shown) was read as \(value.description.prefix(80))")
        } catch {
            #expect(error.kind == .syntax, shown)
            #expect((0...bytes.count).contains(error.position), shown)
        }
        let isBlank = bytes.allSatisfy { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        switch Incoming.parse(bytes) {
        case .blank: #expect(isBlank, shown)
        case .rejected(let rejection): #expect(rejection.error.code == -32_700, shown)
        case .single, .batch: Issue.record("\(shown) was taken for a request")
        }
    }
}

extension String {
    fileprivate func capitalized() -> String { prefix(1).uppercased() + dropFirst() }
}
