import Glibc
import Patience
import StubServer
import Testing
import World

@testable import LanguageModel

@Suite struct `Asking an LLM` {
    @Test func `an answer comes whole, with its figures`() async throws {
        try await withStub { model, stub in
            let heard = await model.hear(
                LLM.Prompt([.init(.system, "be brief"), .init(.user, "hi \"you\"")], uid: 7, maxTokens: 20)
            )
            #expect(heard.text == Recorded.text)
            let record = try #require(heard.record)
            #expect(record.model == "m")
            #expect(record.promptTokens == 7)
            #expect(record.completionTokens == 3)
            #expect(record.doneReason == "stop")
            #expect(!record.isTruncated && !record.leftHost)
            #expect(record.firstTokenMilliseconds != nil)
            let request = try #require(stub.requests.first { $0.path == "/api/chat" })
            #expect(request.headers["host"]?.hasPrefix("localhost:") == true)
            #expect(request.headers["accept-encoding"] == nil)
            #expect(
                request.body
                    == #"{"model":"m","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi \"you\""}],"#
                    + #""stream":true,"think":false,"options":{"num_predict":20}}"#
            )
            #expect(model.health.state == .ready)
            #expect(model.health.contextLength == 4_096)
            #expect(model.counters.finished == 1)
            #expect(model.counters.completionTokens == 3)
        }
    }

    @Test func `the OpenAI protocol, with a key that no description shows`() async throws {
        let change: @Sendable (inout LLM.Settings) -> Void = {
            $0.backend = .openai
            $0.url += "/v1/"
            $0.key = .init("sesame")
        }
        try await withStub(change, { _, line in line.answer(Recorded.events, "text/event-stream") }) { model, stub in
            let heard = await model.hear(.user("hi", maxTokens: 9))
            #expect(heard.text == Recorded.text)
            #expect(heard.record?.promptTokens == 7)
            let request = try #require(stub.requests.first)
            #expect(request.path == "/v1/chat/completions")
            #expect(request.headers["authorization"] == "Bearer sesame")
            #expect(request.body.contains(#""stream_options":{"include_usage":true},"max_tokens":9"#))
            var settings = settings(stub.url)
            change(&settings)
            #expect(!"\(settings)".contains("sesame"))
        }
    }

    @Test func `over a Unix socket`() async throws {
        let path = "/tmp/llm-\(getpid())-\(UInt32.random(in: 0...UInt32.max)).sock"
        try await withStub(path: path) { model, stub in
            #expect(await model.hear().text == Recorded.text)
            #expect(stub.requests.allSatisfy { $0.headers["host"] == "localhost" })
        }
    }

    @Test func `nobody listens there`() async throws {
        let stub = try Stub()
        stub.stop()
        let model = try LanguageModel(settings(stub.url))
        #expect(await model.hear().kind == "unreachable")
        #expect(await model.hear().kind == "unreachable")
        #expect(model.health.isBreakerOpen)
        #expect(model.health.state == .unreachable)
        #expect(await model.hear().kind == "unreachable")
        #expect(model.counters.failures == ["unreachable": 3])
        await model.shutDown()
        let nowhere = try LanguageModel(settings("http+unix://%2Fnowhere.sock"))
        #expect(await nowhere.hear().kind == "unreachable")
        await nowhere.shutDown()
    }

    @Test func `accepts and says nothing`() async throws {
        try await withStub({ $0.firstByteTimeout = 0.2 }, { _, line in line.hang() }) { model, stub in
            #expect(await model.hear().kind == "timeout")
            #expect(await eventually { model.counters.inFlight == 0 })
        }
    }

    @Test func `a head and nothing after it`() async throws {
        try await withStub(
            { $0.firstByteTimeout = 0.2 },
            {
                $1.head(); $1.hang()
            }
        ) { model, _ in
            for _ in 0..<5 {
                #expect(!model.health.isBreakerOpen)
                #expect(await model.hear().kind == "timeout")
            }
            // A head alone is no answer.
            #expect(model.health.isBreakerOpen)
        }
    }

    @Test func `a head at once, and the text when its turn has come`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            line.pause(600)
            line.chunk(Recorded.plain)
            line.last()
        }
        try await withStub({ $0.idleTimeout = 0.2 }, chat) { model, _ in
            #expect(await model.hear().text == Recorded.text)
        }
    }

    @Test func `text without an end is not kept`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            while line.chunk(Recorded.line(String(repeating: "x", count: 10_000))) {}
        }
        try await withStub({ _ in }, chat) { model, _ in
            let heard = await model.hear()
            #expect(heard.kind == "interrupted")
            #expect(240_000...262_144 ~= heard.text.utf8.count)
        }
    }

    @Test func `falls silent in the middle`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            line.chunk(Recorded.line("some"))
            line.hang()
        }
        try await withStub({ $0.idleTimeout = 0.2 }, chat) { model, _ in
            let heard = await model.hear()
            #expect(heard.text == "some")
            #expect(heard.kind == "interrupted")
            #expect(heard.failure?.record != nil)
        }
    }

    @Test func `drips for ever`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            while line.chunk(Recorded.line("x")) { line.pause(20) }
        }
        // Until it is time enough for a first word.
        var (heard, seconds) = (Heard(), 0.4)
        repeat {
            try await withStub({ [seconds] in $0.totalTimeout = seconds }, chat) { model, _ in
                heard = await model.hear()
            }
            seconds *= 2
        } while heard.kind == "timeout" && seconds < Patience.seconds
        #expect(heard.text.hasPrefix("x"))
        #expect(heard.kind == "interrupted")
    }

    @Test func `cut at every byte, it never passes for whole`() async throws {
        let answer = Array((Recorded.line("ä") + Recorded.end()).utf8)
        try await withStub { model, stub in
            for cut in 0..<answer.count {
                stub.onChat { _, line in
                    line.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                    if cut > 0 { line.chunk(Array(answer[..<cut])) }
                    line.end()
                }
                let heard = await model.hear()
                let isComplete = cut == answer.count - 1
                // Only the line feed is missing there, and the connection broke all the same.
                #expect(isComplete || heard.failure != nil, "cut at \(cut)")
                #expect(heard.text == "" || heard.text == "ä")
                if heard.text == "ä", !isComplete { #expect(heard.kind == "interrupted") }
            }
        }
    }

    @Test func `an error first, in the middle, and last`() async throws {
        let error = #"{"error":"CUDA error"}"# + "\n"
        try await withStub { model, stub in
            stub.onChat { $1.answer(error) }
            #expect(await model.hear().failure?.kind == .error("CUDA error"))
            stub.onChat { $1.answer(Recorded.line("a") + error + Recorded.line("b")) }
            let middle = await model.hear()
            #expect(middle.text == "a")
            #expect(middle.kind == "interrupted")
            stub.onChat { $1.answer(Recorded.line("a") + Recorded.line("b") + error) }
            #expect(await model.hear().kind == "interrupted")
        }
    }

    @Test func `a line of eight megabytes, and an answer without an end`() async throws {
        try await withStub { model, stub in
            stub.onChat { _, line in
                line.head()
                for _ in 0..<128 where line.chunk([UInt8](repeating: 0x61, count: 65_536)) {}
                line.hang()
            }
            #expect(await model.hear().kind == "error")
            #expect(await eventually { stub.open <= 3 })
            stub.onChat { _, line in
                line.head()
                while line.chunk(Recorded.line(String(repeating: "y", count: 4_096))) {}
            }
            let heard = await model.hear()
            #expect(heard.kind == "interrupted")
            #expect(heard.text.utf8.count < 4 << 20)
        }
    }

    @Test func `split in the middle of a character`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            for byte in Array(Recorded.plain.utf8) { line.chunk([byte]) }
            line.last()
        }
        try await withStub({ _ in }, chat) { model, _ in #expect(await model.hear().text == Recorded.text) }
    }

    @Test func `a doubled end and bytes after it`() async throws {
        let chat: Stub.Handler = { $1.answer(Recorded.plain + Recorded.end("length") + "more") }
        try await withStub({ _ in }, chat) { model, _ in
            let heard = await model.hear()
            #expect(heard.text == Recorded.text)
            #expect(heard.record?.doneReason == "stop")
        }
    }

    @Test func `the end of the answer does not wait for the end of the connection`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            line.chunk(Recorded.plain)
            line.hang()
        }
        try await withStub({ _ in }, chat) { model, stub in
            #expect(await model.hear().record != nil)
            #expect(await eventually { model.counters.inFlight == 0 })
        }
    }

    @Test func `a truncated one says so`() async throws {
        try await withStub({ _ in }, { $1.answer(Recorded.line("a") + Recorded.end("length")) }) { model, _ in
            #expect(await model.hear().record?.isTruncated == true)
        }
    }

    @Test(arguments: [
        (400, "error"), (401, "error"), (403, "error"), (404, "model_missing"), (429, "busy"), (499, "error"),
        (500, "error"), (502, "unreachable"), (503, "busy"), (504, "timeout"), (302, "error"), (204, "error"),
    ])
    func `every status means something`(_ status: Int, _ kind: String) async throws {
        let chat: Stub.Handler = { _, line in
            line.reply(status, status == 403 || status == 204 ? "" : #"{"error":"why"}"#)
        }
        try await withStub({ _ in }, chat) { model, _ in
            #expect(await model.hear().kind == kind)
            if status == 403 { #expect(model.health.state == .forbidden) }
        }
    }

    @Test func `a page is no answer`() async throws {
        try await withStub { model, stub in
            for status in [200, 404, 500] {
                stub.onChat {
                    $1.reply(status, "<html>\n<body>It works!</body>\n</html>", "Content-Type: text/html\r\n")
                }
                #expect(await model.hear().kind == "error")
            }
        }
    }

    @Test func `nothing but thoughts, and nothing at all`() async throws {
        try await withStub { model, stub in
            let thought = #"{"message":{"role":"assistant","content":"","thinking":"hm"},"done":false}"# + "\n"
            stub.onChat { $1.answer(thought + Recorded.end()) }
            #expect(await model.hear().kind == "error")
            stub.onChat { $1.answer(Recorded.end()) }
            #expect(await model.hear().kind == "error")
        }
    }

    @Test func `a redirect is not followed`() async throws {
        let trap = try Stub { $1.answer(Recorded.plain) }
        try await withStub({ _ in }, { $1.reply(307, "", "Location: \(trap.url)/api/chat\r\n") }) { model, _ in
            #expect(await model.hear().kind == "error")
        }
        #expect(trap.accepted == 0)
        trap.stop()
    }

    @Test func `a compressed answer is refused`() async throws {
        let chat: Stub.Handler = { $1.reply(200, "\u{1F}xyz", "Content-Encoding: gzip\r\n") }
        try await withStub({ _ in }, chat) { model, _ in #expect(await model.hear().kind == "error") }
    }

    @Test func `a kept connection that closes as it is used again costs nobody an answer`() async throws {
        try await withStub { model, stub in
            // A kept one is closed on a question that it gets; the new one answers. When a connection is kept is not to be
            // seen from here, so that there are as many questions as it takes.
            let closed = Counter()
            stub.onChat { _, line in
                if line.requests > 1, closed.count == 0 {
                    _ = closed.next()
                    line.end()
                } else {
                    line.answer(Recorded.plain)
                }
            }
            let isSeen = await Patience.eventually {
                #expect(await model.hear().record != nil)
                return closed.count > 0
            }
            #expect(isSeen)
            // The question came twice, and every other one once.
            #expect(stub.count("/api/chat") == model.counters.finished + 1)
            // A new connection that closes is a failure: nobody asks twice.
            stub.onChat { $1.end() }
            #expect(await model.hear().failure != nil)
        }
    }
}
