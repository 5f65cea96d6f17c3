import Testing
import Wire

/// Texts that have hurt other programs.
@Suite(.serialized) struct `Naughty texts` {
    private static let texts: [String] = [
        // Control characters, and what terminals take for commands.
        "a\u{0}b", "\u{0}", "a\u{0}", "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}b", "a\u{B}b\u{C}c", "a\tb\nc\rd\r\ne",
        "a\u{E}\u{1F}b", "a\u{7F}b", "a\u{80}\u{85}\u{9F}b", "\u{1B}[31mred\u{1B}[0m", "\u{1B}]0;title\u{7}x",
        "a\u{9B}31mb", "\u{1B}]52;c;aGVsbG8=\u{7}x", "x\u{1B}[2J\u{1B}[H", "a\u{8}\u{8}\u{8}b",
        // Directions, joiners, marks.
        "ثم نفس سقطت وبالتحديد،", "בְּרֵאשִׁית, בָּרָא אֱלֹהִים", "a\u{202E}txt.exe", "a\u{202A}b\u{202B}c\u{202C}d\u{202D}e",
        "a\u{2066}b\u{2067}c\u{2068}d\u{2069}e", "a\u{200E}b\u{200F}c\u{61C}d", "a\u{200B}b\u{200C}c\u{200D}d\u{2060}e",
        "a\u{FEFF}b", "\u{FEFF}a", "a\u{FFFE}b\u{FFFF}c", "a\u{1FFFE}b\u{10FFFF}c",
        String(decoding: [0x61, 0xEF, 0xB7, 0x90, 0x62], as: UTF8.self), "a\u{2028}b\u{2029}c",
        "a\u{AD}b\u{180E}c", "a\u{FFF9}b\u{FFFA}c\u{FFFB}d", "a\u{E0001}\u{E0041}b",
        "Z\u{351}\u{36B}\u{343}\u{36A}a\u{34A}\u{36B}\u{33D}l\u{30D}\u{34F}g\u{362}o\u{327}\u{489}",
        "e\u{301} é", "ﬁ ﬀ ㎏ Ⅷ", "Å Å A\u{30A}", "\u{1100}\u{1161}\u{11A8} 각", "ẛ̣",
        // Emoji, surrogate pairs, letters of all sorts.
        "👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 🇩🇪 1️⃣ ❤️", "😀😃😄", "𝒽ℯ𝓁𝓁ℴ 𝟘𝟙𝟚", "田中さんにあげて下さい", "パーティーへ行かないか", "和製漢語",
        "사회과학원 어학연구소", "𠜎𠜱𠝹𠱓", "Ⱥ Ⱦ ß ẞ ı İ ſ", "Ω≈ç√∫˜µ≤≥÷", "åß∂ƒ©˙∆˚¬…æ", "¡™£¢∞§¶•ªº–≠", "⁰⁴⁵₀₁₂",
        "（｡◕ ∀ ◕｡)", "｀ｨ(´∀｀∩", "（╯°□°）╯︵ ┻━┻", "ԛԝ аⅼⅼ һоmоglурһѕ", "१२३ ١٢٣ 𝟏𝟐𝟑",
        // What other languages read as something else.
        "undefined", "null", "NULL", "(null)", "nil", "true", "False", "NaN", "-Infinity", "0", "-0", "1e400", "1E+02",
        "0x7fffffff", "08", "1,000.00", "2147483648", "9223372036854775808", "123456789012345678901234567890", "½",
        "{}", "[]", "{\"jsonrpc\":\"2.0\"}", "\"", "\\", "\\\"", "'", "''", "\\u0000", "\\ud800", "\\n", "%00",
        "%s%n%p",
        "%d", "${HOME}", "$(touch /tmp/x)", "`id`", "; rm -rf /", "| cat", "&& true", "../../../../etc/passwd", "-rf",
        "--help", "~", "*", "?", "#", "=1+1", "+1", "@SUM(1)", "-2+3", "=cmd|' /C calc'!A0", "a,b;c\td", "\"a\"\"b\"",
        "1;DROP TABLE feedback", "1' OR '1'='1", "' OR 1=1 --", "Robert'); DROP TABLE users;--", "\u{2019} OR 1=1",
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "</textarea><b>",
        "&lt;&#0;",
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>", "{{7*7}}",
        "#{7*7}",
        "<%= 7*7 %>", "() { :; }; echo x", "CON", "PRN", "aux.txt", "a\\b", "C:\\Windows", "\\\\host\\share",
        "file:///x",
        "a  b   c", "a\u{A0}b\u{2003}c\u{3000}d", "a\u{2000}\u{2001}\u{2002}b", "a\u{1680}b\u{205F}c",
        "🅰️" + String(repeating: "\u{FE0F}", count: 300), "e" + String(repeating: "\u{301}", count: 5_000),
        String(repeating: "a", count: 16_384), String(repeating: "😀", count: 16_384),
        String(repeating: "\u{202E}", count: 2_000) + "x", String(repeating: "\u{1}", count: 16_000) + "x",
        String(repeating: "parcel ", count: 2_340) + "x", String(repeating: "\"\\", count: 8_000),
    ]

