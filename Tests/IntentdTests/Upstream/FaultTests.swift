import Patience
import StubServer
import Testing
import Wire

/// Everything that an LLM's server can do wrong, and what a client of the daemon gets then.
@Suite struct `An LLM that fails` {
    struct Fault: Sendable, CustomStringConvertible {
        var description: String
        /// How the answer ends: `llm`, `fallback:REASON`, or an error's reason.
        var outcome: String
        var text = ""
        /// The limit that it runs into; what it can do before that is not the machine's to decide.
        var limit: String?
        var chat: Stub.Handler
    }

    private static let error = #"{"error":"CUDA error"}"# + "\n"
    private static let huge = Array(says(String(repeating: "x", count: 8 << 20)).utf8)
    private static func says(_ text: String) -> String { Recorded.line(text) }

    static let faults: [Fault] = [
        Fault(description: "accepts and hangs", outcome: "fallback:llm_timeout", limit: "first_byte_timeout: 500ms") {
            $1.hang()
        },
        Fault(description: "hangs after the head", outcome: "fallback:llm_timeout", limit: "first_byte_timeout: 500ms")
        {
            $1.head()
            $1.hang()
        },
        Fault(description: "falls silent", outcome: "upstream_interrupted", text: "some", limit: "idle_timeout: 400ms")
        {
            $1.head()
            $1.chunk(says("some"))
            $1.hang()
        },
        Fault(description: "closes before the head", outcome: "fallback:llm_unreachable") { $1.end() },
        Fault(description: "resets before the head", outcome: "fallback:llm_unreachable") { $1.reset() },
        Fault(description: "closes after the head", outcome: "fallback:llm_error") {
            $1.head()
            $1.end()
        },
        Fault(description: "closes in the middle", outcome: "upstream_interrupted", text: "some") {
            $1.head()
            $1.chunk(says("some"))
            $1.end()
        },
        Fault(description: "ends cleanly without done", outcome: "upstream_interrupted", text: "some") {
            $1.answer(says("some"))
        },
        Fault(description: "an error first", outcome: "fallback:llm_error") { $1.answer(error) },
        Fault(description: "an error in the middle", outcome: "upstream_interrupted", text: "a") {
            $1.answer(says("a") + error + says("b"))
        },
        Fault(description: "an error last", outcome: "upstream_interrupted", text: "ab") {
            $1.answer(says("a") + says("b") + error)
        },
        Fault(description: "a line of eight megabytes", outcome: "fallback:llm_error") {
            $1.head()
            $1.chunk(huge)
            $1.last()
        },
        Fault(description: "a character in two chunks", outcome: "llm", text: "ä") { _, line in
            let bytes = Array((says("ä") + Recorded.end()).utf8)
            let middle = (bytes.firstIndex(of: 0xC3) ?? 0) + 1
            line.head()
            line.chunk(Array(bytes[..<middle]))
            line.pause(20)
            line.chunk(Array(bytes[middle...]))
            line.last()
        },
        Fault(description: "a doubled end", outcome: "llm", text: "a") {
            $1.answer(says("a") + Recorded.end() + Recorded.end())
        },
        Fault(description: "bytes after the end", outcome: "llm", text: "a") {
            $1.answer(says("a") + Recorded.end() + "garbage" + says("b"))
        },
        Fault(description: "counts beyond any sum", outcome: "llm", text: "a") {
            let counts = #""prompt_eval_count":9223372036854775807,"eval_count":9223372036854775807"#
            $1.answer(says("a") + #"{"message":{"content":""},"done":true,\#(counts)}"# + "\n")
        },
        Fault(description: "no JSON", outcome: "fallback:llm_error") { $1.answer("<html>hello</html>\n", "text/html") },
        Fault(description: "nothing but thoughts", outcome: "fallback:llm_error") {
            $1.answer(#"{"message":{"content":"","thinking":"hm"},"done":false}"# + "\n" + Recorded.end())
        },
        Fault(description: "no content", outcome: "fallback:llm_error") { $1.answer(Recorded.end()) },
        Fault(description: "from another host", outcome: "fallback:llm_error") {
            $1.answer(#"{"message":{"content":"x"},"remote_host":"https://ollama.com:443","done":false}"# + "\n")
        },
        Fault(description: "a redirect", outcome: "fallback:llm_error") {
            $1.reply(307, "", "Location: http://127.0.0.1:9/api/chat\r\n")
        },
        Fault(description: "a compressed answer", outcome: "fallback:llm_error") {
            $1.reply(200, "\u{1F}\u{8B}\u{8}", "Content-Encoding: gzip\r\n")
        },
        Fault(description: "a wrong content type", outcome: "llm", text: "a") {
            $1.answer(says("a") + Recorded.end(), "text/plain")
        },
        Fault(description: "an answer cut at its length", outcome: "llm", text: "a") {
            $1.answer(says("a") + Recorded.end("length"))
        },
        Fault(description: "no HTTP at all", outcome: "fallback:llm_error") {
            $1.write("SSH-2.0-OpenSSH_9.2\r\n")
            $1.hang()
        },
    ]

    private static let statuses: [(Int, String, String)] = [
        (400, #"{"error":"model is required"}"#, "llm_error"), (401, #"{"error":"unauthorized"}"#, "llm_error"),
        (403, "", "llm_error"), (404, #"{"error":"model 'm' not found"}"#, "llm_model_missing"),
        (429, #"{"error":"slow down"}"#, "llm_busy"), (499, #"{"error":"request canceled"}"#, "llm_error"),
        (500, #"{"error":"llama-server process has terminated"}"#, "llm_error"),
        (502, "<html>bad gateway</html>", "llm_unreachable"),
        (503, #"{"error":"server busy, please try again.  maximum pending requests exceeded"}"#, "llm_busy"),
    ]

    /// One daemon lives through all of it: after each fault permits and connections are what they were, and the next
    /// question gets its answer.
    @Test(arguments: [false, true])
    func `leaves a clear answer and nothing else`(isUnix: Bool) throws {
        let permits = "max_in_flight: 1, max_queued: 0"
        let upstream = try Upstream(isUnix: isUnix, llm: permits)
        let (stub, client) = (upstream.stub, upstream.client)
        let all =
            Self.faults
            + Self.statuses.map { status, body, reason in
                Fault(description: "status \(status)", outcome: "fallback:\(reason)") { $1.reply(status, body) }
            }
        let base = upstream.daemon.settled()
        for fault in all {
            stub.onChat(fault.chat)
            if let limit = fault.limit { try upstream.reload("\(permits), \(limit)") }
            let heard = try upstream.ask()
            if fault.limit != nil { try upstream.reload(permits) }
            #expect(heard.outcome == fault.outcome, "\(fault)")
            let text = heard.deltas.joined()
            #expect(fault.text.isEmpty ? text.isEmpty : text.hasPrefix(fault.text), "\(fault): \(text.prefix(80))")
            // What came is told, and the pieces joined are the reply.
            let whole = heard.error?["data"]?["partial"] ?? (fault.outcome == "llm" ? heard.result?["reply"] : "")
            #expect(whole == .string(text), "\(fault)")
            if fault.description.contains("length") { #expect(heard.result?["llm"]?["truncated"] == true) }
            #expect(try client.call("chat", ["message": "where is my parcel"])["route"] == "local")
            // The only permit is free again.
            stub.onChat { $1.answer(Recorded.plain) }
            let isBack = try Patience.until { try upstream.ask().outcome == "llm" }
            #expect(isBack, "\(fault): the next question is not answered")
        }
        #expect(try upstream.daemon.recovers(to: base, memory: 48 << 10, descriptors: 12))
        let lines = upstream.daemon.root.chatLog
        let errors = try lines.compactMap { try JSONParser.parse(Array($0.utf8))["error"]?.string }
        #expect(Set(errors) == ["upstream_interrupted"])
        #expect(errors.count == all.count { $0.outcome == "upstream_interrupted" })
        #expect(try upstream.daemon.stop() == .exit(0))
    }

    @Test func `drips without an end, and is cut off at the end of its time`() throws {
        let upstream = try Upstream { _, line in
            line.head()
            while line.chunk(Self.says("x")) { line.pause(20) }
        }
        // Until it is time enough for a first word.
        var seconds = 1
        var heard: Upstream.Heard
        repeat {
            try upstream.reload("total_timeout: \(seconds)s")
            heard = try upstream.ask()
            seconds *= 2
        } while heard.outcome == "fallback:llm_timeout" && Double(seconds) < Patience.seconds
        #expect(heard.outcome == "upstream_interrupted")
        let text = heard.deltas.joined()
        #expect(text.hasPrefix("x"))
        #expect(heard.error?["data"]?["partial"] == .string(text))
        // What it held is free again.
        upstream.stub.onChat { $1.answer(Recorded.plain) }
        try upstream.reload("")
        #expect(try Patience.until { try upstream.ask().outcome == "llm" })
    }

    @Test func `cut at every byte of an answer is an answer that broke off, or none`() throws {
        let upstream = try Upstream()
        let answer = Array((Recorded.line("ä") + Recorded.end()).utf8)
        let textEnds = Recorded.line("ä").utf8.count
        for cut in stride(from: 0, to: answer.count, by: 3) {
            upstream.stub.onChat { _, line in
                line.head()
                if cut > 0 { line.chunk(Array(answer[..<cut])) }
                line.end()
            }
            let heard = try upstream.ask()
            if cut < textEnds - 1 {
                #expect(heard.outcome.hasPrefix("fallback:llm_"), "cut at \(cut): \(heard.outcome)")
            } else if cut >= textEnds, cut < answer.count - 1 {
                #expect(heard.outcome == "upstream_interrupted", "cut at \(cut)")
                #expect(heard.error?["data"]?["partial"] == "ä")
            }
            #expect(heard.outcome != "llm" || cut >= answer.count - 1)
        }
    }

    @Test func `is not waited for once the breaker is open, and is found when it is back`() throws {
        let upstream = try Upstream()
        #expect(try upstream.ask().outcome == "llm")
        let (port, daemon) = (upstream.stub.port, upstream.daemon)
        upstream.stub.stop()
        for _ in 0..<4 { #expect(try upstream.ask().outcome == "fallback:llm_unreachable") }
        let isSaid = try Patience.until {
            let status = try upstream.client.call("status")
            return status["llm"]?["state"] == "unreachable"
                && status["degraded"]?.array?.contains { $0["feature"] == "llm" } == true
        }
        #expect(isSaid)
        let again = try Stub(port: port) { $1.answer(Recorded.plain) }
        defer { again.stop() }
        #expect(try Patience.until { try upstream.ask().outcome == "llm" })
        let isForgotten = try Patience.until {
            try upstream.client.call("status")["degraded"]?.array?.contains { $0["feature"] == "llm" } == false
        }
        #expect(isForgotten)
        #expect(try daemon.stop() == .exit(0))
    }

    @Test func `loads its model slowly: the answer says so, and the model is there later`() throws {
        let upstream = try Upstream()
        let isLoaded = Flag()
        upstream.stub.on("/api/ps") { _, line in
            // Ollama holds this answer back while it loads.
            while !isLoaded.isSet, !line.isOver { line.pause(10) }
            line.reply(200, #"{"models":[{"name":"m:latest","context_length":8192}]}"#)
        }
        upstream.stub.onChat { request, line in
            if request.body.contains(#""messages":[]"#) {
                while !isLoaded.isSet { line.pause(10) }
                line.reply(200, #"{"done":true,"done_reason":"load"}"#)
            } else if isLoaded.isSet {
                line.answer(Recorded.plain)
            } else {
                line.reply(503, #"{"error":"loading"}"#)
            }
        }
        // A look at its state that came to nothing lets a question through, which gets no answer yet.
        #expect(try Patience.until { try upstream.ask().outcome == "fallback:llm_loading" })
        #expect(try upstream.ask("where is my parcel").outcome == "local:confident")
        #expect(try Patience.until { try upstream.client.call("status")["llm"]?["state"] == "loading" })
        isLoaded.set()
        #expect(try Patience.until { try upstream.ask().outcome == "llm" })
        // One request had it loaded, whoever asked meanwhile.
        #expect(upstream.stub.requests.count { $0.path == "/api/chat" && $0.body.contains(#""messages":[]"#) } == 1)
    }
}
