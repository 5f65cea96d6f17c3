import Testing
import Wire

@Suite struct JSONWriterTests {
    @Test func putsTheCommasItself() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.value(1)
        writer.name("b")
        writer.beginArray()
        writer.value("x")
        writer.value(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.raw(Array("[0]".utf8))
        writer.value([1, ["k": 2]] as JSON)
        writer.endArray()
        writer.name("c")
        writer.value(RequestID(7))
        writer.endObject()
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"a":1,"b":["x",true,null,{},[],[0],[1,{"k":2}]],"c":7}"#
        )
    }

    @Test(arguments: [
        (0, "0"), (7, "7"), (-7, "-7"), (10, "10"), (1_234_567_890, "1234567890"),
        (Int.max, "9223372036854775807"), (Int.min, "-9223372036854775808"),
    ])
    func writesIntegers(value: Int, text: String) { #expect(JSON.integer(value).description == text) }

    @Test(
        arguments: [
            (0.0, "0.0"), (-0.0, "-0.0"), (1, "1.0"), (0.1, "0.1"), (1e21, "1e+21"), (.leastNonzeroMagnitude, "5e-324"),
            (.infinity, "null"), (-.infinity, "null"), (.nan, "null"),
        ] as [(Double, String)]
    )
    func writesDoublesShortAndNeverWhatJSONCannotSay(value: Double, text: String) {
        #expect(JSON.double(value).description == text)
    }

    @Test func writesFloatsAsShortAsTheyAre() {
        var writer = JSONWriter()
        writer.value(Float(0.97))
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "0.97")
    }

    @Test(arguments: [
        ("plain", "plain"), ("\"", "\\\""), ("\\", "\\\\"), ("/", "/"), ("\u{0}", "\\u0000"),
        ("\u{1B}[31m", "\\u001b[31m"),
        ("\n\r\t\u{8}\u{C}", "\\n\\r\\t\\b\\f"), ("\u{7F}", "\\u007f"), ("\u{80}", "\\u0080"),
        ("\u{9B}31m", "\\u009b31m"),
        ("\u{9F}", "\\u009f"), ("\u{A0}", "\u{A0}"), ("©", "©"), ("\u{61B}\u{61C}", "\u{61B}\\u061c"),
        ("\u{200D}", "\u{200D}"), ("\u{200E}\u{200F}", "\\u200e\\u200f"), ("\u{2028}\u{2029}", "\\u2028\\u2029"),
        ("\u{202A}x\u{202E}", "\\u202ax\\u202e"), ("\u{202F}", "\u{202F}"), ("\u{2066}\u{2069}", "\\u2066\\u2069"),
        ("\u{FEFF}", "\\ufeff"), ("\u{FEFE}", "\u{FEFE}"), ("é€😀", "é€😀"), ("</script>", "</script>"),
    ])
    func escapesWhatCouldActOnATerminalOrALog(text: String, escaped: String) {
        #expect(JSON.string(text).description.hasSameBytes(as: "\"\(escaped)\""))
    }

    @Test func literalsKeepTheirOrder() {
        let value: JSON = ["z": nil, "a": [1, 2.5, "x", true], "m": ["k": "v"]]
        #expect(value.description == #"{"z":null,"a":[1,2.5,"x",true],"m":{"k":"v"}}"#)
        #expect(value["a"]?[1]?.double == 2.5)
        #expect(value["a"]?[0]?.double == 1)
        #expect(value["a"]?[1]?.int == nil)
        #expect(value["a"]?[4] == nil)
        #expect(value["m"]?["k"]?.string == "v")
        #expect(value["z"]?.isNull == true)
        #expect(value["nothing"] == nil)
    }
}
