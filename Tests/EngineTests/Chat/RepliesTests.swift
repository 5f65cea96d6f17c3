import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// What people read, and the two facts behind it: why the local model did not answer, and what the LLM said.
@Suite struct `Replies` {
    private static let outside = "the capital of spain"

    private func world(
        llm: FakeLLM? = nil,
        yaml: String? = Shop.yaml,
        responses: String? = nil,
        _ configure: (inout Configuration) -> Void = { _ in }
    ) throws -> TestWorld {
        let world = try TestWorld(yaml: yaml, llm: llm, configure: configure)
        if let responses { world.files.put(world.folders.responses, responses) }
        return world
    }

    private static let spoken: @Sendable (inout Configuration) -> Void = { configuration in
        configuration.replies.about = "Das klingt nach {intent}."
        configuration.replies.outOfScope = "outside"
        configuration.replies.belowThreshold = "unsure"
        configuration.replies.fewRows = "few"
        configuration.replies.policy = "policy"
        configuration.replies.llmUnreachable = "unreachable"
        configuration.replies.llmBusy = "busy"
        configuration.replies.llmOff = "off"
        configuration.replies.otherwise = "default"
    }

    @Test func `of rows from a file need no templates`() async throws {
        let yaml = """
            intents:
              delivery: {responses: [Sie ist unterwegs.], policy: local}
              refund: {responses: [In fünf Tagen.]}
            """
        let world = try world(yaml: nil, responses: yaml)
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await client.chat("where is my parcel")["reply"] == "Sie ist unterwegs.")
        #expect(try await client.chat("i want my money back")["reply"] == "In fünf Tagen.")
        #expect(try await client.chat("hello there")["reply"] == "I think this is about greeting.")
        world.files.put(world.folders.responses, yaml.replacing("unterwegs", with: "da"))
        _ = try await client.call("reload")
        #expect(try await client.chat("where is my parcel")["reply"] == "Sie ist da.")
        // What is wrong changes nothing, and says where.
        world.files.put(world.folders.responses, "intents:\n  delivery:\n    polisy: auto\n")
        let refusal = try await client.refusal("reload")
        #expect(refusal.message.contains("responses.yaml: line 3"), "\(refusal.message)")
        #expect(try await client.chat("where is my parcel")["reply"] == "Sie ist da.")
        // A file that is gone says nothing any more.
        try world.files.remove(world.folders.responses)
        _ = try await client.call("reload")
        #expect(try await client.chat("where is my parcel")["reply"] == "I think this is about delivery.")
    }

    @Test func `of a file that cannot be read at a start leave those of the other`() async throws {
        let world = try world(responses: "intents: {delivery: {polisy: local}}")
        let client = Client(try await world.engine())
        #expect(try await client.chat("hello there")["reply"] == "Hello!")
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "responses" })
    }

    @Test func `stand in two files, and responses.yaml has the last word`() async throws {
        let world = try world(responses: "intents: {greeting: {responses: [Servus!]}, hours: {policy: local}}")
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await client.chat("hello there")["reply"] == "Servus!")
        #expect(try await client.chat("when do you open")["route"] == "local")
        let findings = try await client.call("data.check")["findings"]?.array ?? []
        let overridden = findings.filter { $0["code"] == "overridden" }
        #expect(overridden.count == 2)
        #expect(findings.contains { $0["code"] == "no_response" && $0["message"]?.string?.contains("refund") == true })
        #expect(client.engine.dataset.treatments["greeting"].policy == .local)
    }

    static let fallbacks: [(failure: LLM.Failure.Kind?, text: String, reply: String, doubt: String)] = [
        // Of an LLM that is off, a person learns nothing; the doubt says more.
        (nil, outside, "outside", "out_of_scope"), (nil, "when do you open", "policy", "policy"),
        (nil, "where is my parcel", "unsure", "below_threshold"), (.off, outside, "outside", "out_of_scope"),
        // One that failed may be back in a moment.
        (.busy, outside, "busy", "out_of_scope"), (.loading, "when do you open", "busy", "policy"),
        (.unreachable, "where is my parcel", "unreachable", "below_threshold"),
        // Without a sentence of its own a failure leaves the word to the doubt.
        (.timeout, outside, "outside", "out_of_scope"),
        (.modelMissing, "where is my parcel", "unsure", "below_threshold"),
    ]

    @Test(arguments: fallbacks)
    func `of nobody are the operator's own, by what went wrong`(
        failure: LLM.Failure.Kind?,
        text: String,
        reply: String,
        doubt: String
    ) async throws {
        let llm = failure.map { FakeLLM(.fails(after: [], LLM.Failure($0, "why"))) }
        let world = try world(llm: llm) { configuration in
            Self.spoken(&configuration)
            configuration.local.threshold = 1
        }
        let answer = try await Client(try await world.engine()).chat(text)
        #expect(answer["route"] == "fallback")
        #expect(answer["reply"] == .string(reply))
        #expect(answer["doubt"] == .string(doubt))
        #expect(answer["reason"] == .string((failure.map { LLM.Failure($0, "").reason } ?? .llmOff).rawValue))
    }

    @Test func `fall back to the one for everything, and without it to English`() throws {
        var replies = Configuration.Replies()
        for reason in Reason.allCases {
            for doubt in Doubt.allCases.map(Optional.some) + [nil] {
                #expect(replies.fallback(reason, doubt).hasPrefix("I "))
            }
        }
        #expect(replies.fallback(.llmBusy, .belowThreshold).contains("in a moment"))
        #expect(replies.fallback(.llmOff, .policy).contains("ask a person"))
        replies.otherwise = "Das weiß ich nicht."
        for reason in Reason.allCases {
            for doubt in Doubt.allCases { #expect(replies.fallback(reason, doubt) == "Das weiß ich nicht.") }
        }
        replies.fewRows = "Das lerne ich noch."
        #expect(replies.fallback(.llmOff, .fewRows) == "Das lerne ich noch.")
        #expect(replies.fallback(.llmOff, .outOfScope) == "Das weiß ich nicht.")
    }

    @Test func `of an intent without a response name it in the operator's words`() async throws {
        let world = try world(Self.spoken)
        let client = Client(try await world.engine())
        #expect(try await client.chat("i want my money back")["reply"] == "Das klingt nach refund.")
    }

    @Test func `of an intent that only others may answer are its own where nobody does`() async throws {
        let handOff = "intents: {hours: {otherwise: Please ring 123., responses: [Someone will call you.]}}"
        var client = Client(try await world(responses: handOff, Self.spoken).engine())
        var answer = try await client.chat("when do you open")
        #expect(answer["route"] == "fallback" && answer["reply"] == "Please ring 123.")
        #expect(answer["reason"] == "llm_off" && answer["doubt"] == "policy")
        let response = "intents: {hours: {responses: [Someone will call you.]}}"
        client = Client(try await world(responses: response, Self.spoken).engine())
        answer = try await client.chat("when do you open")
        #expect(answer["route"] == "fallback" && answer["reply"] == "Someone will call you.")
        client = Client(try await world(Self.spoken).engine())
        #expect(try await client.chat("when do you open")["reply"] == "policy")
    }

    @Test func `of one intent replace the fallback for it, and for no text out of scope`() async throws {
        let intents = Shop.subjects.keys.map { "\($0): {otherwise: own}" }
        let yaml = "intents: {\(intents.joined(separator: ", "))}"
        let world = try world(responses: yaml) { configuration in
            Self.spoken(&configuration)
            configuration.local.threshold = 1
        }
        let client = Client(try await world.engine())
        #expect(try await client.chat("where is my parcel")["reply"] == "own")
        #expect(try await client.chat(Self.outside)["reply"] == "outside")
    }

    @Test func `of policy always come from the local model, however sure, where the text is in scope`() async throws {
        let yaml = "intents: {delivery: {policy: always}}"
        let llm = FakeLLM()
        let world = try world(llm: llm, responses: yaml) { $0.local.threshold = 1 }
        let client = Client(try await world.engine())
        let answer = try await client.chat("where is my parcel", [Member("ab_prob", 1)])
        #expect(answer["route"] == "local" && answer["reason"] == "policy" && answer["doubt"] == .null)
        #expect(answer["eligible"] == false)
        #expect(try await client.chat("i want my money back")["route"] == "llm")
        #expect(llm.prompts.count == 1)
        #expect(try await client.call("explain", ["text": "where is my parcel"])["reason"] == "policy")
    }

    @Test func `of an intent of which too little is known wait for more, and say so`() async throws {
        let few = ["loyalty card please", "please, loyalty card", "loyalty card, please!", "card loyalty please"]
        let rows = Shop.rows + few.map { DataRow(text: $0, intent: "loyalty_card", split: .train) }
        let world = try TestWorld(data: rows, configure: Self.spoken)
        let client = Client(try await world.engine())
        let answer = try await client.chat("loyalty card please")
        #expect(answer["intent"] == "loyalty_card")
        #expect(answer["route"] == "fallback" && answer["reply"] == "few")
        #expect(answer["doubt"] == "few_rows" && answer["reason"] == "llm_off")
        #expect(try await client.call("explain", ["text": "loyalty card please"])["doubt"] == "few_rows")
    }

    @Test func `count both facts, also when the log is counted again`() async throws {
        let llm = FakeLLM(.fails(after: [], LLM.Failure(.unreachable, "why")))
        let world = try world(llm: llm)
        let client = Client(try await world.engine())
        for text in [Self.outside, Self.outside, "when do you open", "where is my parcel"] {
            _ = try await client.chat(text)
        }
        let before = try await client.call("metrics")
        #expect(before["by_reason"] == ["confident": 1, "llm_unreachable": 3])
        #expect(before["by_doubt"] == ["out_of_scope": 2, "policy": 1])
        let text = try await client.call("metrics", ["format": "prometheus"])["text"]?.string ?? ""
        #expect(text.contains("intentd_doubts_total{doubt=\"out_of_scope\"} 2\n"))
        client.engine.finish()
        let again = Client(try await TestWorld(after: world, files: world.files).engine())
        #expect(try await again.call("metrics")["by_doubt"] == before["by_doubt"])
    }
}

