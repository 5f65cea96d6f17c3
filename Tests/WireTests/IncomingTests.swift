import Testing
import Wire

/// Lines and what they come to, in short: `call METHOD id=ID PARAMS`, `notify METHOD PARAMS`, `CODE id=ID`, several of
/// them in brackets for a batch, or `blank`.
private let lines: [(line: String, outcome: String)] = [
    // Single calls, and their ids exactly as sent.
    (#"{"jsonrpc":"2.0","id":1,"method":"status"}"#, "call status id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"x"}}"#, #"call predict id=1 {"text":"x"}"#),
    (#"{"params":{"text":"x"},"method":"predict","id":1,"jsonrpc":"2.0"}"#, #"call predict id=1 {"text":"x"}"#),
    (#" { "jsonrpc" : "2.0" , "id" : 1 , "method" : "status" } "#, "call status id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":{}}"#, "call status id=1 {}"),
    (#"{"jsonrpc":"2.0","id":"a","method":"status"}"#, #"call status id="a" {}"#),
    (#"{"jsonrpc":"2.0","id":"","method":"status"}"#, #"call status id="" {}"#),
    (#"{"jsonrpc":"2.0","id":"\u0061\/b","method":"status"}"#, #"call status id="\u0061\/b" {}"#),
    (#"{"jsonrpc":"2.0","id":"é😀","method":"status"}"#, #"call status id="é😀" {}"#),
    (#"{"jsonrpc":"2.0","id":null,"method":"status"}"#, "call status id=null {}"),
    (#"{"jsonrpc":"2.0","id":0,"method":"status"}"#, "call status id=0 {}"),
    (#"{"jsonrpc":"2.0","id":-0,"method":"status"}"#, "call status id=-0 {}"),
    (#"{"jsonrpc":"2.0","id":-7,"method":"status"}"#, "call status id=-7 {}"),
    (#"{"jsonrpc":"2.0","id":9007199254740993,"method":"status"}"#, "call status id=9007199254740993 {}"),
    (
        #"{"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"status"}"#,
        "call status id=123456789012345678901234567890 {}"
    ),
    (#"{"jsonrpc":"2.0","id":1,"method":"no.such.method"}"#, "call no.such.method id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"a/b"}"#, "call a/b id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":""}"#, "call  id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"stat\u0075s"}"#, "call status id=1 {}"),
    (#"{"json\u0072pc":"2.0","id":1,"method":"status"}"#, "call status id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","extra":[1,{"x":2}]}"#, "call status id=1 {}"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"_meta":{"a":1}}}"#, #"call status id=1 {"_meta":{"a":1}}"#),

    // Notifications are never answered, whatever is wrong with their parameters.
    (#"{"jsonrpc":"2.0","method":"status"}"#, "notify status {}"),
    (#"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":7}}"#, #"notify request.cancel {"request":7}"#),
    (#"{"jsonrpc":"2.0","method":"no.such.method"}"#, "notify no.such.method {}"),
    (#"{"jsonrpc":"2.0","method":"status","params":[1]}"#, "blank"),
    (#"{"jsonrpc":"2.0","method":"status","params":null}"#, "blank"),
    (#"{"jsonrpc":"2.0","method":"status","params":"x"}"#, "blank"),

    // Parameters by position.
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":[]}"#, "-32602 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":["x"]}"#, "-32602 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":null}"#, "-32602 id=1"),
    (#"{"jsonrpc":"2.0","id":"q","method":"status","params":"x"}"#, #"-32602 id="q""#),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":7}"#, "-32602 id=1"),

    // What is no request.
    (#"{}"#, "-32600 id=null"), (#"{"id":1}"#, "-32600 id=1"), (#"{"foo":"boo"}"#, "-32600 id=null"),
    (#"1"#, "-32600 id=null"), (#""status""#, "-32600 id=null"), (#"null"#, "-32600 id=null"),
    (#"true"#, "-32600 id=null"),
    (#"{"id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"jsonrpc":"1.0","id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"jsonrpc":2.0,"id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"jsonrpc":2,"id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"jsonrpc":null,"id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"JSONRPC":"2.0","id":1,"method":"status"}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","id":1}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"method":1,"params":"bar"}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","method":1,"params":"bar"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"method":null}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"method":["status"]}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "-32600 id=1"),

    // Ids that are none.
    (#"{"jsonrpc":"2.0","id":1.0,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1e2,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1E30,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":true,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":[1],"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":{"a":1},"method":"status"}"#, "-32600 id=null"),

    // Names that stand twice: the id is known unless it is itself the doubtful one.
    (#"{"jsonrpc":"2.0","id":1,"method":"status","method":"chat"}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"a","text":"b"}}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status","params":{"_meta":{"a":[{"b":1,"b":2}]}}}"#, "-32600 id=1"),
    (#"{"jsonrpc":"2.0","method":"status","params":{"a":1,"a":2}}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"id":1,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"\u0069d":2,"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","id":{"a":1,"a":2},"method":"status"}"#, "-32600 id=null"),
    (#"{"jsonrpc":"2.0","jsonrpc":"2.0","id":"x","method":"status"}"#, #"-32600 id="x""#),

    // What is no JSON.
    (#"{"jsonrpc":"2.0","id":1,"method":"status",}"#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status""#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"method":"status"} {}"#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"status""#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":1e400,"method":"status"}"#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":01,"method":"status"}"#, "-32700 id=null"),
    (#"{"jsonrpc":"2.0","id":1,"method":"\ud800"}"#, "-32700 id=null"),
    ("\u{FEFF}" + #"{"jsonrpc":"2.0","id":1,"method":"status"}"#, "-32700 id=null"),
    ("hello", "-32700 id=null"), ("GET / HTTP/1.1", "-32700 id=null"), ("[", "-32700 id=null"),
    (#"[{"jsonrpc":"2.0","id":1,"method":"status"},"#, "-32700 id=null"),
    (#"[{"jsonrpc":"2.0","id":1,"method":"status"},]"#, "-32700 id=null"),
    (#"[{"jsonrpc":"2.0","id":1,"method":"status"}] 1"#, "-32700 id=null"),
    (#"[{"jsonrpc":"2.0","method":"sum","params":{},"id":"1"},{"jsonrpc":"2.0","method"]"#, "-32700 id=null"),

    // Blank lines.
    ("", "blank"), (" ", "blank"), ("\t \r", "blank"),

    // Batches.
    ("[]", "-32600 id=null"), (" [ ] ", "-32600 id=null"),
    ("[1]", "[-32600 id=null]"), ("[1,2,3]", "[-32600 id=null, -32600 id=null, -32600 id=null]"),
    ("[[]]", "[-32600 id=null]"), ("[null,{}]", "[-32600 id=null, -32600 id=null]"),
    (#"[{"jsonrpc":"2.0","id":1,"method":"status"}]"#, "[call status id=1 {}]"),
    (
        #"[{"jsonrpc":"2.0","id":1,"method":"status"},{"jsonrpc":"2.0","id":1,"method":"metrics"}]"#,
        "[call status id=1 {}, call metrics id=1 {}]"
    ),
    (
        #"[{"jsonrpc":"2.0","id":1,"method":"status"},{"jsonrpc":"2.0","method":"reload"},{"foo":"boo"},7]"#,
        "[call status id=1 {}, notify reload {}, -32600 id=null, -32600 id=null]"
    ),
    (
        #"[{"jsonrpc":"2.0","method":"reload"},{"jsonrpc":"2.0","method":"reload"}]"#,
        "[notify reload {}, notify reload {}]"
    ),
    (#"[{"jsonrpc":"2.0","method":"reload","params":[1]}]"#, "[]"),
    (#"[{"jsonrpc":"2.0","id":2,"method":"reload","params":[1]}]"#, "[-32602 id=2]"),
    (
        #"[{"jsonrpc":"2.0","id":1,"method":"status","params":{"a":1,"a":2}},{"jsonrpc":"2.0","id":2,"method":"status"}]"#,
        "[-32600 id=1, call status id=2 {}]"
    ),
    ("[" + Array(repeating: "1", count: 65).joined(separator: ",") + "]", "-32600 id=null"),
    ("[" + Array(repeating: "1", count: 65).joined(separator: ",") + ",]", "-32700 id=null"),
    (
        "[" + Array(repeating: "1", count: 64).joined(separator: ",") + "]",
        "[" + Array(repeating: "-32600 id=null", count: 64).joined(separator: ", ") + "]"
    ),
]

@Suite struct IncomingTests {
    @Test(arguments: lines)
    func followsTheRules(line: String, outcome: String) {
        #expect(describe(Incoming.parse(Array(line.utf8))) == outcome)
    }

    @Test(arguments: [62, 63, 64])
    func countsTheOutermostBracketsToo(depth: Int) {
        let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let line = #"{"jsonrpc":"2.0","id":1,"method":"status","params":{"_meta":\#(nested)}}"#
        let outcome = describe(Incoming.parse(Array(line.utf8)))
        if depth <= 62 { #expect(outcome.hasPrefix("call")) } else { #expect(outcome == "-32700 id=null") }
    }

    @Test func namesTheNameThatStandsTwice() {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"a","text":"b"}}"#
        guard case .single(.failure(let rejection)) = Incoming.parse(Array(line.utf8)) else {
            Issue.record("the line was not refused")
            return
        }
        #expect(rejection.error.reason == .invalidRequest)
        #expect(rejection.error.field == "text")
    }

    @Test(arguments: ["7", "\"a\"", #""\u0061""#, "123456789012345678901234567890", "null"])
    func aCancelNamesItsRequestExactly(id: String) throws {
        let line = #"{"jsonrpc":"2.0","method":"request.cancel","params":{"_meta":{},"request":\#(id)}}"#
        guard case .single(.success(let request)) = Incoming.parse(Array(line.utf8)) else {
            Issue.record("the line was refused")
            return
        }
        #expect(request.cancelled?.raw == Array(id.utf8))
        #expect(request.cancelled == RequestID(json: Array(id.utf8)))
    }

    @Test(arguments: [#"{}"#, #"{"request":1.5}"#, #"{"request":[1]}"#, #"{"other":1}"#])
    func aCancelOfNothingCancelsNothing(params: String) {
        let line = #"{"jsonrpc":"2.0","method":"request.cancel","params":\#(params)}"#
        guard case .single(.success(let request)) = Incoming.parse(Array(line.utf8)) else {
            Issue.record("the line was refused")
            return
        }
        #expect(request.cancelled == nil)
    }

    @Test func idsAreEqualWhenTheirValuesAre() throws {
        let plain = try #require(RequestID(json: Array("\"a\"".utf8)))
        let escaped = try #require(RequestID(json: Array(#""\u0061""#.utf8)))
        #expect(plain == escaped)
        #expect(Set([plain, escaped]).count == 1)
        #expect(plain != RequestID(json: Array("\"b\"".utf8)))
        #expect(RequestID(1) != RequestID(.string("1")))
        #expect(RequestID(json: Array("-0".utf8)) == RequestID(0))
        #expect(RequestID(.null) == .null)
        #expect(RequestID(.double(1)) == nil)
        #expect(RequestID(json: Array("1.0".utf8)) == nil)
        #expect(RequestID(json: Array("{}".utf8)) == nil)
    }

    private func describe(_ incoming: Incoming) -> String {
        switch incoming {
        case .blank: "blank"
        case .rejected(let rejection): describe(.failure(rejection))
        case .single(let call): describe(call)
        case .batch(let calls): "[" + calls.map(describe).joined(separator: ", ") + "]"
        }
    }

    private func describe(_ call: Result<Request, Rejection>) -> String {
        switch call {
        case .failure(let rejection): return "\(rejection.error.code) id=\(rejection.id)"
        case .success(let request):
            let params = JSON.object(request.params)
            guard let id = request.id else { return "notify \(request.method) \(params)" }
            return "call \(request.method) id=\(id) \(params)"
        }
    }
}
