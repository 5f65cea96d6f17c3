import Testing
import Wire

/// JSON-RPC 2.0 as the protocol narrows it: what each line is answered with.
@Suite struct `Rules of JSON-RPC` {
    /// Answers in short: `ID=ok`, `ID=CODE`, or `[…]` with the answers of a batch in the order of their text; "" is
    /// silence.
    private static let rules: [(line: String, answer: String)] = [
        // One call.
        (call("1"), "1=ok"), (call(#""a""#), #""a"=ok"#), (call("null"), "null=ok"), (call("-1"), "-1=ok"),
        (call("0"), "0=ok"), (call("-0"), "-0=ok"), (call(#""""#), #"""=ok"#), (call(#""1""#), #""1"=ok"#),
        (call(#""null""#), #""null"=ok"#), (call(#""\u0031""#), #""\u0031"=ok"#),
        (call("18446744073709551616"), "18446744073709551616=ok"), (call("9007199254740993"), "9007199254740993=ok"),
        (call(String(repeating: "9", count: 300)), String(repeating: "9", count: 300) + "=ok"),
        (call(#""\#(String(repeating: "é", count: 500))""#), #""\#(String(repeating: "é", count: 500))"=ok"#),
        (call("1", params: "{}"), "1=ok"), (call("1", params: #"{"_meta":null}"#), "1=ok"),
        (call("1", params: #"{"_meta":{"progressToken":7,"x":[1.5,"y"]}}"#), "1=ok"),
        (call("1", more: #","extra":1"#), "1=ok"), (call("1", more: #","params2":[],"Id":2,"ID":3"#), "1=ok"),
        (#"{"id":1,"method":"models.list","jsonrpc":"2.0"}"#, "1=ok"),
        ("\t{ \"jsonrpc\" : \"2.0\",\r\"method\":\"models.list\" ,\"id\" : 1 } ", "1=ok"),
        (#"{"jsonrpc":"2.0","id":1,"method":"models\u002elist"}"#, "1=ok"),
        (#"{"\u006asonrpc":"2\u002e0","\u0069d":1,"metho\u0064":"models.list"}"#, "1=ok"),
        // The id.
        (call("1.0"), "null=-32600"), (call("1.5"), "null=-32600"), (call("1e0"), "null=-32600"),
        (call("-1E2"), "null=-32600"), (call("0.0"), "null=-32600"), (call("true"), "null=-32600"),
        (call("false"), "null=-32600"), (call("[]"), "null=-32600"), (call("[1]"), "null=-32600"),
        (call("{}"), "null=-32600"), (call(#"{"id":1}"#), "null=-32600"), (call("01"), "null=-32700"),
        (call("+1"), "null=-32700"), (call("0x1"), "null=-32700"), (call("1e999"), "null=-32700"),
        (call("NaN"), "null=-32700"), (call("-Infinity"), "null=-32700"), (call(#""\ud800""#), "null=-32700"),
        (call(""), "null=-32700"), (call("'1'"), "null=-32700"), (call("1", more: #","id":1"#), "null=-32600"),
        // The version.
        (call("1", version: "2.0"), "1=-32600"), (call("1", version: "2"), "1=-32600"),
        (call("1", version: #""2""#), "1=-32600"), (call("1", version: #""2.00""#), "1=-32600"),
        (call("1", version: #""1.0""#), "1=-32600"), (call("1", version: #"" 2.0""#), "1=-32600"),
        (call("1", version: "null"), "1=-32600"), (call("1", version: #"["2.0"]"#), "1=-32600"),
        (#"{"id":1,"method":"models.list"}"#, "1=-32600"),
        (#"{"method":"models.list","params":{},"id":1}"#, "1=-32600"),
        // The method.
        (call("1", method: "models"), "1=-32601"), (call("1", method: ""), "1=-32601"),
        (call("1", method: "Models.list"), "1=-32601"), (call("1", method: "models.list "), "1=-32601"),
        (call("1", method: " models.list"), "1=-32601"), (call("1", method: #"models.list\u0000"#), "1=-32601"),
        (call("1", method: "rpc.system"), "1=-32601"), (call("1", method: "tools/call"), "1=-32601"),
        (call("1", method: "__proto__"), "1=-32601"),
        (call("1", method: String(repeating: "m", count: 5_000)), "1=-32601"),
        (call("1", method: "none", params: "[]"), "1=-32602"),
        (call("1", method: "request.cancel", params: #"{"request":1}"#), "1=-32600"),
        (#"{"jsonrpc":"2.0","id":1}"#, "1=-32600"), (#"{"jsonrpc":"2.0","id":1,"method":null}"#, "1=-32600"),
        (#"{"jsonrpc":"2.0","id":1,"method":1}"#, "1=-32600"),
        (#"{"jsonrpc":"2.0","id":1,"method":["status"]}"#, "1=-32600"),
        (#"{"jsonrpc":"2.0","id":1,"Method":"models.list"}"#, "1=-32600"),
        (#"{"jsonrpc":"2.0","id":1,"method":"models.list","method":"models.list"}"#, "1=-32600"),
        // The parameters.
        (call("1", params: "[]"), "1=-32602"), (call("1", params: "[{}]"), "1=-32602"),
        (call("1", params: "null"), "1=-32602"),
        (call("1", params: #""x""#), "1=-32602"), (call("1", params: "0"), "1=-32602"),
        (call("1", params: "false"), "1=-32602"),
        (call("1", params: #"{"x":1}"#), "1=-32602"), (call("1", params: #"{"":1}"#), "1=-32602"),
        (call("1", params: #"{"_Meta":1}"#), "1=-32602"), (call("1", params: #"{"_meta":1,"_meta":1}"#), "1=-32600"),
        (call("1", params: #"{"\u0000":1}"#), "1=-32602"), (call("1", params: #"{"__proto__":{}}"#), "1=-32602"),
        (call("1", params: #"{"_meta":{"a":{"b":1,"b":1}}}"#), "1=-32600"), (call("1", params: "{"), "null=-32700"),
        (call("1", params: #"{},"params":{}"#), "1=-32600"), (call("1", params: #"{"_meta":1e999}"#), "null=-32700"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":1e400}"#), "null=-32700"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":-1}"#), "1=-32602"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":9007199254740993}"#), "1=-32602"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":99999999999999999999999}"#), "1=-32602"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":1e-400}"#), "1=-32602"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":3.0}"#), "1=-32602"),
        (call("1", method: "predict", params: #"{"text":"a","top_k":-0}"#), "1=-32602"),
        (call("1", method: "feedback.list", params: #"{"limit":-9223372036854775808}"#), "1=-32602"),
        (call("1", method: "feedback.list", params: #"{"limit":1001}"#), "1=-32602"),
        (call("1", method: "models.show", params: #"{"version":-1}"#), "1=-32602"),
        (call("1", method: "models.show", params: #"{"version":999999}"#), "1=-32003"),
        (call("1", method: "chat", params: #"{"message":"a","ab_prob":-1e-300}"#), "1=-32602"),
        (call("1", method: "chat", params: #"{"message":"a","ab_prob":1.0000000000000002}"#), "1=-32602"),
        (
            call("1", method: "chat", params: #"{"message":"a","ab_prob":\#(String(repeating: "9", count: 400))}"#),
            "null=-32700"
        ),
        // Notifications are silent, whatever is wrong with them.
        (note("models.list"), ""), (note("models.list", params: "{}"), ""), (note("none"), ""),
        (note("models.list", params: "[]"), ""), (note("models.list", params: "7"), ""),
        (note("models.list", params: #"{"x":1}"#), ""), (note("predict", params: #"{"text":""}"#), ""),
        (note("request.cancel", params: #"{"request":1}"#), ""), (note("request.cancel", params: "{}"), ""),
        (note("request.cancel", params: #"{"request":[]}"#), ""), (note("request.cancel"), ""),
        (note("models.promote", params: #"{"version":99,"reason":"x"}"#), ""),
        // What looks like one and is no request at all is answered: nobody could know what was meant.
        (#"{"jsonrpc":"2.0"}"#, "null=-32600"), (#"{"jsonrpc":"2.0","method":1}"#, "null=-32600"),
        (#"{"method":"models.list"}"#, "null=-32600"), (#"{"jsonrpc":"2.0","result":1}"#, "null=-32600"),
        (#"{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"m"}}"#, "4=-32600"),
        ("{}", "null=-32600"), ("0", "null=-32600"), (#""x""#, "null=-32600"), ("true", "null=-32600"),
        // Batches.
        ("[]", "null=-32600"), ("[ \t ]", "null=-32600"), ("[1]", "[null=-32600]"), ("[[]]", "[null=-32600]"),
        ("[1,2,3]", "[null=-32600,null=-32600,null=-32600]"), ("[{},null]", "[null=-32600,null=-32600]"),
        ("[" + call("1") + "]", "[1=ok]"), ("[" + call("1") + "," + call("1") + "]", "[1=ok,1=ok]"),
        ("[" + call("2") + "," + note("models.list") + "]", "[2=ok]"), ("[" + note("models.list") + "]", ""),
        ("[" + note("none") + "," + note("models.list", params: "[]") + "]", ""),
        ("[" + call("1", params: "[]") + "," + call("2", method: "none") + ",7]", "[1=-32602,2=-32601,null=-32600]"),
        ("[" + call("1") + "," + call("1.0") + "," + call("2", version: "1") + "]", "[1=ok,2=-32600,null=-32600]"),
        ("[" + call("1") + "," + call("2", method: "jobs.list") + "]", "[1=ok,2=ok]"),
        ("[[" + call("1") + "]]", "[null=-32600]"), ("[" + call("1") + ",]", "null=-32700"),
        ("[" + call("1") + "," + call("2", params: "{"), "null=-32700"), ("[" + call("1") + "] x", "null=-32700"),
        ("[" + call("1", params: #"{"a":1,"a":1}"#) + "," + call("2") + "]", "[1=-32600,2=ok]"),
        ("[" + note("request.cancel", params: #"{"request":1}"#) + "," + call("1") + "]", "[1=ok]"),
        (
            "[" + [String](repeating: "1", count: 64).joined(separator: ",") + "]",
            "[" + [String](repeating: "null=-32600", count: 64).joined(separator: ",") + "]"
        ),
        ("[" + [String](repeating: call("1"), count: 65).joined(separator: ",") + "]", "null=-32600"),
        ("[" + [String](repeating: note("models.list"), count: 65).joined(separator: ",") + "]", "null=-32600"),
        ("[" + [String](repeating: note("models.list"), count: 64).joined(separator: ",") + "]", ""),
        // What is no JSON.
        ("{", "null=-32700"), ("nonsense", "null=-32700"), (call("1") + call("2"), "null=-32700"),
        ("{\"jsonrpc\":\"2.0\",", "null=-32700"),
        ("POST / HTTP/1.1", "null=-32700"), ("Content-Length: 50", "null=-32700"),
        ("\u{FEFF}" + call("1"), "null=-32700"),
        ("\u{0}", "null=-32700"), (call("1") + "\u{0}", "null=-32700"), ("/**/" + call("1"), "null=-32700"),
    ]

    private static func call(
        _ id: String,
        method: String = "models.list",
        params: String? = nil,
        version: String = #""2.0""#,
        more: String = ""
    ) -> String {
        let params = params.map { #","params":"# + $0 } ?? ""
        return #"{"jsonrpc":\#(version),"id":\#(id),"method":"\#(method)"\#(params)\#(more)}"#
    }

    private static func note(_ method: String, params: String? = nil) -> String {
        let params = params.map { #","params":"# + $0 } ?? ""
        return #"{"jsonrpc":"2.0","method":"\#(method)"\#(params)}"#
    }

    @Test func `hold for every line`() throws {
        #expect(Self.rules.count >= 60)
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        for (line, answer) in Self.rules {
            let shown = Comment(rawValue: String(line.prefix(160)))
            // What comes back before the answer to a question of our own is the answer, or the silence.
            try client.send(line)
            if !answer.isEmpty {
                let got = try #require(try client.line(), shown)
                let brief = try Self.brief(got)
                #expect(brief == answer, shown)
            }
            try client.send(Self.call(#""then""#))
            let then = try #require(try client.line(), shown)
            #expect(try Self.brief(then) == #""then"=ok"#, shown)
        }
    }

    private static func brief(_ line: String) throws -> String {
        let answer = try JSONParser.parse(line)
        if let parts = answer.array { return "[" + parts.map(brief).sorted().joined(separator: ",") + "]" }
        // The id as it stands there: an integer of any size is not read as a number.
        let head = #"{"jsonrpc":"2.0","id":"#
        guard line.hasPrefix(head) else { return line }
        let ends = [#","result":"#, #","error":"#].compactMap { line.firstRange(of: $0)?.lowerBound }
        guard let end = ends.min() else { return line }
        return String(line[line.index(line.startIndex, offsetBy: head.count)..<end]) + "=" + outcome(answer)
    }

    private static func brief(_ answer: JSON) -> String {
        (answer["id"]?.description ?? "none") + "=" + outcome(answer)
    }

    private static func outcome(_ answer: JSON) -> String {
        let names = Set((answer.object ?? []).map(\.name))
        guard answer["jsonrpc"] == "2.0", names.count == 3 else { return "\(answer)" }
        if names.contains("result") { return "ok" }
        return answer["error"]?["code"]?.int.map { String($0) } ?? "\(answer)"
    }
}
