import Testing
import Wire

@Suite struct ReplyTests {
    @Test func writesResultsErrorsAndNotifications() {
        #expect(
            text(Reply.result(id: RequestID(7)) { $0.value(["a": 1]) }) == #"{"jsonrpc":"2.0","id":7,"result":{"a":1}}"#
                + "\n"
        )
        #expect(
            text(Reply.result(id: .null, encoded: Array("[1]".utf8))) == #"{"jsonrpc":"2.0","id":null,"result":[1]}"#
                + "\n"
        )
        #expect(
            text(Reply.error(id: RequestID(.string("a")) ?? .null, .cancelled))
                == #"{"jsonrpc":"2.0","id":"a","error":{"code":-32006,"message":"The request was cancelled.","#
                + #""data":{"reason":"cancelled"}}}"# + "\n"
        )
        #expect(
            text(Reply.notification("job.progress") { $0.value(["fraction": 0.5]) })
                == #"{"jsonrpc":"2.0","method":"job.progress","params":{"fraction":0.5}}"# + "\n"
        )
    }

    @Test func joinsABatchIntoOneLine() throws {
        let lines = (1...3).map { number in Reply.result(id: RequestID(number)) { $0.value(number) } }
        let batch = text(Reply.batch(lines))
        #expect(batch.hasSuffix("]\n"))
        #expect(try JSONParser.parse(batch).array?.compactMap { $0["id"]?.int } == [1, 2, 3])
    }

    @Test func anErrorCarriesEverythingItKnows() throws {
        let error = RPCError(
            .gateRefused,
            "No.",
            field: "f",
            hint: "h",
            retryAfterMS: 5,
            extra: [Member("verdict", ["verdict": "fail"])]
        )
        let line = try JSONParser.parse(Reply.error(id: RequestID(1), error))
        #expect(line["error"]?["code"]?.int == -32009)
        #expect(
            line["error"]?["data"]?.description
                == #"{"reason":"gate_refused","field":"f","hint":"h","retry_after_ms":5,"verdict":{"verdict":"fail"}}"#
        )
    }

    @Test(arguments: [
        ("parse_error", -32700), ("invalid_request", -32600), ("unknown_method", -32601), ("invalid_params", -32602),
        ("internal", -32603), ("line_too_long", -32001), ("forbidden", -32002), ("not_found", -32003),
        ("conflict", -32004), ("overloaded", -32005), ("rate_limited", -32005), ("cancelled", -32006),
        ("storage_full", -32007), ("storage_failed", -32007), ("storage_busy", -32007), ("no_model", -32008),
        ("gate_refused", -32009), ("upstream_interrupted", -32010),
    ])
    func everyReasonHasItsCode(reason: String, code: Int) { #expect(RPCError.Reason(rawValue: reason)?.code == code) }

    @Test func thereAreNoOtherReasons() { #expect(RPCError.Reason.allCases.count == 18) }

    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}

@Suite struct RPCErrorTests {
    @Test(arguments: [
        RPCError(JSONError(.syntax, at: 7, "a colon is missing")),
        RPCError(JSONError(.duplicateKey, at: 7, "twice", name: "a")),
        .invalidRequest("Send one object."), .unknownMethod("x\n\u{1B}"), .lineTooLong(limit: 1_048_576),
        .unfinishedLine(seconds: 10), .unfinishedLine(seconds: 0.5), .forbidden(.retrain, role: .user),
        .overloaded(limit: 128), .tooManyConnections, .rateLimited(retryAfterMS: 50), .cancelled, .storageFull,
        .storageFailed("the disk broke"), .noModel("training failed"), .upstreamInterrupted(partial: "Hel"),
    ])
    func everyMessageIsOnePlainSentence(error: RPCError) {
        #expect(error.message.hasSuffix("."))
        #expect(error.message.first?.isWhitespace == false)
        #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F })
        #expect(!error.message.contains("  "))
        if error.code == -32005 { #expect(error.retryAfterMS != nil) }
    }

    @Test func aLimitInSecondsReadsPlainly() {
        #expect(RPCError.unfinishedLine(seconds: 10).message.contains("within 10 s;"))
        #expect(RPCError.unfinishedLine(seconds: 0.5).message.contains("within 0.5 s;"))
    }
}
