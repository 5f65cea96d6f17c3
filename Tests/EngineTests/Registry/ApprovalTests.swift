import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// A version that waits, and the people around it.
@Suite struct `A version that waits` {
    private let asker: UInt32 = 1_001
    private let other: UInt32 = 1_002

    /// Version 2 waits; `asker` asked for it.
    private func prepared(fourEyes: Bool = true) async throws -> (world: TestWorld, asker: Client) {
        let world = try TestWorld { $0.training.fourEyes = fourEyes }
        let client = Client(try await world.engine(), uid: asker, role: .admin)
        #expect(try await client.retrain(["promote": "hold"])["candidate"] == 2)
        #expect(try await client.call("status")["candidate"] == 2)
        return (world, client)
    }

    private func approvals(_ client: Client) async throws -> [(uid: Int, payload: JSON)] {
        try await client.engine.ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT uid, payload FROM events WHERE kind = 'model.approved' ORDER BY seq")
                .map { ($0["uid"], JSON(stored: $0["payload"]) ?? .null) }
        }
    }

    @Test(arguments: [UInt32(1_001), 0])
    func `is not promoted by who asked for it, not even by force, as another's rollback, or as root`(
        uid: UInt32
    ) async throws {
        let world = try TestWorld { $0.training.fourEyes = true }
        let asker = Client(try await world.engine(), uid: uid, role: .admin)
        _ = try await asker.retrain(["promote": "hold"])
        for (method, params) in [
            ("models.promote", ["reason": "r"]), ("models.promote", ["reason": "r", "version": 2]),
            ("models.promote", ["reason": "r", "force": true]), ("models.rollback", ["reason": "r", "version": 2]),
            ("models.rollback", ["reason": "r", "version": 2, "force": true]),
        ] as [(String, JSON)] {
            let refusal = try await asker.refusal(method, params)
            #expect(refusal.reason == "forbidden")
            #expect(refusal.message.contains("another administrator"))
            #expect(refusal.hint?.contains("intentctl promote 2") == true)
        }
        #expect(try await asker.call("status")["champion"] == 1)
        #expect(try await approvals(asker).isEmpty)
        // Turned down by who asked for it, it may be.
        #expect(try await asker.call("models.reject", ["reason": "a mistake"])["rejected"] == 2)
    }

    @Test func `is promoted by another admin, whose approval is recorded`() async throws {
        let (_, asker) = try await prepared()
        let approver = asker.other(uid: other, role: .admin)
        #expect(try await approver.call("models.promote", ["reason": "read it"]) == ["champion": 2, "previous": 1])
        let approval = try #require(try await approvals(asker).first)
        #expect(approval.uid == Int(other))
        #expect(approval.payload["version"] == 2)
        #expect(approval.payload["asked_by"] == .integer(Int(self.asker)))
        #expect(approval.payload["reason"] == "read it")
        #expect(approval.payload["four_eyes"] == true)
        #expect(approval.payload["verdict"] == "pass")
        let move = try await asker.call("models.history")["moves"]?.array?.first { $0["alias"] == "champion" }
        #expect(move?["uid"] == .integer(Int(other)))
        #expect(move?["verdict"] == "pass")
        #expect(try await asker.call("status")["candidate"] == .null)
        // Once approved, anybody may go back to it.
        try await asker.call("models.rollback", ["reason": "r"])
        #expect(try await asker.call("models.promote", ["version": 2, "reason": "r"])["champion"] == 2)
        #expect(try await approvals(asker).count == 1)
        #expect(try await asker.call("verify")["ok"] == true)
    }

    @Test func `is still not its asker's to promote when a newer one took its place, or after a restart`() async throws
    {
        let (world, asker) = try await prepared()
        _ = try await asker.other(uid: other, role: .admin).retrain(["promote": "hold"])
        #expect(try await asker.refusal("models.promote", ["version": 2, "reason": "r"]).reason == "forbidden")
        #expect(try await asker.call("models.promote", ["version": 3, "reason": "r"])["champion"] == 3)
        asker.engine.finish()
        let again = TestWorld(after: world, files: world.files)
        let later = Client(try await again.engine(), uid: self.asker, role: .admin)
        #expect(try await later.refusal("models.promote", ["version": 2, "reason": "r"]).reason == "forbidden")
    }

    @Test func `is not promoted by who gave most of its new feedback; who reviewed it may`() async throws {
        let world = try TestWorld { $0.training.fourEyes = true }
        let author = Client(try await world.engine(), uid: asker, role: .admin)
        let (reviewer, user) = (author.other(uid: other, role: .admin), author.other(uid: 7))
        for (client, words) in [(author, ["beam it up", "beam it down"]), (user, ["beam it here"])] {
            for text in words {
                try await client.call("feedback.submit", ["text": .string(text), "intent": "delivery"])
            }
        }
        for item in try await reviewer.call("feedback.list", ["state": "pending"])["items"]?.array ?? [] {
            try await reviewer.call("feedback.review", ["feedback_id": item["feedback_id"] ?? .null, "accept": true])
        }
        // Somebody else asks for the training.
        _ = try await author.other(uid: 0, role: .admin).retrain(["promote": "hold"])
        let refusal = try await author.refusal("models.promote", ["reason": "r", "force": true])
        #expect(refusal.reason == "forbidden")
        #expect(refusal.message.contains("Most of the feedback that is new in version 2"))
        #expect(try await reviewer.call("models.promote", ["reason": "r"])["champion"] == 2)
        // The same feedback is not new in the next version.
        try await user.call("feedback.submit", ["text": "beam it over", "intent": "delivery"])
        for item in try await reviewer.call("feedback.list", ["state": "pending"])["items"]?.array ?? [] {
            try await reviewer.call("feedback.review", ["feedback_id": item["feedback_id"] ?? .null, "accept": true])
        }
        _ = try await author.other(uid: 0, role: .admin).retrain(["promote": "hold"])
        #expect(try await author.call("models.promote", ["reason": "r"])["champion"] == 3)
    }

    @Test func `cannot be promoted with four eyes while nobody can say whose words it has learnt from`() async throws {
        let (world, asker) = try await prepared()
        let snapshot = try await asker.engine.registry.version(2)?.snapshot ?? ""
        world.files.put(world.folders.snapshot(snapshot), "junk")
        let refusal = try await asker.other(uid: other, role: .admin).refusal("models.promote", ["reason": "r"])
        #expect(refusal.reason == "conflict")
        #expect(refusal.message.contains("cannot be read"))
    }

    @Test func `is anybody's to promote without four eyes, and by the gate itself`() async throws {
        let (_, alone) = try await prepared(fourEyes: false)
        #expect(try await alone.call("models.promote", ["reason": "r"])["champion"] == 2)
        #expect(try await approvals(alone).map { $0.payload["four_eyes"] } == [false])
        let world = try TestWorld { $0.training.fourEyes = true }
        let client = Client(try await world.engine(), uid: asker, role: .admin)
        #expect(try await client.retrain()["state"] == "done")
        #expect(try await client.call("status")["champion"] == 2)
    }

    @Test func `of an older database knows who asked from its job`() async throws {
        let (world, asker) = try await prepared()
        try await asker.engine.ledger.write { try $0.db.downgrade(to: 2) }
        asker.engine.finish()
        let again = TestWorld(after: world, files: world.files)
        let later = Client(try await again.engine(), uid: self.asker, role: .admin)
        #expect(try await later.refusal("models.promote", ["reason": "r"]).reason == "forbidden")
        #expect(try await later.call("verify")["ok"] == true)
        let approver = later.other(uid: other, role: .admin)
        #expect(try await approver.call("models.promote", ["reason": "r"])["champion"] == 2)
    }

    @Test func `once rejected is promoted by nobody without force`() async throws {
        let (world, asker) = try await prepared(fourEyes: false)
        let admin = asker.other(uid: 0, role: .admin)
        let late = try await admin.refusal("models.reject", ["reason": "r", "expected": 7])
        #expect(late.reason == "conflict")
        #expect(
            try await admin.call("models.reject", ["reason": "it swears", "expected": 1])
                == ["rejected": 2, "champion": 1, "previous": 1]
        )
        #expect(try await admin.call("status")["candidate"] == .null)
        #expect(world.files.target(world.folders.alias(.candidate)) == nil)
        let move = try #require(try await admin.call("models.history")["moves"]?.array?.first)
        #expect(move["kind"] == "reject" && move["alias"] == "candidate" && move["from"] == 2 && move["to"] == .null)
        #expect(move["uid"] == 0 && move["reason"] == "it swears" && move["verdict"] == "pass")
        for (client, method) in [(asker, "models.promote"), (admin, "models.promote"), (admin, "models.rollback")] {
            let refusal = try await client.refusal(method, ["version": 2, "reason": "r"])
            #expect(refusal.reason == "conflict")
            #expect(refusal.hint?.contains("--force") == true)
        }
        #expect(try await admin.refusal("models.promote", ["reason": "r"]).reason == "not_found")
        let forced = try await admin.call("models.promote", ["version": 2, "reason": "r", "force": true])
        #expect(forced["champion"] == 2)
        // Who was promoted on purpose is trusted again.
        try await admin.call("models.rollback", ["reason": "r"])
        #expect(try await admin.call("models.promote", ["version": 2, "reason": "r"])["champion"] == 2)
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `is the only one that can be rejected`() async throws {
        let (_, admin) = try await prepared()
        let serving = try await admin.refusal("models.reject", ["version": 1, "reason": "r"])
        #expect(serving.reason == "conflict" && serving.hint?.contains("rollback") == true)
        #expect(try await admin.refusal("models.reject", ["version": 9, "reason": "r"]).reason == "not_found")
        #expect(try await admin.refusal("models.reject").field == "reason")
        try await admin.call("models.reject", ["version": 2, "reason": "r"])
        #expect(try await admin.refusal("models.reject", ["version": 2, "reason": "r"]).reason == "conflict")
        #expect(try await admin.refusal("models.reject", ["reason": "r"]).reason == "not_found")
        #expect(try await admin.call("models.history")["moves"]?.array?.count { $0["kind"] == "reject" } == 1)
    }

    @Test func `does not serve at a start at which nothing else can, once it was rejected`() async throws {
        let (world, admin) = try await prepared()
        try await admin.call("models.reject", ["reason": "r"])
        admin.engine.finish()
        world.files.put(world.folders.version(1) + "/" + VersionFolder.modelFile, "junk")
        let again = TestWorld(after: world, files: world.files)
        let later = Client(try await again.engine(), uid: 0, role: .admin)
        #expect(try await later.call("status")["champion"] == 3)
        #expect(again.child.orders.count == 1)
    }

    @Test func `stands in the history at any moment with who put it there`() async throws {
        let (world, asker) = try await prepared()
        let waiting = world.clock.now
        world.clock.advance(seconds: 60)
        try await asker.other(uid: other, role: .admin).call("models.promote", ["reason": "read it"])
        let then = try await asker.call("models.history", ["at": .string(waiting.rfc3339)])
        #expect(then["aliases"] == ["champion": 1, "candidate": 2, "shadow": nil, "last-good": nil])
        #expect(then["moves"]?.array?.map { $0["alias"] } == ["champion", "candidate"])
        #expect(then["moves"]?[1]?["uid"] == .integer(Int(self.asker)))
        let now = try await asker.call("models.history", ["at": .string(world.clock.now.rfc3339)])
        #expect(now["aliases"] == ["champion": 2, "candidate": nil, "shadow": nil, "last-good": 1])
        #expect(now["moves"]?.array?.map { $0["uid"] } == [.integer(Int(other)), .integer(Int(other))])
    }
}
