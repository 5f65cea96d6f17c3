import Testing
import Wire

@testable import Engine

@Suite struct `Ratings of answers` {
    private func rate(_ client: Client, _ answer: JSON, _ rating: String, _ extra: [Member] = []) async throws -> JSON {
        let receipt = try await client.call(
            "feedback.submit",
            .object([Member("id", answer["id"] ?? .null), Member("rating", .string(rating))] + extra)
        )
        let items = try await client.call("feedback.list")["items"]?.array ?? []
        return try #require(items.first { $0["feedback_id"] == receipt["feedback_id"] })
    }

    @Test func `carry the text of the log`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let answer = try await client.chat("mail ann@example.org where is my parcel")
        let item = try await rate(client, answer, "down", [Member("intent", "refund")])
        #expect(item["text"] == "mail <email> where is my parcel")
        #expect(item["intent"] == "refund")
        #expect(item["id"] == answer["id"])
    }

    @Test func `cannot put another text into an answer's mouth`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let answer = try await client.chat("where is my parcel")
        let item = try await rate(client, answer, "down", [Member("intent", "refund"), Member("text", "good morning")])
        #expect(item["text"] == "where is my parcel")
    }

    @Test func `up on a local answer confirm its intent, on another nothing`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        #expect(try await rate(client, try await client.chat("where is my parcel"), "up")["intent"] == "delivery")
        // hours is never-local: the fallback answered.
        #expect(try await rate(client, try await client.chat("when do you open"), "up")["intent"] == .null)
        #expect(try await rate(client, try await client.chat("track my package"), "down")["intent"] == .null)
        let figures = try await client.call("metrics")["feedback"]
        #expect(figures?["up"] == 2)
        #expect(figures?["down"] == 1)
        #expect(figures?["corrections"] == 0)
    }

    @Test func `of other people's answers are not found; an admin's are`() async throws {
        let world = try TestWorld()
        let ann = Client(try await world.engine(), uid: 1_001)
        let answer = try await ann.chat("where is my parcel")
        let params: JSON = ["id": answer["id"] ?? .null, "rating": "up"]
        #expect(try await ann.other(uid: 1_002).refusal("feedback.submit", params).reason == "not_found")
        #expect(try await ann.other(uid: 0, role: .admin).call("feedback.submit", params)["state"] == "accepted")
    }

    @Test(arguments: ["", "x", "01a20000-0000-7000-8000-000000000000"])
    func `of no answer are refused`(id: String) async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let refusal = try await client.refusal("feedback.submit", ["id": .string(id), "rating": "up"])
        #expect(["not_found", "invalid_params"].contains(refusal.reason))
        #expect(refusal.field == "id")
    }

    @Test func `need the text where the log keeps none, and it is kept as the log would`() async throws {
        let world = try TestWorld { $0.telemetry.text = .none }
        let client = Client(try await world.engine())
        let answer = try await client.chat("where is my parcel")
        let refusal = try await client.refusal("feedback.submit", ["id": answer["id"] ?? .null, "rating": "down"])
        #expect(refusal.reason == "invalid_params")
        #expect(refusal.field == "text")
        let item = try await rate(client, answer, "down", [Member("text", "ask ann@example.org")])
        #expect(item["text"] == "ask <email>")
    }

    @Test func `are found after the log was rotated`() async throws {
        let world = try TestWorld { $0.telemetry.rotateSize = 1 }
        let client = Client(try await world.engine())
        let answers = [try await client.chat("where is my parcel"), try await client.chat("track my package")]
        await client.engine.tick().value
        _ = try await client.chat("hello there")
        for answer in answers { #expect(try await rate(client, answer, "up")["intent"] == "delivery") }
        #expect(try await client.call("explain", ["id": answers[0]["id"] ?? .null])["intent"] == "delivery")
    }

    @Test func `and explanations go by the version that answered`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let answer = try await admin.chat("where is my parcel")
        _ = try await admin.call("feedback.submit", ["text": "where is my parcel", "intent": "refund"])
        let job = try await admin.retrain()
        #expect(job["state"] == "done")
        let byID = try await admin.call("explain", ["id": answer["id"] ?? .null])
        #expect(byID["model"] == 1)
        #expect(byID["intent"] == "delivery")
        let byText = try await admin.call("explain", ["text": "where is my parcel"])
        #expect(byText["model"] == 2)
        #expect(byText["intent"] == "refund")
        let sum = (byText["contributions"]?.array ?? []).reduce(byText["bias"]?.double ?? 0) {
            $0 + ($1["weight"]?.double ?? 0)
        }
        #expect(abs(sum - (byText["logit"]?.double ?? 0)) < 1e-3)
    }
}