    /// A comment is shorter than a text may be.
    private static func comment(_ text: String) -> String { String(text.unicodeScalars.prefix(4_096)) }

    @Test func `come back byte by byte from feedback and log and are one line each`() throws {
        let root = try Root.trained()
        try root.write("telemetry: { text: full }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        for (number, text) in Self.texts.enumerated() {
            let shown = Comment(rawValue: "\(number): \(text.debugDescription.prefix(60))")
            let value = JSON.string(text)
            let prediction = try client.call("predict", ["text": value])["predictions"]?[0]
            let several = try client.call("predict", ["texts": [value, value]])["predictions"]
            #expect(prediction != nil && several?[0] == prediction && several?[1] == prediction, shown)
            #expect(try client.call("chat", ["message": value])["intent"] == prediction?["intent"], shown)
            try client.call(
                "feedback.submit",
                [
                    "text": value, "intent": "delivery", "key": .string("k\(number)"),
                    "comment": .string(Self.comment(text)),
                ]
            )
        }
        let items = try #require(try client.call("feedback.list", ["limit": 1_000])["items"]?.array)
        var byKey: [String: JSON] = [:]
        for item in items { byKey[item["key"]?.string ?? ""] = item }
        let log = Files.bytes(root.file("logs/chat_metrics.log")).split(separator: UInt8(ascii: "\n"))
        #expect(items.count == Self.texts.count && log.count == Self.texts.count)
        for (number, text) in Self.texts.enumerated() where number < log.count {
            let shown = Comment(rawValue: "\(number): \(text.debugDescription.prefix(60))")
            let line = try JSONParser.parse(Array(log[number]))
            #expect(line["text"]?.string.map { Array($0.utf8) } == Array(text.utf8), shown)
            let item = byKey["k\(number)"]
            #expect(item?["text"]?.string.map { Array($0.utf8) } == Array(text.utf8), shown)
            #expect(item?["comment"]?.string.map { Array($0.utf8) } == Array(Self.comment(text).utf8), shown)
            let isHarmful = String(decoding: log[number], as: UTF8.self).unicodeScalars.contains { scalar in
                scalar.value < 0x20 || 0x7F..<0xA0 ~= scalar.value || 0x202A...0x202E ~= scalar.value
                    || 0x2028...0x2029 ~= scalar.value || 0x2066...0x2069 ~= scalar.value
            }
            #expect(!isHarmful, shown)
        }
        #expect(try client.call("metrics")["requests"]?.int == Self.texts.count)
        #expect(try daemon.stop() == .exit(0))
        // And from the disk.
        let next = try DaemonProcess(root)
        let again = try next.connect()
        let stored = try again.call("feedback.list", ["limit": 1_000])["items"]?.array
        #expect(stored == items)
    }

    /// The same text, written in other ways.
    private static let spellings: [(json: String, text: String)] = [
        (#""\u0000a""#, "\u{0}a"), (#""a\u0000\u0000b""#, "a\u{0}\u{0}b"), (#""\ud83d\ude00""#, "😀"),
        (#""\uD83D\uDE00x""#, "😀x"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\u0061\u0301""#, "a\u{301}"),
        (#""\u202ea""#, "\u{202E}a"), (#""\/\\\"\b\f\n\r\tx""#, "/\\\"\u{8}\u{C}\n\r\tx"),
        (#""\u2028a\u2029b""#, "\u{2028}a\u{2029}b"),
        (#""\ufeffa""#, "\u{FEFF}a"), (#""\uffff""#, "\u{FFFF}"), (#""\u001b[31mx""#, "\u{1B}[31mx"),
        ("\"\u{7F}a\"", "\u{7F}a"),
    ]

    @Test func `are the same text however they are escaped`() throws {
        let root = try Root.trained()
        try root.write("telemetry: { text: full }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        for (number, spelling) in Self.spellings.enumerated() {
            try client.send(
                #"{"jsonrpc":"2.0","id":\#(number),"method":"feedback.submit","params":{"intent":"delivery","text":"#
                    + spelling.json + "}}"
            )
            #expect(try client.json()?["result"]?["state"] == "accepted", "\(spelling.json)")
            let item = try client.call("feedback.list", ["limit": 1])["items"]?[0]
            #expect(item?["text"]?.string.map { Array($0.utf8) } == Array(spelling.text.utf8), "\(spelling.json)")
        }
    }
}
