import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Chat` {
    @Test func `answers locally what it is sure of, with a response of the intent`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        var replies: Set<String> = []
        for _ in 0..<30 {
            let answer = try await client.chat("where is my parcel")
            #expect(answer["route"] == "local")
            #expect(answer["reason"] == "confident")
            #expect(answer["intent"] == "delivery")
            #expect(answer["model"] == 1)
            #expect(answer["tier"] == "lexical")
            #expect(answer["in_scope"] == true)
            #expect(answer["alternatives"]?.array?.count == 3)
            replies.insert(try #require(answer["reply"]?.string))
        }
        // Variations are chosen by the answer's id.
        #expect(replies == ["It is on its way.", "It comes tomorrow."])
    }

    @Test func `has every documented member, whatever the route`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        for mode in ["auto", "local", "llm"] {
            let answer = try await client.chat("when do you open", [Member("mode", .string(mode))])
            #expect(
                Set((answer.object ?? []).map(\.name)) == [
                    "id", "reply", "route", "reason", "doubt", "tier", "intent", "confidence", "threshold",
                    "threshold_basis", "in_scope", "alternatives", "arm", "propensity", "eligible", "model", "digest",
                    "llm", "llm_error", "anomalies", "latency_us",
                ]
            )
            #expect(answer["digest"]?.string?.count == 12)
            #expect(Identifier(answer["id"]?.string ?? "") != nil)
        }
    }

    @Test func `says what it thinks of an intent without a response`() async throws {
        let world = try TestWorld()
        let answer = try await Client(try await world.engine()).chat("i want my money back")
        #expect(answer["reply"] == "I think this is about refund.")
    }

    @Test(arguments: [
        // hours is never-local, greeting local; there is no LLM.
        ("when do you open", "auto", "fallback", "llm_off"),
        ("when do you open", "local", "local", "mode"),
        ("where is my parcel", "llm", "fallback", "llm_off"),
        ("hello there", "auto", "local", "confident"),
    ])
    func `follows mode and policy`(text: String, mode: String, route: String, reason: String) async throws {
        let world = try TestWorld()
        let answer = try await Client(try await world.engine()).chat(text, [Member("mode", .string(mode))])
        #expect(answer["route"] == .string(route))
        #expect(answer["reason"] == .string(reason))
    }

    @Test func `answers nothing locally in auto while no threshold is proven and proof is asked for, and says so`()
        async throws
    {
        let world = try TestWorld { ($0.local.threshold, $0.local.unproven) = (nil, .ask) }
        let client = Client(try await world.engine())
        let answer = try await client.chat("where is my parcel")
        #expect(answer["route"] == "fallback")
        #expect(answer["threshold"] == .null)
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["reason"]?.string?.hasPrefix("threshold_unproven") == true })
        #expect(try await client.chat("where is my parcel", [Member("mode", "local")])["route"] == "local")
    }

    @Test func `draws one arm for a session and logs it`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        var arms: Set<String> = []
        for session in 0..<40 {
            var mine: Set<String> = []
            for _ in 0..<3 {
                let answer = try await client.chat(
                    "where is my parcel",
                    [Member("session", .string("s\(session)")), Member("ab_prob", 0.5)]
                )
                #expect(answer["eligible"] == true)
                #expect(answer["propensity"] == 0.5)
                let arm = try #require(answer["arm"]?.string)
                mine.insert(arm)
                // The LLM is off, and the local model was sure.
                #expect(answer["route"] == "local")
                #expect(answer["reason"] == .string(arm == "llm" ? "llm_off" : "confident"))
            }
            #expect(mine.count == 1)
            arms.formUnion(mine)
        }
        #expect(arms == ["local", "llm"])
        let without = try await client.chat("where is my parcel")
        #expect(without["arm"] == .null)
        #expect(without["eligible"] == false)
    }

    @Test(arguments: [10, 2_000, 2_100, 16_384])
    func `answers short and long messages alike, and logs each once`(length: Int) async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let text = String(String(repeating: "where is my parcel ", count: 1_000).prefix(length - 1)) + "x"
        let answer = try await client.chat(text)
        let lines = (world.files.text(world.folders.chatLog) ?? "").split(separator: "\n")
        #expect(lines.count == 1)
        let line = try JSONParser.parse(Array((lines.first ?? "").utf8))
        #expect(line["id"] == answer["id"])
        #expect(line["prompt_chars"] == .integer(length))
        #expect(line["confidence"] == answer["confidence"])
        #expect(line["uid"] == 1_000)
        #expect(try await client.call("metrics")["requests"] == 1)
    }

    static let keptTexts: [(setting: Configuration.Telemetry.Text, kept: String?)] = [
        (.redacted, "write to <email>"), (.full, "write to ann@example.org"), (.none, nil),
    ]

    @Test(arguments: keptTexts)
    func `keeps of a text what the configuration allows`(setting: Configuration.Telemetry.Text, kept: String?)
        async throws
    {
        let world = try TestWorld { $0.telemetry.text = setting }
        let client = Client(try await world.engine())
        _ = try await client.chat("  write to ann@example.org ")
        let line = try JSONParser.parse(Array((world.files.text(world.folders.chatLog) ?? "").utf8.dropLast()))
        #expect(line["text"] == JSON(kept))
        #expect(line["prompt_chars"] == 24)
    }

    static let refused: [(params: JSON, field: String)] = {
        let good = Member("message", "a")
        let long = String(repeating: "a", count: 16_385)
        let wrong: [([Member], String)] = [
            ([], "message"), ([Member("message", "")], "message"), ([Member("message", "   ")], "message"),
            ([Member("message", 7)], "message"), ([Member("message", .string(long))], "message"),
            ([good, Member("mode", "both")], "mode"), ([good, Member("ab_prob", 1.5)], "ab_prob"),
            ([good, Member("session", "a b")], "session"), ([good, Member("model", "gpt")], "model"),
            ([good, Member("mesage", "b")], "mesage"),
        ]
        return wrong.map { (.object($0.0), $0.1) }
    }()

    @Test(arguments: refused)
    func `refuses what it does not understand, and names the field`(params: JSON, field: String) async throws {
        let world = try TestWorld()
        let refusal = try await Client(try await world.engine()).refusal("chat", params)
        #expect(refusal.reason == "invalid_params")
        #expect(refusal.field == field)
    }

    @Test func `flags what is odd about a request, with value and limit`() async throws {
        let world = try TestWorld { $0.anomalies.lowConfidence = 0.99999 }
        let answer = try await Client(try await world.engine()).chat(
            "drop table " + String(repeating: "parcel ", count: 300)
        )
        let anomalies = answer["anomalies"]?.array ?? []
        #expect(anomalies.map { $0["kind"] } == ["low_confidence", "suspicious_token", "long_prompt"])
        #expect(anomalies.first?["value"] == answer["confidence"])
        #expect(anomalies.first?["limit"] == 0.99999)
        #expect(anomalies.dropFirst().first == ["kind": "suspicious_token", "value": "drop table", "limit": nil])
        #expect(anomalies.last?["limit"] == 2_000)
    }

    @Test func `counts what it answered, also after a restart`() async throws {
        let world = try TestWorld()
        var client = Client(try await world.engine())
        for text in ["where is my parcel", "hello there", "drop table", "when do you open"] {
            _ = try await client.chat(text)
        }
        let before = try await client.call("metrics")
        #expect(before["requests"] == 4)
        #expect(before["anomalies"]?["suspicious_token"] == 1)
        client.engine.finish()
        let again = TestWorld(after: world, files: world.files)
        let engine = try await again.engine()
        client = Client(engine)
        // A recount of the log gives the same figures, all of them.
        #expect(try await client.call("metrics") == before)
        _ = try await client.chat("where is my parcel")
        let after = try await client.call("metrics")
        #expect(after["requests"] == 5)
        #expect(after["since"] == before["since"])
        let text = try await client.call("metrics", ["format": "prometheus"])["text"]?.string ?? ""
        #expect(text.contains("intentd_requests_total 5\n"))
    }
}
