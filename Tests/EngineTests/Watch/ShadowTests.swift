import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `A version in the shadow` {
    /// An engine whose second version waits for an admin.
    private func waiting(_ world: TestWorld) async throws -> Client {
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let job = try await admin.retrain(["promote": "hold"])
        #expect(job["candidate"] == 2)
        #expect(try await admin.call("status")["candidate"] == 2)
        return admin
    }

    @Test func `scores whatever is asked, answers nothing, and misses nothing`() async throws {
        let world = try TestWorld(llm: FakeLLM())
        let admin = try await waiting(world)
        var routes: [String: Int] = [:]
        for text in Shop.subjects.values.flatMap({ $0 }) + [
            "the capital of spain", String(repeating: "long ", count: 600),
        ] {
            for mode in ["auto", "local", "llm"] {
                let answer = try await admin.chat(text, [Member("mode", .string(mode))])
                #expect(answer["model"] == 1)
                routes[answer["route"]?.string ?? "", default: 0] += 1
            }
        }
        let shadow = try #require(try await admin.call("models.show", ["version": 2])["shadow"])
        #expect(shadow["as"] == "candidate")
        #expect(shadow["champion"] == 1)
        #expect(shadow["answers"] == .integer(routes.values.reduce(0, +)))
        #expect(shadow["local_answers"] == .integer(routes["local"] ?? 0))
        #expect(shadow["local_scored"] == shadow["local_answers"])
        #expect(shadow["missed"] == 0)
        // It was trained on the same rows.
        #expect(shadow["agreement"] == 1.0)
        let byIntent = shadow["by_intent"]?.object ?? []
        #expect(byIntent.reduce(0) { $0 + ($1.value["answers"]?.int ?? 0) } == routes.values.reduce(0, +))
        #expect(try await admin.call("models.show", ["version": 1])["shadow"] == .null)
    }

    @Test func `counts intents that became one as one`() async throws {
        let world = try TestWorld()
        let admin = try await waiting(world)
        for text in ["where is my parcel", "i want my money back"] { _ = try await admin.chat(text) }
        let wish: JSON = ["intents": ["delivery", "refund"], "to": "orders", "reason": "too alike"]
        _ = try await admin.call("intents.merge", wish)
        _ = try await admin.chat("track my package")
        let shadow = try #require(try await admin.call("models.show", ["version": 2])["shadow"])
        #expect(shadow["answers"] == 3)
        let byIntent = shadow["by_intent"]?.object ?? []
        #expect(byIntent.map(\.name) == ["orders"])
        #expect(byIntent.first?.value["answers"] == 3 && byIntent.first?.value["agreed"] == 3)
    }

    @Test func `goes on over reloads and restarts, and ends with the wait`() async throws {
        let world = try TestWorld()
        let admin = try await waiting(world)
        for _ in 0..<7 { _ = try await admin.chat("where is my parcel") }
        world.configuration.anomalies.longPrompt = 100
        try await admin.call("reload")
        for _ in 0..<5 { _ = try await admin.chat("where is my parcel") }
        #expect(try await admin.call("models.show", ["version": 2])["shadow"]?["answers"] == 12)
        admin.engine.finish()
        let again = Client(
            try await TestWorld(after: world, files: world.files).engine(),
            uid: 0,
            role: .admin
        )
        _ = try await again.chat("where is my parcel")
        let shadow = try await again.call("models.show", ["version": 2])["shadow"]
        #expect(shadow?["answers"] == 13)
        #expect(shadow?["by_intent"]?["delivery"]?["agreed"] == 13)
        try await again.call("models.promote", ["version": 2, "reason": "good"])
        #expect(try await again.call("models.show", ["version": 2])["shadow"] == .null)
        // The champion before scores along while the new one is watched.
        #expect(try await again.call("models.show", ["version": 1])["shadow"]?["as"] == "previous")
    }
}