/// A threshold, and how much is known of it.
@Suite struct `The basis of a threshold` {
    /// Enough groups for an estimate and too few for a proof.
    private static let rows: [DataRow] = {
        let town = Town(intents: 4, seed: 3)
        return town.rows(.train, 30, ambiguity: 0, seed: 5) + town.rows(.test, 10, ambiguity: 0, seed: 6)
    }()

    private static func client(_ configure: @escaping (inout Configuration) -> Void) async throws -> Client {
        let world = try TestWorld(data: rows, yaml: nil) { configuration in
            configuration.local.threshold = nil
            configure(&configuration)
        }
        return Client(try await world.engine())
    }

    private static let sure = Town(intents: 4, seed: 3).text(of: 1)

    @Test(arguments: Configuration.Local.Unproven.allCases)
    func `that is estimated answers, or asks, as the configuration says`(unproven: Configuration.Local.Unproven)
        async throws
    {
        let client = try await Self.client { $0.local.unproven = unproven }
        let answer = try await client.chat(Self.sure)
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        let reason = degraded.first { $0["feature"] == "local" }?["reason"]?.string ?? ""
        switch unproven {
        case .answer:
            #expect(answer["route"] == "local" && answer["doubt"] == .null)
            #expect(answer["threshold_basis"] == "estimated" && answer["threshold"] != .null)
            #expect(reason.hasPrefix("threshold_estimated"), "\(reason)")
        case .ask:
            #expect(answer["route"] == "fallback" && answer["doubt"] == "unproven")
            #expect(answer["threshold_basis"] == .null && answer["threshold"] == .null)
            #expect(reason.hasPrefix("threshold_unproven") && reason.contains("local.unproven"), "\(reason)")
        }
        let explained = try await client.call("explain", ["text": .string(Self.sure)])
        for name in ["threshold", "threshold_basis", "doubt"] { #expect(explained[name] == answer[name], "\(name)") }
    }

    @Test(arguments: Configuration.Local.Unproven.allCases)
    func `is nothing where there is no threshold, and the doubt says why`(unproven: Configuration.Local.Unproven)
        async throws
    {
        let town = Town(intents: 4, seed: 3)
        let world = try TestWorld(data: town.rows(.train, 4, ambiguity: 0, seed: 5), yaml: nil) { configuration in
            (configuration.local.threshold, configuration.local.unproven) = (nil, unproven)
        }
        let client = Client(try await world.engine())
        let answer = try await client.chat(town.text(of: 1))
        #expect(answer["route"] == "fallback" && answer["reason"] == "llm_off")
        #expect(answer["doubt"] == (answer["in_scope"] == true ? "unproven" : "out_of_scope"))
        #expect(answer["threshold"] == .null && answer["threshold_basis"] == .null)
        #expect(try await client.chat(town.text(of: 1), [Member("mode", "local")])["doubt"] == .null)
    }

    @Test(arguments: Configuration.Local.Unproven.allCases)
    func `that a person has set is fixed, whatever the version knows`(unproven: Configuration.Local.Unproven)
        async throws
    {
        let client = try await Self.client { configuration in
            (configuration.local.threshold, configuration.local.unproven) = (0.3, unproven)
        }
        let answer = try await client.chat(Self.sure)
        #expect(answer["threshold_basis"] == "fixed" && answer["route"] == "local")
    }
}
