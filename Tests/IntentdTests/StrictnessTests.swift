import Testing
import Wire

@Suite struct `Strictness over the wire` {
    private struct Row {
        var line: [UInt8]
        var code: Int
        var reason: String
        /// As it stands in the answer.
        var id = "null"
        var field: String?

        init(_ line: String, _ code: Int, _ reason: String, id: String = "null", field: String? = nil) {
            self.init(bytes: Array(line.utf8), code, reason, id: id, field: field)
        }

        init(bytes: [UInt8], _ code: Int, _ reason: String, id: String = "null", field: String? = nil) {
            line = bytes
            self.code = code
            self.reason = reason
            self.id = id
            self.field = field
        }
    }

    private static func status(_ rest: String) -> String { #"{"jsonrpc":"2.0","method":"status""# + rest + "}" }

    private static func predict(_ params: String) -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"predict","params":"# + params + "}"
    }

    private static let open = String(repeating: "[", count: 64)
    private static let closed = String(repeating: "]", count: 64)

    private static let refused: [Row] = [
        // Not JSON.
        Row("hello", -32_700, "parse_error"),
        Row(#"{"jsonrpc":"2.0","id":1,"method":"status""#, -32_700, "parse_error"),
        Row(status(#","id":1,"#), -32_700, "parse_error"),
        Row(status(#","id":01"#), -32_700, "parse_error"),
        Row("\u{FEFF}" + status(#","id":1"#), -32_700, "parse_error"),
        Row(
            bytes: Array(predict(#"{"text":""#).utf8.dropLast()) + [0xC3, 0x28] + Array(#""}}"#.utf8),
            -32_700,
            "parse_error"
        ),
        Row(predict(#"{"text":"\ud800"}"#), -32_700, "parse_error"),
        Row(predict(#"{"text":"x","top_k":1e400}"#), -32_700, "parse_error"),
        Row(predict(#"{"text":NaN}"#), -32_700, "parse_error"),
        Row(predict(#"{"_meta":"# + open + closed + "}"), -32_700, "parse_error"),
        // JSON, but no request.
        Row("3", -32_600, "invalid_request"),
        Row("null", -32_600, "invalid_request"),
        Row(#""status""#, -32_600, "invalid_request"),
        Row("{}", -32_600, "invalid_request"),
        Row(#"{"id":1,"method":"status"}"#, -32_600, "invalid_request", id: "1"),
        Row(#"{"jsonrpc":"1.0","id":1,"method":"status"}"#, -32_600, "invalid_request", id: "1"),
        Row(#"{"jsonrpc":"2.0","id":1}"#, -32_600, "invalid_request", id: "1"),
        Row(#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32_600, "invalid_request", id: "1"),
        Row(status(#","id":1.0"#), -32_600, "invalid_request"),
        Row(status(#","id":1e0"#), -32_600, "invalid_request"),
        Row(status(#","id":true"#), -32_600, "invalid_request"),
        Row(status(#","id":[1]"#), -32_600, "invalid_request"),
        Row(status(#","id":{}"#), -32_600, "invalid_request"),
        Row(status(#","id":1,"id":2"#), -32_600, "invalid_request"),
        Row("[]", -32_600, "invalid_request"),
        Row(
            "[" + [String](repeating: status(#","id":1"#), count: 65).joined(separator: ",") + "]",
            -32_600,
            "invalid_request"
        ),
        // A request, but none that can be done.
        Row(#"{"jsonrpc":"2.0","id":"a","method":"nonsense"}"#, -32_601, "unknown_method", id: #""a""#),
        Row(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, -32_601, "unknown_method", id: "1"),
        Row(#"{"jsonrpc":"2.0","id":1,"method":"Status"}"#, -32_601, "unknown_method", id: "1"),
        Row(#"{"jsonrpc":"2.0","id":1,"method":"events.subscribe"}"#, -32_601, "unknown_method", id: "1"),
        Row(predict("[]"), -32_602, "invalid_params", id: "1"),
        Row(predict(#"["where is my parcel"]"#), -32_602, "invalid_params", id: "1"),
        Row(predict("{}"), -32_602, "invalid_params", id: "1"),
        Row(predict(#"{"text":"a","texts":["b"]}"#), -32_602, "invalid_params", id: "1"),
        Row(predict(#"{"txt":"a"}"#), -32_602, "invalid_params", id: "1", field: "txt"),
        Row(predict(#"{"text":7}"#), -32_602, "invalid_params", id: "1", field: "text"),
        Row(predict(#"{"text":""}"#), -32_602, "invalid_params", id: "1", field: "text"),
        Row(predict(#"{"texts":[]}"#), -32_602, "invalid_params", id: "1", field: "texts"),
        Row(predict(#"{"text":"a","top_k":0}"#), -32_602, "invalid_params", id: "1", field: "top_k"),
        Row(predict(#"{"text":"a","top_k":21}"#), -32_602, "invalid_params", id: "1", field: "top_k"),
        Row(predict(#"{"text":"a","top_k":1.5}"#), -32_602, "invalid_params", id: "1", field: "top_k"),
        Row(
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"  \n "}}"#,
            -32_602,
            "invalid_params",
            id: "1",
            field: "message"
        ),
        Row(
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"a","session":"a b"}}"#,
            -32_602,
            "invalid_params",
            id: "1",
            field: "session"
        ),
        Row(
            #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"a","ab_prob":1.1}}"#,
            -32_602,
            "invalid_params",
            id: "1",
            field: "ab_prob"
        ),
    ]

    @Test func `a malformed line costs one error and the connection lives`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        for row in Self.refused {
            let shown = Comment(rawValue: String(decoding: row.line.prefix(120), as: UTF8.self))
            try client.send(row.line + [UInt8(ascii: "\n")])
            let line = try #require(try client.line(), shown)
            let answer = try JSONParser.parse(line)
            #expect(answer["error"]?["code"]?.int == row.code, shown)
            #expect(answer["error"]?["data"]?["reason"]?.string == row.reason, shown)
            #expect(line.contains(#""id":\#(row.id),"#), "\(shown) → \(line)")
            if let field = row.field { #expect(answer["error"]?["data"]?["field"]?.string == field, shown) }
            let message = answer["error"]?["message"]?.string ?? ""
            #expect(message.hasSuffix(".") && !message.hasSuffix(".."), "\(message)")
        }
        // A name that stands twice deep inside: the id was read without doubt or not at all.
        try client.send(Self.predict(#"{"text":"a","_meta":{"x":1,"\u0078":2}}"#))
        let twice = try #require(try client.json())
        #expect(twice["error"]?["code"] == -32_600)
        #expect(twice["id"] == 1 || twice["id"] == .null)
        #expect(try client.call("status")["champion"] == 1)
    }

    @Test func `the deepest nesting that is allowed passes`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        // Two brackets are the request's and its parameters'.
        let inner = String(repeating: "[", count: 62) + String(repeating: "]", count: 62)
        try client.send(Self.predict(#"{"text":"where is my parcel","_meta":"# + inner + "}"))
        #expect(try client.json()?["result"]?["model"] == 1)
    }

    @Test func `an answer carries the id exactly as it was sent`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let ids = [
            "0", "-1", "9007199254740993", "123456789012345678901234567890", #""7""#, #""""#, #""ü""#, #""\u00fc""#,
            #""a\/b\n""#, #""\ud83d\ude00""#, "null",
        ]
        for id in ids {
            try client.send(Self.status(#","id":"# + id))
            let line = try #require(try client.line())
            #expect(line.contains(#""id":\#(id),"#) || line.contains(#""id":\#(id)}"#), "\(id) → \(line.prefix(60))")
            #expect(line.contains(#""result""#), "\(id)")
        }
    }

    @Test func `notifications and blank lines are never answered and carriage returns tolerated`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.send("")
        try client.send("\r")
        try client.send("   ")
        try client.send(Self.status(""))
        try client.send(#"{"jsonrpc":"2.0","method":"nonsense"}"#)
        try client.send(#"{"jsonrpc":"2.0","method":"chat","params":{"message":"where is my parcel"}}"#)
        try client.send("[" + Self.status("") + "]")
        try client.send(Self.status(#","id":"only""#) + "\r")
        #expect(try client.json()?["id"] == "only")
        client.closeWriting()
        #expect(try client.rest().isEmpty)
        // The notification was a question all the same.
        #expect(daemon.root.chatLog.count == 1)
    }

    @Test func `a batch is answered as one array`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let parts = [
            Self.predict(#"{"text":"where is my parcel"}"#), Self.status(""), Self.status(#","id":"s""#), "7",
            #"{"jsonrpc":"2.0","id":2,"method":"chat","params":{"message":"where is my parcel"}}"#,
        ]
        try client.send("[" + parts.joined(separator: ",") + "]")
        let answers = try #require(try client.json()?.array)
        #expect(answers.count == 4)
        let ids = answers.map { $0["id"]?.description ?? "" }.sorted()
        #expect(ids == [#""s""#, "1", "2", "null"])
        #expect(answers.filter { $0["error"] != nil }.map { $0["error"]?["code"] } == [-32_600])
        let many = (0..<64).map { Self.status(#","id":\#($0)"#) }
        try client.send("[" + many.joined(separator: ",") + "]")
        #expect(Set(try #require(try client.json()?.array).compactMap { $0["id"]?.int }) == Set(0..<64))
    }

    @Test func `bytes may come one at a time`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        for byte in Array((Self.status(#","id":5"#) + "\n").utf8) { try client.send([byte]) }
        #expect(try client.json()?["id"] == 5)
    }
}
