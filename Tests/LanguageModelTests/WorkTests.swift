import Patience
import StubServer
import Testing
import World

@testable import LanguageModel

@Suite struct `A language model at work` {
    @Test func `nobody listens any more, so nobody is asked any more`() async throws {
        let chat: Stub.Handler = { _, line in
            line.head()
            while line.chunk(Recorded.line("x")) { line.pause(5) }
        }
        try await withStub({ _ in }, chat) { model, stub in
            // The reader stops, and lets go of the stream.
            for await delta in model.complete(.user("a")) where delta == .text("x") { break }
            #expect(await eventually { model.counters.inFlight == 0 })
            // The task of the reader is cancelled.
            let seen = Counter()
            let reader = Task {
                for await _ in model.complete(.user("b")) { _ = seen.next() }
            }
            #expect(await eventually { seen.count > 0 })
            reader.cancel()
            await reader.value
            #expect(await eventually { model.counters.inFlight == 0 && model.counters.cancelled == 2 })
            // Nothing but the connections of the looks is left.
            #expect(await eventually { stub.open <= 2 })
        }
    }

    @Test func `whoever is cancelled before the first byte leaves nothing behind`() async throws {
        try await withStub({ _ in }, { $1.hang() }) { model, stub in
            let reader = Task {
                for await _ in model.complete(.user("x")) {}
            }
            #expect(await eventually { stub.count("/api/chat") == 1 })
            reader.cancel()
            #expect(await eventually { model.counters.inFlight == 0 && model.counters.cancelled == 1 })
            #expect(await eventually { stub.open <= 2 })
        }
    }

    @Test func `so many at once, so many waiting, and no user more than half`() async throws {
        let gate = Gate()
        let chat: Stub.Handler = { _, line in
            while !gate.isOpen { line.pause(2) }
            line.answer(Recorded.plain)
        }
        try await withStub(
            {
                $0.maxInFlight = 2; $0.maxQueued = 4
            },
            chat
        ) { model, stub in
            #expect(await model.hear(.user("first", uid: 0)).record != nil)
            gate.close()
            var tasks: [Task<Bool, Never>] = []
            func ask(_ uid: UInt32) {
                let task = Task { () -> Bool in
                    for await delta in model.complete(.user("q", uid: uid)) {
                        if case .finished = delta { return true }
                    }
                    return false
                }
                tasks.append(task)
            }
            ask(1)
            ask(1)
            #expect(await eventually { model.counters.inFlight == 2 })
            ask(1)
            ask(1)
            #expect(await eventually { model.counters.queued == 2 })
            #expect(await model.hear(.user("q", uid: 1)).kind == "busy")
            ask(2)
            ask(3)
            #expect(await eventually { model.counters.queued == 4 })
            #expect(await model.hear(.user("q", uid: 4)).kind == "busy")
            // One that waits goes away.
            tasks[3].cancel()
            #expect(await eventually { model.counters.queued == 3 })
            gate.open()
            for (index, task) in tasks.enumerated() where index != 3 {
                #expect(await task.value)
            }
            #expect(model.counters.failures == ["busy": 2])
        }
    }

    @Test func `waiting ones take turns by user`() async {
        let admission = Admission(maxInFlight: 1, maxQueued: 20)
        #expect(await admission.enter(0) == .admitted)
        let order = Order()
        var tasks: [Task<Void, Never>] = []
        for (index, uid) in [1, 1, 1, 2, 2, 3].map(UInt32.init).enumerated() {
            tasks.append(
                Task {
                    guard await admission.enter(uid) == .admitted else { return }
                    order.add(uid)
                    admission.leave()
                }
            )
            #expect(await eventually { admission.load.queued == index + 1 })
        }
        admission.leave()
        for task in tasks { await task.value }
        #expect(order.all == [1, 2, 3, 1, 2, 1])
        #expect(admission.load == (0, 0))
    }

