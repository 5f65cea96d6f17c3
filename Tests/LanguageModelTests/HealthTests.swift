import Dispatch
import Patience
import StubServer
import Testing
import World

@testable import LanguageModel

@Suite struct `The health of an LLM` {
    @Test(arguments: Speech.all)
    func `comes from its answers, and no look takes it back`(_ speech: Speech) async throws {
        let words = "model requires more system memory (5.6 GiB) than is available (3.1 GiB)"
        let change: @Sendable (inout LLM.Settings) -> Void = {
            $0.backend = speech.backend
            $0.probeInterval = 0.02
        }
        try await withStub(change, { $1.reply(500, #"{"error":"\#(words)"}"#) }) { model, stub in
            for _ in 0..<3 {
                let heard = await model.hear()
                #expect(heard.kind == "error")
                #expect(heard.failure?.said == words)
            }
            for _ in 0..<3 {
                await model.look()
                #expect(model.health.state == .failing)
                #expect(model.health.said == words)
            }
            stub.onChat { $1.answer(speech.says("a") + speech.ends(), speech.type) }
            #expect(await model.hear().record != nil)
            #expect(model.health.state == .ready)
            #expect(model.health.said == nil)
        }
    }

    @Test func `does not suffer from one question that was wrong, but from several in a row`() async throws {
        try await withStub { model, stub in
            #expect(await model.hear().record != nil)
            stub.onChat { $1.reply(400, #"{"error":"the prompt is longer than the context length"}"#) }
            _ = await model.hear()
            #expect(model.health.state == .ready)
            for _ in 0..<2 { _ = await model.hear() }
            #expect(model.health.state == .failing)
        }
    }

    @Test func `is told by a loading that fails`() async throws {
        let chat: Stub.Handler = { $1.reply(500, #"{"error":"out of memory"}"#) }
        try await withStub({ $0.loadPatience = Patience.seconds }, chat) { model, stub in
            stub.on("/api/ps") { $1.reply(200, #"{"models":[]}"#) }
            #expect(await model.hear().failure?.said == "out of memory")
            await model.look()
            #expect(model.health.state == .failing)
            #expect(model.health.said == "out of memory")
        }
    }

    @Test func `calls a fault of TLS what it is`() async throws {
        // A server without TLS, asked with it.
        let stub = try Stub(greeting: "HTTP/1.1 400 Bad Request\r\n\r\n")
        let secure = stub.url.replacing("http://", with: "https://")
        let model = try LanguageModel(settings(secure) { $0.backend = .openai })
        let failure = await model.hear().failure
        #expect(failure?.message.contains("does not speak TLS") == true, "\(String(describing: failure))")
        #expect(model.health.reason?.contains("TLS") == true)
        await model.shutDown()
        stub.stop()
        // A server with TLS, asked without it, as such servers answer.
        try await withStub({ _ in }, { $1.reply(400, "Client sent an HTTP request to an HTTPS server.\n") }) {
            model,
            _ in
            #expect(await model.hear().failure?.message.contains("https://") == true)
        }
    }

    @Test func `heeds the pause that the server asks for`() async throws {
        try await withStub { model, stub in
            #expect(await model.hear().record != nil)
            stub.onChat { $1.reply(429, #"{"error":"slow down"}"#, "Retry-After: 3\r\n") }
            #expect(await model.hear().kind == "busy")
            let asked = stub.count("/api/chat")
            stub.onChat { $1.answer(Recorded.plain) }
            #expect(await model.hear().kind == "busy")
            await model.look()
            #expect(stub.count("/api/chat") == asked)
            #expect(model.health.state == .busy)
            #expect(await Patience.eventually { await model.hear().record != nil })
            #expect(model.health.state == .ready)
        }
    }

    @Test func `does not suffer from a queue in which questions run out of time`() async throws {
        // One after the other, as Ollama answers, and far fewer than are asked in the time.
        let turn = DispatchSemaphore(value: 1)
        let chat: Stub.Handler = { _, line in
            turn.wait()
            defer { turn.signal() }
            line.head()
            line.pause(300)
            line.chunk(Recorded.plain)
            line.last()
        }
        let change: @Sendable (inout LLM.Settings) -> Void = {
            $0.totalTimeout = 2
            $0.maxInFlight = 4
        }
        try await withStub(change, chat) { model, stub in
            let kinds = await withTaskGroup(of: String.self) { group in
                for uid in 0..<30 {
                    group.addTask { await model.hear(.user("q", uid: UInt32(uid))).kind ?? "answered" }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(kinds["unreachable"] == nil, "\(kinds)")
            #expect(kinds["busy"] ?? 0 > 0)
            #expect(!model.health.isBreakerOpen)
            #expect(model.health.state != .unreachable)
            // What ran out of time here was not sent.
            #expect(stub.count("/api/chat") < 30)
        }
    }
}
