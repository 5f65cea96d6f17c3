import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// What answers agrees with the ledger, whatever failed in between.
@Suite struct `What answers` {
    private func admin(_ world: TestWorld) async throws -> Client {
        Client(try await world.engine(), uid: 0, role: .admin)
    }

    private func answering(_ client: Client) async throws -> Int? {
        try await client.chat("where is my parcel", [Member("mode", "local")])["model"]?.int
    }

    private func trouble(_ client: Client) async throws -> JSON? {
        try await client.call("status")["degraded"]?.array?.first { $0["feature"] == "model" }?["reason"]
    }

    @Test func `is the promoted version though its files cannot be read after the alias has moved`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.call("feedback.submit", ["text": "the box is late", "intent": "delivery"])
        let (files, broken) = (world.files, "read \(world.folders.version(2))")
        files.observe { operation in
            if operation.hasPrefix("link"), operation.contains("champion") { files.set(.broken(broken)) }
        }
        #expect(try await client.retrain()["state"] == "done")
        #expect(try await client.call("status")["champion"] == 2)
        #expect(try await answering(client) == 2)
    }

    @Test func `follows whoever moved the alias and told nobody`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.call("feedback.submit", ["text": "the box is late", "intent": "delivery"])
        #expect(try await client.retrain()["state"] == "done")
        try await client.engine.registry.move(.rollback, to: 1, uid: 0, reason: "by hand")
        #expect(try await answering(client) == 2)
        await client.engine.tick().value
        #expect(try await answering(client) == 1)
        #expect(try await client.call("status")["champion"] == 1)
    }

    @Test func `heals by itself when a version can be read again`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.call("feedback.submit", ["text": "the box is late", "intent": "delivery"])
        #expect(try await client.retrain()["state"] == "done")
        world.clock.advance(seconds: 60)
        // The former champion scores along: it must not be in memory.
        await client.engine.champion.endWatch()
        world.files.set(.broken("read \(world.folders.version(1))"))
        try await client.engine.registry.move(.rollback, to: 1, uid: 0, reason: "by hand")
        await client.engine.tick().value
        #expect(try await answering(client) == 2)
        #expect(try await trouble(client)?.string?.hasPrefix("version 1 could not be read") == true)
        world.files.set(.none)
        world.clock.advance(seconds: 60)
        await client.engine.tick().value
        #expect(try await answering(client) == 1)
        #expect(try await trouble(client) == nil)
    }

    @Test func `is counted for its own reign from its first answer on`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.call("feedback.submit", ["text": "the box is late", "intent": "delivery"])
        let loop = client.loop
        // The first answers are asked for the moment an event loop has swapped.
        client.engine.champion.attach(
            EventLoops { body in
                loop.use(body)
                var caller = Caller(uid: 7, role: .user) { _ in }
                let line = #"{"jsonrpc":"2.0","id":1,"method":"chat","params":{"message":"track my package"}}"#
                for _ in 0..<5 { _ = loop.handle(Array(line.utf8), caller: &caller) }
            }
        )
        #expect(try await client.retrain()["state"] == "done")
        let watch = try await client.call("models.show", ["version": 2])["watch"]
        #expect(watch?["state"] == "watching")
        #expect(watch?["total"] == 5)
        #expect(watch?["corrections"]?["before"]?["answers"] == 0)
    }

    @Test func `swaps every event loop once for a promotion`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.call("feedback.submit", ["text": "the box is late", "intent": "delivery"])
        let loop = client.loop
        let swaps = Counter()
        client.engine.champion.attach(
            EventLoops { body in
                swaps.add()
                loop.use(body)
            }
        )
        #expect(try await client.retrain()["state"] == "done")
        #expect(try await answering(client) == 2)
        #expect(swaps.value == 1)
    }

    @Test func `has its shadows' counts added up over the event loops`() {
        let intents = ["a", "b"]
        let count = ShadowCount(intents: intents, lanes: 3, recalled: nil)
        var all = ShadowTally(intents: intents)
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            let score = ShadowModel.Score(
                agrees: random.below(2) == 0,
                isSure: random.below(3) == 0,
                confidence: Float(random.below(65)) / 64
            )
            let (intent, isSure, isLocal) = (random.below(2), random.below(2) == 0, random.below(2) == 0)
            func add(_ tally: inout ShadowTally) {
                if isLocal { tally.localAnswers += 1 }
                tally.count(score, intent: intent, confidence: 0.5, isSure: isSure, isLocal: isLocal)
            }
            add(&all)
            count.withShard(random.below(7)) { add(&$0) }
        }
        #expect(count.sum == all)
    }
}
