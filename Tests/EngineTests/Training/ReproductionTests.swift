import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// The same bytes are the same version, whatever came between.
@Suite struct `A retraining that makes known bytes` {
    private func admin(_ world: TestWorld) async throws -> Client {
        world.child.behave(.reproduce)
        return Client(try await world.engine(), uid: 0, role: .admin)
    }

    private func teach(_ client: Client, _ text: String, _ intent: String = "delivery") async throws {
        _ = try await client.call("feedback.submit", ["text": .string(text), "intent": .string(intent)])
    }

    /// Teaches something, and makes a version of it.
    private func learn(_ client: Client, _ text: String, _ params: JSON = [:]) async throws -> JSON {
        try await teach(client, text)
        return try await client.retrain(params)
    }

    /// Takes back all that was said.
    private func unlearn(_ client: Client) async throws {
        for item in try await client.call("feedback.list")["items"]?.array ?? [] where item["state"] == "accepted" {
            _ = try await client.call("feedback.withdraw", ["feedback_id": item["feedback_id"] ?? .null])
        }
    }

    private func versions(_ client: Client) async throws -> [Int] {
        try await client.call("models.list")["models"]?.array?.compactMap { $0["version"]?.int } ?? []
    }

    private func champion(_ client: Client) async throws -> JSON? { try await client.call("status")["champion"] }

    private func expectWhole(_ client: Client, _ world: TestWorld) async throws {
        let verified = try await client.call("verify")
        #expect(verified["ok"] == true, "\(verified)")
        #expect(try world.files.list(world.folders.versions).allSatisfy { !$0.hasSuffix(".next") })
    }

    /// A version as a training would leave it that makes its bytes.
    private func copy(of version: Int, _ world: TestWorld) throws -> String {
        let copy = world.folders.staging("copy")
        try world.files.makeDirectory(copy)
        for name in VersionFolder.names {
            var bytes = try world.files.read(world.folders.version(version) + "/" + name)
            if name == VersionFolder.metadataFile {
                let members = try JSONParser.parse(bytes).object ?? []
                bytes = Array(JSON.object(members.filter { $0.name != "version" }).description.utf8)
            }
            try world.files.replace(copy + "/" + name, with: bytes)
        }
        return copy
    }

