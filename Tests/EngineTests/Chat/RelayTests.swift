import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The relay to an LLM` {
    private static let doubtful = "the capital of spain"

    private func line(_ world: TestWorld) throws -> JSON {
        let text = try #require(world.files.text(world.folders.chatLog)?.split(separator: "\n").last)
        return try JSONParser.parse(Array(text.utf8))
    }

    @Test func `answers what the local model is not sure of, and says who spoke`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let client = Client(try await world.engine())
        let answer = try await client.chat(Self.doubtful)
        #expect(answer["route"] == "llm")
        #expect(["out_of_scope", "below_threshold"].contains(answer["reason"]?.string))
        #expect(answer["reply"] == "It is raining.")
        #expect(
            answer["llm"] == [
                "backend": "ollama", "model": "m", "prompt_tokens": 70, "completion_tokens": 5, "first_token_ms": 12,
                "truncated": false, "left_host": false,
            ]
        )
        #expect(answer["latency_us"]?["llm"]?.int != nil)
        let line = try line(world)
        for name in ["id", "route", "reason", "llm", "latency_us", "intent", "confidence"] {
            #expect(line[name] == answer[name], "\(name)")
        }
        let metrics = try await client.call("metrics")
        #expect(metrics["llm"] == ["state": "ready", "calls": 1, "fallbacks": 0, "tokens": 75])
        #expect(metrics["by_route"]?["llm"] == 1)
        #expect(metrics["latency_us"]?["llm"]?["p50"]?.int != nil)
    }

    @Test func `is never asked where the local model is sure, and the event loop answers then`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let client = Client(try await world.engine())
        for text in ["where is my parcel", "hello there"] {
            let call: JSON = ["jsonrpc": "2.0", "id": 1, "method": "chat", "params": ["message": .string(text)]]
            guard case .reply = client.handle(call.description) else {
                Issue.record("not answered on the loop")
                continue
            }
        }
        #expect(world.llm?.prompts.isEmpty == true)
    }

    @Test func `streams pieces that name their request, and joined are the reply`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let client = Client(try await world.engine())
        let silent = try await client.chat(Self.doubtful)
        #expect(client.notifications.isEmpty)
        let answer = try await client.chat(Self.doubtful, [Member("stream", true)])
        let pieces = client.notifications
        #expect(pieces.map(\.method) == ["chat.delta", "chat.delta"])
        #expect(pieces.map(\.request) == [2, 2])
        #expect(pieces.map { $0.params["seq"] } == [0, 1])
        #expect(pieces.compactMap { $0.params["text"]?.string }.joined() == answer["reply"]?.string)
        #expect(answer["reply"] == silent["reply"])
        // Only an LLM's words stream.
        _ = try await client.chat("where is my parcel", [Member("stream", true)])
        #expect(client.notifications.count == 2)
    }

    static let failures: [(LLM.Failure.Kind, Reason)] = [
        (.unreachable, .llmUnreachable), (.timeout, .llmTimeout), (.modelMissing, .llmModelMissing),
        (.loading, .llmLoading), (.busy, .llmBusy), (.error("why"), .llmError), (.interrupted, .llmError),
        (.off, .llmOff),
    ]

    @Test(arguments: failures)
    func `that fails before its first words leaves the fallback, or the local answer of a sure model`(
        kind: LLM.Failure.Kind,
        reason: Reason
    ) async throws {
        let world = try TestWorld(llm: FakeLLM(.fails(after: [], LLM.Failure(kind, "why"))))
        let client = Client(try await world.engine())
        let answer = try await client.chat(Self.doubtful)
        #expect(answer["route"] == "fallback")
        #expect(answer["reason"] == .string(reason.rawValue))
        #expect(answer["llm"] == .null)
        let drawn = try await client.chat("where is my parcel", [Member("ab_prob", 1)])
        #expect(drawn["route"] == "local")
        #expect(drawn["reason"] == .string(reason.rawValue))
        #expect(drawn["arm"] == "llm")
        let asked = try await client.chat("where is my parcel", [Member("mode", "llm")])
        #expect(asked["route"] == "fallback")
        // What was waited for in vain is no time of the local model's.
        let latency = try await client.call("metrics")["latency_us"]
        #expect(latency?["local"]?["p50"] == .null)
        #expect(latency?["llm"]?["p50"]?.int != nil)
        let metrics = try await client.call("metrics")["llm"]
        let count = reason == .llmOff ? 0 : 3
        #expect(metrics?["fallbacks"] == .integer(count))
        #expect(metrics?["calls"] == .integer(count))
    }

    @Test(arguments: [true, false])
    func `that breaks off is never passed off as an answer`(_ saysWhy: Bool) async throws {
        var record = LLM.Record(backend: .ollama, model: "m")
        record.leftHost = true
        let failure = LLM.Failure(.timeout, "why", record: record)
        let llm = FakeLLM(saysWhy ? .fails(after: ["It ", "is"], failure) : .vanishes(after: ["It ", "is"]))
        let world = try TestWorld(llm: llm)
        let client = Client(try await world.engine())
        let refusal = try await client.refusal(
            "chat",
            ["message": .string(Self.doubtful), "session": "s", "stream": true]
        )
        #expect(refusal.code == -32010)
        #expect(refusal.reason == "upstream_interrupted")
        #expect(refusal.data["partial"] == "It is")
        let line = try line(world)
        #expect(line["error"] == "upstream_interrupted")
        #expect(line["route"] == "llm")
        #expect(line["llm"]?["left_host"] == (saysWhy ? true : nil))
        #expect(try await client.call("metrics")["errors"] == 1)
        // What nobody got as an answer is not part of the conversation.
        #expect(try await client.refusal("sessions.show", ["session": "s"]).reason == "not_found")
    }

    @Test func `tells an admin its own words about a failure, and nobody else`() async throws {
        let words = "model requires more system memory"
        let failure = LLM.Failure(.error("status 500"), "why", said: words)
        let llm = FakeLLM(.fails(after: [], failure))
        let world = try TestWorld(llm: llm)
        let engine = try await world.engine()
        let (client, admin) = (Client(engine), Client(engine, uid: 0, role: .admin))
        #expect(try await admin.chat(Self.doubtful)["llm_error"] == .string(words))
        #expect(try await client.chat(Self.doubtful)["llm_error"] == .null)
        // A sure local model answers instead, and the words are told all the same.
        let drawn = try await admin.chat("where is my parcel", [Member("ab_prob", 1)])
        #expect(drawn["route"] == "local")
        #expect(drawn["llm_error"] == .string(words))
        #expect(try await admin.chat("where is my parcel")["llm_error"] == .null)
        llm.play = .fails(after: ["It "], failure)
        let params: JSON = ["message": .string(Self.doubtful)]
        #expect(try await admin.refusal("chat", params).data["llm_error"] == .string(words))
        #expect(try await client.refusal("chat", params).data["llm_error"] == nil)
        llm.health = LLM.Health(state: .failing, reason: "why")
        llm.health.said = words
        #expect(try await admin.call("status")["llm"]?["llm_error"] == .string(words))
        #expect(try await client.call("status")["llm"]?["llm_error"] == nil)
        // The log is for everybody who may read it, and has none of it.
        let log = try #require(world.files.text(world.folders.chatLog))
        #expect(!log.contains(words))
    }

    @Test(arguments: [[], ["It "]])
    func `ends when nobody waits for it, and the log says so`(words: [String]) async throws {
        let llm = FakeLLM(.hangs(after: words))
        let world = try TestWorld(llm: llm)
        let client = Client(try await world.engine())
        let call: JSON = [
            "jsonrpc": "2.0", "id": 1, "method": "chat", "params": ["message": .string(Self.doubtful), "session": "s"],
        ]
        guard case .later(let pending) = client.handle(call.description) else {
            Issue.record("answered at once")
            return
        }
        let task = Task { await pending[0].run() }
        while llm.prompts.isEmpty { await Task.yield() }
        task.cancel()
        let answer = try JSONParser.parse(try #require(await task.value))
        #expect(answer["error"]?["data"]?["reason"] == "cancelled")
        #expect(llm.abandoned == 1)
        #expect(try line(world)["error"] == "cancelled")
        #expect(try await client.refusal("sessions.show", ["session": "s"]).reason == "not_found")
    }

    @Test func `takes the order of decision to its end`() async throws {
        // What the table of decisions says, carried out: with an LLM that answers, and with one that does not.
        let llm = FakeLLM()
        let world = try TestWorld(llm: llm)
        let client = Client(try await world.engine())
        // delivery is auto, hours never-local, greeting local.
        let cases: [(text: String, extra: [Member], well: (String, String), ill: (String, String))] = [
            ("where is my parcel", [], ("local", "confident"), ("local", "confident")),
            ("where is my parcel", [Member("mode", "local")], ("local", "mode"), ("local", "mode")),
            ("where is my parcel", [Member("mode", "llm")], ("llm", "mode"), ("fallback", "llm_busy")),
            ("where is my parcel", [Member("ab_prob", 1)], ("llm", "experiment"), ("local", "llm_busy")),
            (Self.doubtful, [Member("ab_prob", 1)], ("llm", "experiment"), ("fallback", "llm_busy")),
            ("when do you open", [], ("llm", "policy"), ("fallback", "llm_busy")),
            ("when do you open", [Member("ab_prob", 1)], ("llm", "policy"), ("fallback", "llm_busy")),
            ("when do you open", [Member("mode", "local")], ("local", "mode"), ("local", "mode")),
            ("hello there", [Member("ab_prob", 1)], ("local", "confident"), ("local", "confident")),
            ("hello there", [Member("mode", "llm")], ("llm", "mode"), ("fallback", "llm_busy")),
        ]
        for (text, extra, well, ill) in cases {
            for isWell in [true, false] {
                llm.play = isWell ? .says(["yes"], FakeLLM.record) : .fails(after: [], LLM.Failure(.busy, "why"))
                let answer = try await client.chat(text, extra)
                let expected = isWell ? well : ill
                #expect(answer["route"]?.string == expected.0, "\(text) \(extra)")
                #expect(answer["reason"]?.string == expected.1, "\(text) \(extra)")
            }
        }
        #expect(try await client.call("explain", ["text": "when do you open"])["route"] == "llm")
    }

    @Test func `asks only models that the configuration names`() async throws {
        let llm = FakeLLM()
        let world = try TestWorld(llm: llm) { $0.llm.models = ["other"] }
        let client = Client(try await world.engine())
        for model in ["other", "llama3.2"] {
            _ = try await client.chat(Self.doubtful, [Member("model", .string(model))])
        }
        #expect(llm.prompts.map(\.model) == ["other", "llama3.2"])
        #expect(try await client.refusal("chat", ["message": "x", "model": "gpt"]).field == "model")
        #expect(llm.prompts.count == 2)
    }

    @Test func `is told as it is by status, and what is wrong with it stands among what is degraded`() async throws {
        let llm = FakeLLM()
        let world = try TestWorld(llm: llm)
        let engine = try await world.engine()
        let client = Client(engine)
        for state in LLM.Health.State.allCases where state != .off {
            llm.health = LLM.Health(state: state, reason: "why")
            await engine.tick().value
            let status = try await client.call("status")
            #expect(
                status["llm"] == [
                    "state": .string(state.rawValue), "backend": "ollama", "model": "llama3.2", "configured": true,
                    "age_s": nil,
                ]
            )
            let reason = status["degraded"]?.array?.first { $0["feature"] == "llm" }?["reason"]
            #expect(reason == (state.isTrouble ? .string("llm_\(state.rawValue): why") : nil))
            #expect(try await client.call("metrics")["llm"]?["state"] == .string(state.rawValue))
        }
    }

    @Test func `is looked at by status if nobody has looked for a while, and its age is told`() async throws {
        let llm = FakeLLM()
        let world = try TestWorld(llm: llm)
        let client = Client(try await world.engine())
        llm.health.lookedAt = .never
        var found = LLM.Health(state: .unreachable)
        found.lookedAt = .at(Double(world.clock.now.microseconds) / 1e6)
        llm.found = found
        #expect(try await client.call("status")["llm"]?["state"] == "unreachable")
        #expect(llm.looks == 1)
        world.clock.advance(seconds: 10)
        #expect(try await client.call("status")["llm"]?["age_s"] == 10)
        #expect(llm.looks == 1)
        world.clock.advance(seconds: 30)
        _ = try await client.call("status")
        #expect(llm.looks == 2)
    }

    @Test func `is no degradation where nobody configured it, unless it has answered`() async throws {
        let llm = FakeLLM()
        let world = try TestWorld(llm: llm)
        let engine = try await world.engine()
        let client = Client(engine)
        for (isConfigured, hasAnswered) in [(false, false), (true, false), (false, true)] {
            llm.health = LLM.Health(state: .unreachable)
            (llm.health.isConfigured, llm.health.hasAnswered) = (isConfigured, hasAnswered)
            await engine.tick().value
            let degraded = try await client.call("status")["degraded"]?.array ?? []
            #expect(degraded.contains { $0["feature"] == "llm" } == (isConfigured || hasAnswered))
        }
    }

    @Test func `can be switched off and on by a reload`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let engine = try await world.engine()
        let (client, admin) = (Client(engine), Client(engine, uid: 0, role: .admin))
        world.configuration.llm.backend = .off
        _ = try await admin.call("reload")
        #expect(try await admin.chat(Self.doubtful)["reason"] == "llm_off")
        #expect(try await admin.call("status")["llm"]?["state"] == "off")
        world.configuration.llm.backend = .ollama
        _ = try await admin.call("reload")
        #expect(try await admin.chat(Self.doubtful)["route"] == "llm")
        _ = client
    }

    @Test func `is counted again from the log as it was counted at first`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let client = Client(try await world.engine())
        for text in [Self.doubtful, "where is my parcel", "when do you open"] { _ = try await client.chat(text) }
        world.llm?.play = .fails(after: [], LLM.Failure(.timeout, "why"))
        _ = try await client.chat(Self.doubtful)
        let before = try await client.call("metrics")
        let again = Client(try await TestWorld(after: world, files: world.files).engine())
        let after = try await again.call("metrics")
        #expect(before["llm"] == ["state": "ready", "calls": 3, "fallbacks": 1, "tokens": 150])
        for name in ["requests", "by_route", "by_reason", "llm", "latency_us", "errors"] {
            #expect(after[name] == before[name], "\(name)")
        }
    }
}