    @Test func `a cold model is loaded by a request that outlives whoever asked`() async throws {
        let gate = Gate()
        gate.close()
        let isLoaded = Gate()
        isLoaded.close()
        let chat: Stub.Handler = { request, line in
            guard request.body.contains(#""messages":[],"#) else {
                return isLoaded.isOpen ? line.answer(Recorded.plain) : line.reply(503, #"{"error":"loading"}"#)
            }
            while !gate.isOpen { line.pause(5) }
            isLoaded.open()
            line.reply(200, Recorded.end("load"))
        }
        try await withStub(
            {
                $0.loadPatience = 0.1; $0.keepAlive = "10m"; $0.probeTimeout = 0.3
            },
            chat
        ) { model, stub in
            // While a model is loaded, Ollama says nothing to this.
            stub.on("/api/ps") { _, line in
                while !isLoaded.isOpen { line.pause(5) }
                line.reply(200, #"{"models":[{"model":"m:latest"}]}"#)
            }
            // A look at its state that came to nothing lets a question through, which gets no answer yet.
            #expect(await Patience.eventually { await model.hear().kind == "loading" })
            #expect(await model.hear().kind == "loading")
            #expect(model.health.state == .loading)
            let loads = stub.requests.filter { $0.body.contains(#""messages":[],"#) }
            #expect(loads.count == 1)
            #expect(loads.first?.body.contains(#""keep_alive":"10m""#) == true)
            gate.open()
            #expect(await eventually { model.health.state == .ready })
            // A look may find the model loaded a moment before the request that loaded it has ended.
            #expect(await Patience.eventually { await model.hear().text == Recorded.text })
        }
    }

    @Test func `a loading that fails says why`() async throws {
        let chat: Stub.Handler = { $1.reply(500, #"{"error":"llama-server process has terminated"}"#) }
        try await withStub({ _ in }, chat) { model, stub in
            stub.on("/api/ps") { $1.reply(200, #"{"models":[]}"#) }
            #expect(await model.hear().kind == "error")
            #expect(await model.hear().kind == "error")
            #expect(stub.count("/api/chat") == 1)
        }
    }

    @Test func `a model that is not there is not asked, and found once it is`() async throws {
        try await withStub { model, stub in
            stub.on("/api/show") { $1.reply(404, #"{"error":"model 'm' not found"}"#) }
            #expect(await model.hear().kind == "model_missing")
            #expect(stub.count("/api/chat") == 0)
            #expect(model.health.state == .modelMissing)
            stub.on("/api/show") { $1.reply(200, "{}") }
            #expect(await model.hear().record != nil)
        }
    }

    @Test func `text stays on this host`() async throws {
        for url in ["http://192.0.2.1:11434", "https://example.org", "http://127.0.0.1.example.org", "http://127.1"] {
            #expect(throws: LanguageModel.InvalidSettings.self, "\(url)") { try LanguageModel.check(settings(url)) }
            try LanguageModel.check(settings(url) { $0.allowRemote = true })
        }
        for url in ["http://localhost:1", "http://[::1]:1", "http://127.9.9.9", "http+unix://%2Frun%2Fx.sock"] {
            try LanguageModel.check(settings(url))
        }
        for url in ["", "ftp://x", "http://", "http://u:p@127.0.0.1", "http://127.0.0.1:99999", "http+unix://run"] {
            #expect(throws: LanguageModel.InvalidSettings.self, "\(url)") { try LanguageModel.check(settings(url)) }
        }
        try await withStub { model, stub in
            stub.on("/api/show") { $1.reply(200, #"{"remote_host":"https://ollama.com:443"}"#) }
            #expect(await model.hear().kind == "error")
            #expect(stub.count("/api/chat") == 0)
            // Even one that only shows in the answer is not passed on.
            stub.on("/api/show") { $1.reply(200, "{}") }
            stub.onChat { $1.answer(DecoderStreams.remote) }
            let heard = await model.hear()
            #expect(heard.text == "")
            #expect(heard.kind == "error")
        }
        try await withStub({ $0.allowRemote = true }, { $1.answer(DecoderStreams.remote) }) { model, _ in
            #expect(await model.hear().record?.leftHost == true)
        }
    }

    @Test func `a reload goes on with the new address`() async throws {
        let second = try Stub { $1.answer(Recorded.line("second") + Recorded.end()) }
        try await withStub { model, stub in
            #expect(await model.hear().text == Recorded.text)
            try model.apply(settings(second.url))
            #expect(await model.hear().text == "second")
            #expect(throws: LanguageModel.InvalidSettings.self) { try model.apply(settings("nonsense")) }
            #expect(await model.hear().text == "second")
            try model.apply(settings(second.url) { $0.backend = .off })
            #expect(await model.hear().kind == "off")
            #expect(await eventually { stub.open == 0 && second.open == 0 })
        }
        second.stop()
    }

    @Test func `stopping ends what is under way with a last delta`() async throws {
        try await withStub(
            { _ in },
            {
                $1.head(); $1.chunk(Recorded.line("x")); $1.hang()
            }
        ) { model, _ in
            let (heard, seen) = (Task { await model.hear() }, Counter())
            let reader = Task {
                for await delta in model.complete(.user("x")) where delta == .text("x") { _ = seen.next() }
            }
            #expect(await eventually { seen.count == 1 && model.counters.inFlight == 2 })
            await model.shutDown()
            #expect(await heard.value.kind == "interrupted")
            await reader.value
            #expect(await model.hear().kind == "off")
        }
    }

    @Test func `the stand-in says what it is, and plays what it is told`() async throws {
        let model = try LanguageModel(settings("") { $0.backend = .standin })
        let heard = await model.hear(.user("Wo ist mein Paket?"))
        #expect(heard.text.contains("stand-in"))
        #expect(heard.record?.model == "standin")
        #expect(await model.hear(.user("Wo ist mein Paket?")).text == heard.text)
        #expect(model.health.state == .ready)
        #expect(await model.hear(.user("x", maxTokens: 2)).record?.isTruncated == true)
        #expect(await model.hear(.user("x", model: "standin:cut")).kind == "interrupted")
        #expect(await model.hear(.user("x", model: "standin:error")).kind == "error")
        try model.apply(
            settings("") {
                $0.backend = .standin; $0.idleTimeout = 0.1
            }
        )
        #expect(await model.hear(.user("x", model: "standin:stall")).kind == "interrupted")
        try model.apply(
            settings("") {
                $0.backend = .standin; $0.firstByteTimeout = 0.1
            }
        )
        #expect(await model.hear(.user("x", model: "standin:silence")).kind == "timeout")
        await model.shutDown()
    }

    @Test func `a thousand at once get an answer or a refusal, and leave nothing behind`() async throws {
        try await withStub { model, _ in
            let kinds = await withTaskGroup(of: String.self) { group in
                for index in 0..<1_000 {
                    group.addTask { await model.hear(.user("q", uid: UInt32(index % 50))).kind ?? "answered" }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(Set(kinds.keys).isSubset(of: ["answered", "busy"]))
            #expect(kinds["answered"] ?? 0 >= 4)
        }
    }
}