    @Test func `registers no number, and leaves aliases and watch`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        #expect(try await learn(client, "the box is late")["candidate"] == 2)
        let history = try await client.call("models.history")
        let watched = client.engine.champion.lineup.watched
        for _ in 0..<2 {
            let job = try await client.retrain()
            #expect(job["state"] == "done" && job["candidate"] == .null && job["same_as"] == 2)
            #expect(job["error"] == .null && job["verdict"]?["verdict"] == "pass")
        }
        #expect(try await versions(client) == [1, 2])
        #expect(try await client.call("models.history") == history)
        #expect(client.engine.champion.lineup.watched == watched && watched == 1)
        #expect(try await client.chat("where is my parcel")["model"] == 2)
        #expect(try await client.call("jobs.list")["jobs"]?[0]?["same_as"] == 2)
        try await expectWhole(client, world)
        // And a rollback still has somewhere to go.
        #expect(try await client.call("models.rollback", ["reason": "r"]) == ["champion": 1, "previous": 2])
    }

    @Test func `tells so in one event, and binds the version to the new data`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let old = try await client.engine.registry.version(1)
        // Where rows came from is in the data, and not in the model.
        let rows = Shop.rows.map { row in
            var row = row
            row.source = "another file"
            return row
        }
        world.clock.advance(seconds: 60)
        world.files.put(world.folders.dataFile, DataFile.csv(rows))
        let job = try await client.retrain()
        #expect(job["same_as"] == 1)
        let new = try #require(try await client.engine.registry.version(1))
        #expect(new.snapshot != old?.snapshot && new.digest == old?.digest && new.createdAt == old?.createdAt)
        #expect(new.verdict == job["verdict"])
        // The old data goes when nothing else names it.
        #expect(world.files.status(world.folders.snapshot(new.snapshot)) != nil)
        #expect(world.files.status(world.folders.snapshot(old?.snapshot ?? "")) == nil)
        let metadata = try await client.call("models.show", ["version": 1])["metadata"]
        #expect(metadata?["version"] == 1 && metadata?["data"]?["sha256"] == .string(new.snapshot))
        #expect(metadata?["created_at"] == JSON(new.createdAt) && metadata?["reproduced_at"] != metadata?["created_at"])
        let events = try await client.engine.ledger.read { db in
            try String.fetchAll(db, sql: "SELECT payload FROM events WHERE kind = 'version.reproduced'")
        }
        let event = JSON(stored: events.last)
        #expect(events.count == 1)
        #expect(event?["version"] == 1 && event?["job"] == job["job"] && event?["snapshot"] == .string(new.snapshot))
        #expect(event?["evaluation"] == new.metrics && event?["verdict"]?["verdict"] == "pass")
        try await expectWhole(client, world)
    }

    @Test func `counts the feedback in it as tried`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 1 }
        let client = try await admin(world)
        // Said in the words of a row of the file it changes nothing.
        try await teach(client.other(uid: 7), "zebra")
        #expect(try await Triggers.standing(client.engine.ledger).untried == 0)
        try await teach(client, "where is my parcel")
        let job = try await client.retrain()
        #expect(job["state"] == "done")
        #expect(try await Triggers.standing(client.engine.ledger).untried == 0)
    }

    @Test func `promotes another version under its own number`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        _ = try await learn(client, "the box is late")
        try await unlearn(client)
        let job = try await client.retrain()
        #expect(job["state"] == "done" && job["candidate"] == .null && job["same_as"] == 1)
        #expect(try await champion(client) == 1)
        #expect(try await client.chat("where is my parcel")["model"] == 1)
        let move = try await client.call("models.history")["moves"]?.array?.first { $0["alias"] == "champion" }
        #expect(move?["kind"] == "promote" && move?["to"] == 1)
        #expect(try await versions(client) == [1, 2])
        try await expectWhole(client, world)
    }

    @Test func `lets another version wait under its own number`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        _ = try await learn(client, "the box is late")
        try await unlearn(client)
        let job = try await client.retrain(["promote": "hold"])
        #expect(job["state"] == "done" && job["same_as"] == 1)
        #expect(try await client.call("status")["candidate"] == 1)
        #expect(try await champion(client) == 2)
        // Once more, it waits already.
        #expect(try await client.retrain(["promote": "hold"])["same_as"] == 1)
        #expect(try await client.call("models.promote", ["reason": "r"]) == ["champion": 1, "previous": 2])
    }

    @Test(arguments: ["rollback", "reject"])
    func `is refused where people found them bad`(method: String) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        if method == "rollback" {
            _ = try await learn(client, "the box is late")
            _ = try await client.call("models.rollback", ["reason": "it is bad"])
        } else {
            _ = try await learn(client, "the box is late", ["promote": "hold"])
            _ = try await client.call("models.reject", ["version": 2, "reason": "it is bad"])
        }
        for _ in 0..<2 {
            let job = try await client.retrain()
            #expect(job["state"] == "refused" && job["candidate"] == .null && job["same_as"] == 2)
            #expect(job["error"]?.string?.contains("These are the bytes of version 2, which was r") == true)
        }
        let status = try await client.call("status")
        #expect(status["champion"] == 1 && status["candidate"] == .null)
        #expect(try await versions(client) == [1, 2])
        try await expectWhole(client, world)
        // Promoted on purpose, they are good again.
        let again: JSON = ["version": 2, "reason": "after all", "force": true]
        #expect(try await client.call("models.promote", again)["champion"] == 2)
        #expect(try await client.retrain()["state"] == "done")
    }

    @Test func `brings a collected version back under its number`() async throws {
        let world = try TestWorld {
            $0.registry.keep = 1
            $0.telemetry.keep = 3_600
            $0.telemetry.rotateAge = 3_600
        }
        let client = try await admin(world)
        _ = try await learn(client, "the box is late")
        _ = try await learn(client, "the box is lost")
        world.clock.advance(seconds: 3 * 3_600)
        _ = try await learn(client, "the box is green")
        #expect(try await versions(client) == [3, 4])
        try await unlearn(client)
        let job = try await client.retrain()
        #expect(job["state"] == "done" && job["same_as"] == 1)
        #expect(try await versions(client).contains(1))
        #expect(try await champion(client) == 1)
        #expect(try await client.chat("where is my parcel")["model"] == 1)
        #expect(world.files.target(world.folders.alias(.champion)) == "../versions/000001")
        try await expectWhole(client, world)
    }

    @Test func `mends a champion whose file is broken`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        world.files.put(world.folders.version(1) + "/model.safetensors", "junk")
        #expect(try await client.call("verify")["ok"] == false)
        #expect(try await client.retrain()["same_as"] == 1)
        try await expectWhole(client, world)
        #expect(try await client.engine.registry.model(1).version == 1)
    }

    /// A start leaves a version whose file is broken, which says nothing against its bytes.
    @Test func `does not count a broken file against them`() async throws {
        let world = try TestWorld()
        let first = try await admin(world)
        _ = try await learn(first, "the box is late")
        first.engine.finish()
        let again = TestWorld(after: world, files: world.files)
        again.files.put(again.folders.version(2) + "/model.safetensors", "junk")
        let client = try await admin(again)
        #expect(try await champion(client) == 1)
        let job = try await client.retrain()
        #expect(job["state"] == "done" && job["same_as"] == 2)
        #expect(try await champion(client) == 2)
        try await expectWhole(client, again)
    }

    @Test func `does the unlearning that was due`() async throws {
        let world = try TestWorld { $0.training.trustUsers = true }
        let client = try await admin(world)
        let person = client.other(uid: 1_001)
        // One contrary word of somebody unreviewed does not change the model, but it is in the data.
        try await teach(person, "where is my parcel", "refund")
        #expect(try await client.retrain()["same_as"] == 1)
        let result = try await client.call("forget", ["uid": 1_001])
        #expect(result["versions"] == [1])
        let job = try #require(result["job"]?.string)
        #expect(try await client.finished(job)["same_as"] == 1)
        let overdue = try await client.engine.registry.overdue()
        #expect(overdue.versions == [] && !overdue.champion)
        #expect(try await !client.engine.registry.lacksSuccessor())
        #expect(try await client.call("status")["degraded"]?.array?.contains { $0["feature"] == "unlearning" } == false)
        try await expectWhole(client, world)
    }

    /// Databases of an earlier intentd may hold several versions with the same bytes.
    @Test func `takes several versions of the same bytes for one`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let registry = client.engine.registry
        _ = try await learn(client, "the box is late")
        for _ in 3...4 {
            let copy = try copy(of: 2, world)
            let version = try await registry.register(staged: copy, snapshot: "", verdict: nil, uid: 0)
            try await registry.move(.promote, to: version.version, uid: 0, reason: "as it was")
            try await client.engine.champion.settle()
        }
        #expect(try await versions(client) == [1, 2, 3, 4])
        // They are watched against other bytes, and a rollback leads to those.
        #expect(client.engine.champion.lineup.watched == 1)
        #expect(try await client.retrain()["same_as"] == 4)
        #expect(try await client.call("models.diff", ["from": 2, "to": 4])["identical"] == true)
        #expect(try await client.call("models.rollback", ["reason": "bad"]) == ["champion": 1, "previous": 4])
        let refusal = try await client.refusal("models.rollback", ["version": 3, "reason": "r"])
        #expect(refusal.reason == "conflict")
        #expect(try await client.retrain()["state"] == "refused")
    }

    @Test(arguments: [false, true])
    func `is whole after a crash at any operation`(isCollected: Bool) async throws {
        var operation = 1
        var finished = false
        while !finished {
            let world = try TestWorld()
            let ledger = try world.ledger()
            let registry = world.registry(ledger)
            for number in 1...2 {
                let data = Array("\(number)".utf8)
                world.files.put(world.folders.snapshot(Digest.hex(data)), data)
                let staged = try await world.stage("s\(number)")
                _ = try await registry.register(staged: staged, snapshot: Digest.hex(data), verdict: nil, uid: 1)
                if number == 1 || !isCollected {
                    try await registry.move(.promote, to: number, uid: 1, reason: "test")
                }
            }
            let copy = try copy(of: 2, world)
            try world.files.replace(copy + "/" + VersionFolder.evaluationFile, with: Array("{}".utf8))
            if isCollected {
                try await registry.move(.rollback, to: 1, uid: 1, reason: "test")
                try await ledger.write { transaction in
                    try Registry.letGo(of: [2], because: [], uid: 1, in: transaction)
                }
            }
            let data = Array("new".utf8)
            world.files.put(world.folders.snapshot(Digest.hex(data)), data)
            world.files.set(.crash(at: operation, afterEffect: operation.isMultiple(of: 2)))
            _ = try? await registry.reproduce(
                2,
                staged: copy,
                snapshot: Digest.hex(data),
                verdict: nil,
                job: "j",
                uid: 1
            )
            finished = !world.files.isDead
            try ledger.close()
            #expect(operation < 60)

            let again = TestWorld(after: world, files: world.files.afterCrash())
            let client = Client(try await again.engine())
            let version = try await client.engine.registry.version(2)
            if version?.collectedAt == nil { _ = try await client.engine.registry.model(2) }
            if finished { #expect(version?.snapshot == Digest.hex(data) && version?.collectedAt == nil) }
            #expect(try await client.chat("where is my parcel")["model"] == (isCollected ? 1 : 2))
            #expect(again.child.orders.isEmpty)
            try await expectWhole(client, again)
            client.engine.finish()
            operation += 1
        }
    }
}
