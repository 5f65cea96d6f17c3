import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A new champion` {
    /// Version 1 has answered a while and version 2 has just replaced it.
    private func promoted(_ world: TestWorld, answers: Int = 200) async throws -> (admin: Client, user: Client) {
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for _ in 0..<answers { _ = try await admin.chat("where is my parcel", [Member("mode", "local")]) }
        world.clock.advance(seconds: 1)
        #expect(try await admin.retrain()["candidate"] == 2)
        world.clock.advance(seconds: 1)
        return (admin, admin.other(uid: 1_000))
    }

    private func ask(_ client: Client, _ count: Int, correcting: Bool) async throws {
        for _ in 0..<count {
            let answer = try await client.chat("where is my parcel", [Member("mode", "local")])
            guard correcting, let id = answer["id"] else { continue }
            try await client.call("feedback.submit", ["id": id, "rating": "down", "intent": "refund"])
        }
    }

    @Test func `is rolled back from when people correct it, and history says why`() async throws {
        let world = try TestWorld()
        let (admin, user) = try await promoted(world)
        let engine = admin.engine
        var watch = try #require(try await admin.call("models.show", ["version": 2])["watch"])
        #expect(watch["state"] == "watching")
        #expect(watch["previous"] == 1)
        try await ask(user, 40, correcting: false)
        await engine.watch.look()
        #expect(engine.champion.version == 2)
        for uid in 1...20 { try await ask(admin.other(uid: UInt32(uid)), 10, correcting: true) }
        await engine.watch.look()
        #expect(engine.champion.version == 1)
        let answer = try await user.chat("where is my parcel")
        #expect(answer["model"] == 1)
        let move = try #require(
            try await user.call("models.history")["moves"]?.array?.first { $0["alias"] == "champion" }
        )
        #expect(move["from"] == 2)
        #expect(move["to"] == 1)
        #expect(move["uid"] == 990)
        #expect(move["reason"]?.string?.hasPrefix("watch: people correct it more") == true)
        let degraded = try await user.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "watch" })
        // A rollback is not watched, and the bad version is not where a rollback goes.
        watch = try await admin.call("models.show", ["version": 1])["watch"] ?? .null
        #expect(watch == .null)
        await engine.watch.look()
        #expect(engine.champion.version == 1)
    }

    @Test func `is rolled back from as soon as the one before can answer`() async throws {
        let world = try TestWorld()
        let (admin, user) = try await promoted(world)
        let engine = admin.engine
        let model = world.folders.version(1) + "/model.safetensors"
        let whole = try #require(world.files.bytes(model))
        world.files.put(model, "junk")
        for uid in 1...20 { try await ask(admin.other(uid: UInt32(uid)), 10, correcting: true) }
        await engine.watch.look()
        // Nobody is named champion who cannot answer.
        #expect(engine.champion.version == 2)
        #expect(try await user.call("status")["champion"] == 2)
        #expect(try await admin.call("models.show", ["version": 2])["watch"]?["state"] == "watching")
        let degraded = try await user.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "watch" })
        world.files.put(model, whole)
        try await ask(admin.other(uid: 21), 1, correcting: true)
        await engine.watch.look()
        #expect(engine.champion.version == 1)
    }

    @Test func `is rolled back from when it is sure of much less`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        // What was delivery is out of scope for the new version.
        world.files.put(
            world.folders.dataFile,
            DataFile.csv(
                Shop.rows.map { row in
                    var row = row
                    if row.intent == "delivery", row.split != .test { row.intent = "oos" }
                    return row
                }
            )
        )
        let job = try await admin.retrain(["promote": "hold"])
        let version = try #require(job["candidate"]?.int)
        try await admin.call("models.promote", ["version": .integer(version), "reason": "by force", "force": true])
        // One user presses with what he likes, and nothing comes of it; what an admin asks counts.
        for asker in [admin.other(uid: 1_000), admin] {
            await admin.engine.watch.look()
            #expect(admin.engine.champion.version == version)
            for text in Shop.subjects["delivery"] ?? [] {
                for _ in 0..<60 { _ = try await asker.chat(text) }
            }
        }
        await admin.engine.watch.look()
        #expect(admin.engine.champion.version == 1)
        let move = try await admin.call("models.history")["moves"]?.array?.first { $0["alias"] == "champion" }
        #expect(move?["reason"]?.string?.hasPrefix("watch: it is sure of fewer messages") == true)
    }

    @Test func `is not brought down by one user`() async throws {
        let world = try TestWorld()
        let (admin, user) = try await promoted(world)
        try await ask(user, 150, correcting: true)
        await admin.engine.watch.look()
        #expect(admin.engine.champion.version == 2)
        let watch = try await admin.call("models.show", ["version": 2])["watch"]
        #expect(watch?["corrections"]?["corrections"] == 0)
        #expect(watch?["answers"] == 0 && watch?["total"] == 150)
    }

    @Test func `is not decided by one user who asks a lot, unless he speaks for many`() async throws {
        let world = try TestWorld { $0.training.watch = 60 }
        let (admin, user) = try await promoted(world, answers: 20)
        try await ask(user, 150, correcting: false)
        await admin.engine.watch.look()
        var watch = try await admin.call("models.show", ["version": 2])["watch"]
        #expect(watch?["state"] == "watching")
        #expect(watch?["answers"] == 0 && watch?["total"] == 150)
        // His tenth beside an admin's answers.
        try await ask(admin, 45, correcting: false)
        await admin.engine.watch.look()
        watch = try await admin.call("models.show", ["version": 2])["watch"]
        #expect(watch?["state"] == "watching")
        #expect(watch?["answers"] == 50 && watch?["total"] == 195)
        let service = admin.other(uid: 33, isService: true)
        try await ask(service, 10, correcting: false)
        await admin.engine.watch.look()
        #expect(try await admin.call("models.show", ["version": 2])["watch"]?["state"] == "passed")
    }

    @Test func `shows a user nothing that tells which messages press for a rollback`() async throws {
        let (admin, user) = try await promoted(try TestWorld(), answers: 5)
        try await ask(user, 5, correcting: false)
        func names(_ client: Client, _ version: Int, _ part: String) async throws -> Set<String> {
            let shown = try await client.call("models.show", ["version": .integer(version)])[part]
            return Set((shown?.object ?? []).map(\.name))
        }
        #expect(try await names(admin, 2, "watch").subtracting(names(user, 2, "watch")) == ["sureness"])
        #expect(
            try await names(admin, 1, "shadow").subtracting(names(user, 1, "shadow")) == [
                "both_sure", "champion_sure", "shadow_sure", "champion_confidence", "shadow_confidence",
            ]
        )
    }

    @Test func `has passed after so many answers, and goes on after a restart meanwhile`() async throws {
        let world = try TestWorld { $0.training.watch = 60 }
        let (admin, _) = try await promoted(world)
        try await ask(admin, 40, correcting: false)
        await admin.engine.watch.look()
        admin.engine.finish()
        let again = Client(try await TestWorld(after: world, files: world.files).engine(), uid: 0, role: .admin)
        var watch = try await again.call("models.show", ["version": 2])["watch"]
        #expect(watch?["answers"] == 40)
        #expect(watch?["state"] == "watching")
        #expect(watch?["corrections"]?["before"]?["answers"] == 200)
        try await ask(again, 20, correcting: false)
        await again.engine.watch.look()
        watch = try await again.call("models.show", ["version": 2])["watch"]
        #expect(watch?["state"] == "passed")
        // Nobody scores along any more.
        #expect(try await again.call("models.show", ["version": 1])["shadow"] == .null)
    }

    @Test func `is not watched where that is switched off, nor is a first one`() async throws {
        let world = try TestWorld { $0.training.watch = 0 }
        let (admin, _) = try await promoted(world, answers: 5)
        #expect(try await admin.call("models.show", ["version": 2])["watch"] == .null)
        let first = try TestWorld()
        let client = Client(try await first.engine())
        #expect(try await client.call("models.show", ["version": 1])["watch"] == .null)
    }
}
