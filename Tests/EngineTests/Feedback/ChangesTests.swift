import Testing
import Wire

@testable import Engine

@Suite struct `Feedback that is changed` {
    private func submit(_ client: Client, _ text: String = "my box is late", _ intent: String = "refund") async throws
        -> JSON
    {
        try await client.call("feedback.submit", ["text": .string(text), "intent": .string(intent)])["feedback_id"]
            ?? .null
    }

    private func review(_ admin: Client, _ id: JSON, _ accept: Bool = true, _ intent: String? = nil) async throws
        -> JSON
    {
        let members = [Member("feedback_id", id), Member("accept", .bool(accept))]
        return try await admin.call(
            "feedback.review",
            .object(members + (intent.map { [Member("intent", .string($0))] } ?? []))
        )
    }

    private func undo(_ admin: Client, _ id: JSON) async throws -> JSON {
        try await admin.call("feedback.review", ["feedback_id": id, "undo": true])
    }

    private func clients(_ configure: (inout Configuration) -> Void = { _ in }) async throws -> (
        TestWorld, Client, Client
    ) {
        let world = try TestWorld(configure: configure)
        let user = Client(try await world.engine())
        return (world, user, user.other(uid: 0, role: .admin))
    }

    @Test func `by its author waits again, and does not train meanwhile`() async throws {
        let (world, user, admin) = try await clients()
        let id = try await submit(user)
        _ = try await review(admin, id)
        #expect(try await admin.engine.feedback.accepted().count == 1)
        let item = try await user.call("feedback.revise", ["feedback_id": id, "intent": "delivery"])
        #expect(item["state"] == "pending")
        #expect(item["intent"] == "delivery")
        #expect(try await admin.engine.feedback.accepted().isEmpty)
        // What was only remarked about it changes nothing.
        _ = try await review(admin, id)
        let remarked = try await user.call("feedback.revise", ["feedback_id": id, "comment": "by phone"])
        #expect(remarked["state"] == "accepted")
        #expect(remarked["comment"] == "by phone")
        withExtendedLifetime(world) {}
    }

    @Test func `by an admin stays accepted, and his word stands behind it`() async throws {
        let (world, user, admin) = try await clients()
        let own = try await submit(admin, "cash please", "delivery")
        #expect(
            try await admin.call("feedback.revise", ["feedback_id": own, "intent": "refund"])["state"] == "accepted"
        )
        let theirs = try await submit(user)
        #expect(
            try await admin.call("feedback.revise", ["feedback_id": theirs, "intent": "hours"])["state"] == "pending"
        )
        withExtendedLifetime(world) {}
    }

    @Test func `does not overrule a reviewer, not even of a trusted user`() async throws {
        let (world, user, admin) = try await clients { $0.training.trustUsers = true }
        let id = try await submit(user)
        _ = try await review(admin, id, false)
        #expect(
            try await user.call("feedback.revise", ["feedback_id": id, "intent": "delivery"])["state"] == "pending"
        )
        let other = try await submit(user, "box where", "refund")
        #expect(
            try await user.call("feedback.revise", ["feedback_id": other, "intent": "delivery"])["state"] == "accepted"
        )
        withExtendedLifetime(world) {}
    }

    @Test func `is only one's own, and must exist`() async throws {
        let (world, user, admin) = try await clients()
        let id = try await submit(admin, "cash please", "refund")
        for method in ["feedback.revise", "feedback.withdraw"] {
            let params: JSON = method == "feedback.revise" ? ["feedback_id": id, "comment": "c"] : ["feedback_id": id]
            #expect(try await user.refusal(method, params).reason == "not_found")
        }
        #expect(try await user.refusal("feedback.revise", ["feedback_id": id]).reason == "invalid_params")
        let unknown = try await admin.refusal("feedback.revise", ["feedback_id": id, "intent": "refnud"])
        #expect(unknown.field == "intent")
        withExtendedLifetime(world) {}
    }

    @Test func `so that it says what was said before is a duplicate`() async throws {
        let (world, user, _) = try await clients()
        _ = try await submit(user, "my box is late", "delivery")
        let id = try await submit(user, "my box is late", "refund")
        let item = try await user.call("feedback.revise", ["feedback_id": id, "intent": "delivery"])
        #expect(item["state"] == "duplicate")
        withExtendedLifetime(world) {}
    }

    @Test func `by taking it back never trains again, and can be said anew`() async throws {
        let (world, user, admin) = try await clients()
        let id = try await submit(user)
        _ = try await review(admin, id)
        for _ in 0..<2 {
            #expect(try await user.call("feedback.withdraw", ["feedback_id": id])["state"] == "withdrawn")
        }
        #expect(try await admin.engine.feedback.accepted().isEmpty)
        #expect(try await admin.refusal("feedback.review", ["feedback_id": id, "accept": true]).reason == "conflict")
        #expect(try await user.refusal("feedback.revise", ["feedback_id": id, "comment": "c"]).reason == "conflict")
        #expect(
            try await user.call("feedback.submit", ["text": "my box is late", "intent": "refund"])["state"] == "pending"
        )
        #expect(try await admin.call("verify")["ok"] == true)
        withExtendedLifetime(world) {}
    }

    @Test func `by a reviewer who takes a decision back is what it was, label and all`() async throws {
        let (world, user, admin) = try await clients()
        let id = try await submit(user)
        #expect(try await review(admin, id, true, "delivery")["intent"] == "delivery")
        let undone = try await undo(admin, id)
        #expect(undone["state"] == "pending")
        #expect(undone["intent"] == "refund")
        #expect(try await admin.refusal("feedback.review", ["feedback_id": id, "undo": true]).reason == "conflict")
        // One step at a time.
        _ = try await review(admin, id)
        _ = try await review(admin, id, false)
        #expect(try await undo(admin, id)["state"] == "accepted")
        withExtendedLifetime(world) {}
    }

    @Test func `is not taken back over what its author said since`() async throws {
        let (world, user, admin) = try await clients()
        let id = try await submit(user)
        #expect(try await admin.refusal("feedback.review", ["feedback_id": id, "undo": true]).reason == "conflict")
        _ = try await review(admin, id)
        _ = try await user.call("feedback.withdraw", ["feedback_id": id])
        #expect(try await admin.refusal("feedback.review", ["feedback_id": id, "undo": true]).reason == "conflict")
        let both = try await admin.refusal("feedback.review", ["feedback_id": id, "undo": true, "accept": true])
        #expect(both.field == "accept")
        withExtendedLifetime(world) {}
    }
}
