import GRDB
import Learning
import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `Feedback` {
    private func submit(_ client: Client, _ text: String, _ intent: String, _ extra: [Member] = []) async throws -> JSON
    {
        try await client.call(
            "feedback.submit",
            .object([Member("text", .string(text)), Member("intent", .string(intent))] + extra)
        )
    }

    private func items(_ client: Client, _ params: JSON = [:]) async throws -> [JSON] {
        try await client.call("feedback.list", params)["items"]?.array ?? []
    }

    @Test func `of a user waits for review, of an admin is accepted`() async throws {
        let world = try TestWorld()
        let user = Client(try await world.engine())
        let admin = user.other(uid: 0, role: .admin)
        let first = try await submit(user, "my box is late", "delivery")
        #expect(first["state"] == "pending")
        #expect(first["pending"] == 1)
        #expect(try await submit(user, "box is very late", "delivery")["pending"] == 2)
        let second = try await submit(admin, "give me cash", "refund")
        #expect(second["state"] == "accepted")
        #expect(second["pending"] == 0)
        let reviewed = try await admin.call(
            "feedback.review",
            ["feedback_id": first["feedback_id"] ?? .null, "accept": true]
        )
        #expect(reviewed["state"] == "accepted")
        #expect(reviewed["uid"] == 1_000)
        #expect(try await user.call("feedback.list")["pending"] == 1)
    }

    @Test func `of any length can be listed, a page at a time`() async throws {
        let user = Client(try await TestWorld().engine())
        for number in 0..<30 {
            // Each of these bytes is six in an answer.
            _ = try await submit(user, "\(number) " + String(repeating: "\u{7F}", count: 16_000), "delivery")
        }
        var seen: [String] = []
        while true {
            let page = try await items(user, seen.last.map { ["before": .string($0)] } ?? [:])
            #expect(page.reduce(0) { $0 + $1.description.utf8.count } <= 1 << 20)
            if page.isEmpty { break }
            seen += page.compactMap { $0["feedback_id"]?.string }
        }
        #expect(Set(seen).count == 30)
    }

    @Test func `of a trusted user is accepted at once`() async throws {
        let world = try TestWorld { $0.training.trustUsers = true }
        #expect(try await submit(Client(try await world.engine()), "my box is late", "delivery")["state"] == "accepted")
    }

    @Test func `of a trusted user waits where a reviewer has refused the same words, whoever says them`() async throws {
        let world = try TestWorld { $0.training.trustUsers = true }
        let user = Client(try await world.engine())
        let admin = user.other(uid: 0, role: .admin)
        let id = try await submit(user, "my box is late", "refund")["feedback_id"] ?? .null
        try await admin.call("feedback.review", ["feedback_id": id, "accept": false])
        #expect(try await submit(user, "my box is late", "refund")["state"] == "pending")
        #expect(try await submit(user.other(uid: 6), "  My BOX is late!", "refund")["state"] == "pending")
        let other = try await submit(user, "my box is late", "hours")
        #expect(other["state"] == "accepted")
        let said = try await user.call(
            "feedback.revise",
            ["feedback_id": other["feedback_id"] ?? .null, "intent": "refund"]
        )
        #expect(said["state"] == "duplicate" || said["state"] == "pending")
        // An admin's own word stands above a review.
        #expect(try await submit(admin, "my box is late", "refund")["state"] == "accepted")
    }

    @Test func `can be reviewed again, and corrected on the way`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let id = try await submit(admin.other(uid: 5), "my box is late", "refund")["feedback_id"] ?? .null
        for (accept, state) in [(true, "accepted"), (false, "rejected"), (true, "accepted")] {
            let item = try await admin.call("feedback.review", ["feedback_id": id, "accept": .bool(accept)])
            #expect(item["state"] == .string(state))
        }
        let item = try await admin.call("feedback.review", ["feedback_id": id, "accept": true, "intent": "delivery"])
        #expect(item["intent"] == "delivery")
        let refusal = try await admin.refusal("feedback.review", ["feedback_id": "none", "accept": true])
        #expect(refusal.reason == "not_found")
    }

    @Test func `without an intent needs one to be accepted`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let user = admin.other(uid: 5)
        let answer = try await user.chat("where is my parcel")
        let id =
            try await user.call("feedback.submit", ["id": answer["id"] ?? .null, "rating": "down"])["feedback_id"]
            ?? .null
        #expect(try await admin.refusal("feedback.review", ["feedback_id": id, "accept": true]).field == "intent")
        let item = try await admin.call("feedback.review", ["feedback_id": id, "accept": true, "intent": "refund"])
        #expect(item["intent"] == "refund")
        #expect(item["text"] == "where is my parcel")
    }

    @Test func `is shown to its author and to admins alone`() async throws {
        let world = try TestWorld()
        let ann = Client(try await world.engine(), uid: 1_001)
        let bob = ann.other(uid: 1_002)
        let admin = ann.other(uid: 0, role: .admin)
        for number in 0..<3 { _ = try await submit(ann, "late box \(number)", "delivery") }
        _ = try await submit(bob, "money please", "refund")
        #expect(try await items(ann).count == 3)
        #expect(try await items(bob).count == 1)
        #expect(try await items(admin).count == 4)
        #expect(try await admin.call("feedback.list")["pending"] == 4)
        #expect(try await items(ann, ["state": "accepted"]).isEmpty)
        // Pages: newest first, each item once.
        let first = try await items(admin, ["limit": 3])
        let before = first.last?["feedback_id"] ?? .null
        let rest = try await items(admin, ["limit": 3, "before": before])
        let texts = (first + rest).compactMap { $0["text"]?.string }
        #expect(texts == ["money please", "late box 2", "late box 1", "late box 0"])
    }

    @Test func `with the same key is the same feedback, and other content a conflict`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let first = try await submit(client, "late box", "delivery", [Member("key", "k1")])
        // The order of members and _meta say nothing.
        let again = try await client.call(
            "feedback.submit",
            ["_meta": ["a": 1], "key": "k1", "intent": "delivery", "text": "late box"]
        )
        #expect(again == first)
        let refusal = try await client.refusal(
            "feedback.submit",
            ["text": "late box", "intent": "refund", "key": "k1"]
        )
        #expect(refusal.reason == "conflict")
        // A key belongs to its author.
        let other = try await submit(client.other(uid: 7), "late box", "refund", [Member("key", "k1")])
        #expect(other["feedback_id"] != first["feedback_id"])
        #expect(try await items(client).count == 1)
    }

    @Test func `sent twenty times at once with one key is one row`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let ids = try await withThrowingTaskGroup(of: String?.self, returning: Set<String?>.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    try await client.call("feedback.submit", ["text": "late box", "intent": "delivery", "key": "k"])[
                        "feedback_id"
                    ]?.string
                }
            }
            return try await group.reduce(into: []) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await items(client).count == 1)
    }

    @Test func `said twice counts once`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await submit(client, "late box", "delivery")["state"] == "accepted")
        #expect(try await submit(client, "late box", "delivery")["state"] == "duplicate")
        #expect(try await submit(client, "late box", "refund")["state"] == "accepted")
        #expect(try await submit(client.other(uid: 5), "late box", "delivery")["state"] == "pending")
        #expect(try await client.call("metrics")["feedback"]?["corrections"] == 3)
    }

    @Test func `on a locked test row is kept and never trains`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let locked = try #require(Shop.rows.first { $0.split == .test && $0.intent == "refund" })
        // The same words in other clothes.
        for text in [locked.text, locked.text.uppercased() + " !!"] {
            let receipt = try await submit(admin, text, "delivery")
            #expect(receipt["state"] == "evaluation_only")
            let reviewed = try await admin.call(
                "feedback.review",
                ["feedback_id": receipt["feedback_id"] ?? .null, "accept": true]
            )
            #expect(reviewed["state"] == "evaluation_only")
        }
        #expect(try await admin.engine.feedback.accepted().isEmpty)
    }

    @Test func `for an unknown intent needs new_intent`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let refusal = try await client.refusal("feedback.submit", ["text": "a gift card please", "intent": "vouchers"])
        #expect(refusal.reason == "not_found")
        #expect(refusal.field == "intent")
        #expect(refusal.hint?.contains("new_intent") == true)
        let receipt = try await submit(client, "a gift card please", "vouchers", [Member("new_intent", true)])
        #expect(receipt["state"] == "pending")
        #expect(try await submit(client, "what is love", "oos")["state"] == "pending")
    }

    @Test func `takes any intent that the data has, whatever its name`() async throws {
        let rows = Shop.rows.map { row in
            var row = row
            if row.intent == "refund" { row.intent = "money back, please?" }
            return row
        }
        let world = try TestWorld(data: rows)
        let client = Client(try await world.engine())
        #expect(try await submit(client, "cash cash cash", "money back, please?")["state"] == "pending")
    }

    static let incomplete: [(params: JSON, field: String)] = [
        ([:], "text"), (["text": "a"], "intent"), (["intent": "refund"], "text"),
        (["text": "a", "intent": "refund", "rating": "up"], "rating"), (["text": "  ", "intent": "refund"], "text"),
        (["id": "x", "new_intent": true, "rating": "up"], "new_intent"), (["id": "x"], "rating"),
        (["text": "a", "intent": " refund"], "intent"), (["text": "a", "intent": ""], "intent"),
        (["text": "a", "intent": "a\nb"], "intent"),
    ]

    @Test(arguments: incomplete)
    func `that is incomplete is refused, and the field named`(params: JSON, field: String) async throws {
        let world = try TestWorld()
        let refusal = try await Client(try await world.engine()).refusal("feedback.submit", params)
        #expect(refusal.reason == "invalid_params")
        #expect(refusal.field == field)
    }

    @Test func `is on stable storage when it is acknowledged`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        var ids: Set<String> = []
        for number in 0..<20 {
            ids.insert(try #require(try await submit(client, "late box \(number)", "delivery")["feedback_id"]?.string))
        }
        // The process dies without a goodbye: nothing is closed.
        let again = TestWorld(after: world, files: world.files.afterCrash())
        let kept = try await items(Client(try await again.engine()))
        #expect(Set(kept.compactMap { $0["feedback_id"]?.string }) == ids)
    }

    @Test func `on a full disk is refused, while everything else goes on`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        try await client.engine.ledger.write { transaction in
            let pages = try Int.fetchOne(transaction.db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(transaction.db, sql: "PRAGMA max_page_count = \(pages)")
        }
        var refusals: Set<String> = []
        for number in 0..<30 {
            do {
                let text = String(repeating: "late box \(number) ", count: 60)
                _ = try await submit(client, text, "delivery")
            } catch let refusal as Refusal {
                refusals.insert(refusal.reason)
                #expect(refusal.code == -32_007)
            }
        }
        #expect(refusals == ["storage_full"])
        #expect(try await client.chat("where is my parcel")["route"] == "local")
        try await client.engine.ledger.write { _ = try Int.fetchOne($0.db, sql: "PRAGMA max_page_count = 100000") }
        #expect(try await submit(client, "late box", "delivery")["state"] == "pending")
    }
}
