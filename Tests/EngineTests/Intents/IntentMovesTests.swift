import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// Intents that are renamed, merged and removed while the model that knows the old names answers.
@Suite struct IntentMovesTests {
    private func admin(_ world: TestWorld) async throws -> Client {
        Client(try await world.engine(), uid: 0, role: .admin)
    }

    private func teach(_ client: Client, _ text: String, _ intent: String) async throws -> String {
        let receipt = try await client.call("feedback.submit", ["text": .string(text), "intent": .string(intent)])
        return try #require(receipt["feedback_id"]?.string)
    }

    private func intent(of id: String, _ client: Client) async throws -> JSON? {
        let items = try await client.call("feedback.list")["items"]?.array ?? []
        return items.first { $0["feedback_id"] == .string(id) }
    }

    private func names(_ client: Client) async throws -> [String] {
        try await client.call("intents.list")["intents"]?.array?.compactMap { $0["intent"]?.string } ?? []
    }

    private func expectWhole(_ client: Client) async throws {
        let verified = try await client.call("verify")
        #expect(verified["ok"] == true, "\(verified)")
    }

    @Test func `a new name is said at once, by the same version`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let before = try await client.chat("where is my parcel")
        #expect(before["intent"] == "delivery" && before["route"] == "local")
        let moved = try await client.call(
            "intents.rename",
            ["intent": "delivery", "to": "parcel_status", "reason": "clearer"]
        )
        #expect(moved["rows"] == 16 && moved["responses"] == 1 && moved["cases"] == 0 && moved["feedback"] == 0)
        let after = try await client.chat("where is my parcel")
        #expect(after["intent"] == "parcel_status" && after["model"] == before["model"])
        #expect(after["confidence"] == before["confidence"] && after["digest"] == before["digest"])
        #expect(["It is on its way.", "It comes tomorrow."].contains(after["reply"]?.string))
        let predicted = try await client.call("predict", ["text": "where is my parcel"])
        #expect(predicted["predictions"]?[0]?["intent"] == "parcel_status")
        #expect(try await client.call("explain", ["id": before["id"] ?? .null])["intent"] == "parcel_status")
        #expect(try await client.call("metrics")["by_intent"] == ["parcel_status": 2])
        #expect(try await names(client) == ["greeting", "hours", "parcel_status", "refund"])
        try await expectWhole(client)
    }

    @Test func `what people said follows, and does not bring the old name back`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let answer = try await client.chat("good morning")
        let corrected = try await client.call(
            "feedback.submit",
            ["id": answer["id"] ?? .null, "intent": "delivery", "rating": "down"]
        )
        let id = try #require(corrected["feedback_id"]?.string)
        let other = try await teach(client, "the box is late", "delivery")
        let moved = try await client.call(
            "intents.rename",
            ["intent": "delivery", "to": "parcel_status", "reason": "clearer"]
        )
        #expect(moved["feedback"] == 2)
        for item in [id, other] { #expect(try await intent(of: item, client)?["intent"] == "parcel_status") }
        let job = try await client.retrain()
        #expect(job["state"] == "done" && job["candidate"] == 2, "\(job)")
        let checks = job["verdict"]?["checks"]?.array ?? []
        #expect(checks.first { $0["name"] == "intents_gone" }?["outcome"] == "pass", "\(checks)")
        #expect(checks.first { $0["name"] == "file_rows" }?["outcome"] == "pass")
        #expect(try await names(client) == ["greeting", "hours", "parcel_status", "refund"])
        #expect(try await client.chat("the box is late")["intent"] == "parcel_status")
        try await expectWhole(client)
    }

    @Test func `a decision of before the renaming is taken back under the new name`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let user = client.other(uid: 1_000)
        let given = try await user.call("feedback.submit", ["text": "where does my crate stay", "intent": "delivery"])
        let id = try #require(given["feedback_id"]?.string)
        _ = try await client.call(
            "feedback.review",
            ["feedback_id": .string(id), "accept": true, "intent": "hours"]
        )
        world.clock.advance(seconds: 5)
        _ = try await client.call("intents.rename", ["intent": "delivery", "to": "parcels", "reason": "r"])
        let undone = try await client.call("feedback.review", ["feedback_id": .string(id), "undo": true])
        #expect(undone["intent"] == "parcels")
    }

    @Test func `intents that became one answer together`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let moved = try await client.call(
            "intents.merge",
            ["intents": ["delivery", "refund"], "to": "orders", "reason": "too alike"]
        )
        #expect(moved["rows"] == 32)
        for text in ["where is my parcel", "i want my money back"] {
            #expect(try await client.chat(text)["intent"] == "orders")
        }
        let predicted = try await client.call("predict", ["text": "where is my parcel", "top_k": 4])
        let alternatives = predicted["predictions"]?[0]?["alternatives"]?.array ?? []
        #expect(alternatives.compactMap { $0["intent"]?.string }.sorted() == ["greeting", "hours", "orders"])
        let job = try await client.retrain()
        #expect(job["state"] == "done", "\(job)")
        #expect(try await names(client) == ["greeting", "hours", "orders"])
        // The version of before is read so, too, should it answer again.
        _ = try await client.call("models.rollback", ["reason": "r", "force": true])
        #expect(try await client.chat("i want my money back")["intent"] == "orders")
        try await expectWhole(client)
    }

    @Test func `an intent that was removed is not answered, and not missed`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let id = try await teach(client, "gimme cash", "refund")
        let moved = try await client.call("intents.remove", ["intent": "refund", "reason": "not ours"])
        #expect(moved["rows"] == 16 && moved["feedback"] == 1)
        let answer = try await client.chat("i want my money back")
        #expect(answer["route"] != "local", "\(answer)")
        #expect(try await intent(of: id, client)?["state"] == "rejected")
        #expect(try await names(client) == ["delivery", "greeting", "hours"])
        let job = try await client.retrain()
        #expect(job["state"] == "done", "\(job)")
        let checks = job["verdict"]?["checks"]?.array ?? []
        for name in ["intents_gone", "file_rows"] {
            #expect(checks.first { $0["name"] == .string(name) }?["outcome"] == "pass", "\(checks)")
        }
        try await expectWhole(client)
    }

    @Test(arguments: ["rename", "merge", "remove"])
    func `an undone move leaves files, names and feedback as they were`(kind: String) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let id = try await teach(client, "gimme cash", "refund")
        let item = try await intent(of: id, client)
        let files = [world.folders.dataFile, world.folders.intents]
        let before = try files.map { try world.files.read($0) }
        let params: JSON =
            switch kind {
            case "rename": ["intent": "refund", "to": "money", "reason": "r"]
            case "merge": ["intents": ["refund"], "to": "delivery", "reason": "r"]
            default: ["intent": "refund", "reason": "r"]
            }
        let moved = try await client.call("intents.\(kind)", params)
        let said = try await intent(of: id, client)
        #expect(said != item)
        world.clock.advance(seconds: 1)
        let undone = try await client.call("intents.undo", ["move": moved["move"] ?? .null, "reason": "a slip"])
        #expect(undone["rows"] == moved["rows"] && undone["feedback"] == moved["feedback"])
        #expect(undone["move"] != moved["move"])
        #expect(try files.map { try world.files.read($0) } == before)
        let restored = try await intent(of: id, client)
        #expect(restored == item)
        #expect(try await client.chat("i want my money back")["intent"] == "refund")
        #expect(try await names(client) == ["delivery", "greeting", "hours", "refund"])
        try await expectWhole(client)
        let again: JSON = ["move": moved["move"] ?? .null, "reason": "again"]
        #expect(try await client.refusal("intents.undo", again).reason == "conflict")
    }

    @Test func `a renaming that is undone holds for what was said and trained in between`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let moved = try await client.call("intents.rename", ["intent": "refund", "to": "money", "reason": "r"])
        let id = try await teach(client, "gimme cash", "money")
        let job = try await client.retrain()
        #expect(job["candidate"] == 2)
        world.clock.advance(seconds: 1)
        _ = try await client.call("intents.undo", ["move": moved["move"] ?? .null, "reason": "a slip"])
        #expect(try await intent(of: id, client)?["intent"] == "refund")
        #expect(try await client.chat("i want my money back")["intent"] == "refund")
        try await expectWhole(client)
    }

    @Test func `files that have been changed since cannot be put back`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let moved = try await client.call("intents.rename", ["intent": "refund", "to": "money", "reason": "r"])
        world.files.put(world.folders.dataFile, DataFile.csv(Shop.rows))
        let error = try await client.refusal("intents.undo", ["move": moved["move"] ?? .null, "reason": "r"])
        #expect(error.reason == "conflict" && error.hint?.contains("intents rename") == true)
        #expect(try await client.chat("i want my money back")["intent"] == "money")
    }

    struct Wish: Sendable, CustomTestStringConvertible {
        var method: String
        var params: JSON
        var reason: String
        var testDescription: String { "\(method) \(params)" }

        init(_ method: String, _ params: JSON, reason: String) {
            (self.method, self.params, self.reason) = (method, params, reason)
        }
    }

    private static let wrong: [Wish] = [
        Wish("intents.rename", ["intent": "refunt", "to": "b", "reason": "r"], reason: "not_found"),
        Wish("intents.rename", ["intent": "refund", "to": "hours", "reason": "r"], reason: "conflict"),
        Wish("intents.rename", ["intent": "refund", "to": "refund", "reason": "r"], reason: "invalid_params"),
        Wish("intents.rename", ["intent": "refund", "to": "Hours", "reason": "r"], reason: "invalid_params"),
        Wish("intents.rename", ["intent": "refund", "to": "oos", "reason": "r"], reason: "invalid_params"),
        Wish("intents.rename", ["intent": "oos", "to": "b", "reason": "r"], reason: "invalid_params"),
        Wish("intents.rename", ["intent": "refund", "to": "a\u{1}b", "reason": "r"], reason: "invalid_params"),
        Wish("intents.rename", ["intent": "refund", "to": "b"], reason: "invalid_params"),
        Wish("intents.merge", ["intents": ["refund"], "to": "refund", "reason": "r"], reason: "invalid_params"),
        Wish("intents.merge", ["intents": [], "to": "refund", "reason": "r"], reason: "invalid_params"),
        Wish("intents.merge", ["intents": ["refund", "nothing"], "to": "hours", "reason": "r"], reason: "not_found"),
        Wish("intents.remove", ["intent": "nothing", "reason": "r"], reason: "not_found"),
        Wish("intents.remove", ["intent": "oos", "reason": "r"], reason: "invalid_params"),
        Wish("intents.undo", ["move": "nothing", "reason": "r"], reason: "not_found"),
    ]

    @Test(arguments: wrong)
    func `a wrong wish changes nothing`(_ wish: Wish) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let before = try world.files.read(world.folders.dataFile)
        #expect(try await client.refusal(wish.method, wish.params).reason == wish.reason)
        #expect(try world.files.read(world.folders.dataFile) == before)
        #expect(try await names(client) == ["delivery", "greeting", "hours", "refund"])
    }

    @Test func `only an admin may`() async throws {
        let world = try TestWorld()
        let user = try await admin(world).other(uid: 1_000)
        #expect(try await user.refusal("intents.remove", ["intent": "refund", "reason": "r"]).reason == "forbidden")
    }

    @Test func `no training runs beside it`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await client.engine.jobs.idle(because: "A test is running") { () async throws -> Void in
            let params: JSON = ["intent": "refund", "reason": "r"]
            #expect(try await client.refusal("intents.remove", params).reason == "conflict")
            #expect(try await client.refusal("retrain").reason == "conflict")
        }
    }

    @Test(arguments: [false, true])
    func `a crash leaves all of it or nothing, and the next start finishes it`(afterEffect: Bool) async throws {
        var operation = 1
        var finished = false
        var kinds: Set<String> = []
        while !finished {
            let world = try TestWorld()
            let engine = try await world.engine()
            let client = Client(engine, uid: 0, role: .admin)
            _ = try await teach(client, "gimme cash", "refund")
            let before = try [world.folders.dataFile, world.folders.intents].map { try world.files.read($0) }
            world.files.set(.crash(at: operation, afterEffect: afterEffect))
            _ = try? await client.call("intents.rename", ["intent": "refund", "to": "money", "reason": "r"])
            finished = !world.files.isDead
            try engine.ledger.close()
            let next = TestWorld(after: world, files: world.files.afterCrash())
            let again = Client(try await next.engine(), uid: 0, role: .admin)
            let name = try await again.chat("i want my money back")["intent"]?.string
            kinds.insert(name ?? "")
            let rows = try next.files.read(world.folders.dataFile)
            let text = String(decoding: rows, as: UTF8.self)
            if name == "money" {
                #expect(!text.contains(",refund"), "operation \(operation)")
                #expect(try await names(again) == ["delivery", "greeting", "hours", "money"])
            } else {
                #expect(name == "refund")
                #expect(try [world.folders.dataFile, world.folders.intents].map { try next.files.read($0) } == before)
            }
            try await expectWhole(again)
            operation += 1
        }
        #expect(kinds.isSubset(of: ["money", "refund"]) && kinds.contains("money"))
        #expect(operation > 3)
    }

    @Test func `names lapse with the last version that knew the old ones`() async throws {
        let world = try TestWorld { $0.registry.keep = 1 }
        let client = try await admin(world)
        _ = try await client.call("intents.rename", ["intent": "refund", "to": "money", "reason": "r"])
        #expect(client.engine.registry.naming.current.steps.count == 1)
        for number in 0..<4 {
            _ = try await teach(client, "gimme cash \(number)", "money")
            world.clock.advance(seconds: 86_400 * 40)
            _ = try await client.retrain()
            _ = try await client.call("models.list")
        }
        await client.engine.collection.collect()
        try await client.engine.registry.naming.read()
        #expect(client.engine.registry.naming.current.steps.isEmpty)
    }
}
