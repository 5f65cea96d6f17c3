import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `A retraining that nobody asked for` {
    private func admin(_ world: TestWorld) async throws -> Client {
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        // The first training is a job too.
        world.clock.advance(seconds: 7_200)
        return client
    }

    private func teach(_ client: Client, _ texts: Range<Int>) async throws {
        for number in texts {
            try await client.call(
                "feedback.submit",
                ["text": .string("give me my money number \(number)"), "intent": "refund"]
            )
        }
    }

    private func jobs(_ client: Client) async throws -> [JSON] {
        try await client.call("jobs.list")["jobs"]?.array ?? []
    }

    /// What begins now is waited for.
    private func tick(_ client: Client) async throws {
        await client.engine.triggers.look()
        if let job = client.engine.jobs.current { _ = try await client.finished(job.id) }
    }

    @Test func `begins after so many accepted items, and says so`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 3 }
        let client = try await admin(world)
        #expect(try await jobs(client).map { $0["cause"] } == ["for want of a model"])
        try await teach(client, 0..<2)
        try await teach(client.other(uid: 1_000), 10..<20)
        try await tick(client)
        #expect(try await jobs(client).count == 1)
        try await teach(client, 2..<3)
        try await tick(client)
        let job = try #require(try await jobs(client).first)
        #expect(job["state"] == "done")
        #expect(job["cause"] == "after 3 accepted corrections")
        #expect(try await client.call("jobs.get", ["job": job["job"] ?? .null])["cause"] == job["cause"])
        let move = try await client.call("models.history")["moves"]?.array?.first { $0["alias"] == "champion" }
        #expect(move?["reason"] == "retrained after 3 accepted corrections")
        #expect(move?["uid"] == 990)
        // Not again for the same ones.
        world.clock.advance(seconds: 7_200)
        try await tick(client)
        #expect(try await jobs(client).count == 2)
    }

    @Test func `does not begin because one trusted user says a lot`() async throws {
        let world = try TestWorld {
            $0.training.afterFeedback = 20
            $0.training.trustUsers = true
        }
        let client = try await admin(world)
        try await teach(client.other(uid: 1_000), 0..<60)
        try await tick(client)
        #expect(try await jobs(client).count == 1)
        for uid in 1..<10 { try await teach(client.other(uid: UInt32(uid)), 100 * uid..<100 * uid + 2) }
        try await tick(client)
        #expect(try await jobs(client).first?["cause"] == "after 20 accepted corrections")
    }

    @Test func `begins within the daemon's every second`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 2 }
        let client = try await admin(world)
        try await teach(client, 0..<2)
        client.engine.tick()
        await world.child.waitForStart()
        // The first start was that of the first model.
        await world.child.waitForStart()
        let job = try #require(try await jobs(client).first)
        #expect(try await client.finished(job["job"]?.string ?? "")["cause"] == "after 2 accepted corrections")
    }

    @Test func `counts what a reviewer accepts, and what is said anew`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 2 }
        let client = try await admin(world)
        try await teach(client.other(uid: 1_000), 0..<2)
        for item in try await client.call("feedback.list")["items"]?.array ?? [] {
            try await client.call("feedback.review", ["feedback_id": item["feedback_id"] ?? .null, "accept": true])
        }
        try await tick(client)
        #expect(try await jobs(client).count == 2)
        world.clock.advance(seconds: 7_200)
        for (number, item) in (try await client.call("feedback.list")["items"]?.array ?? []).enumerated() {
            let intent: JSON = number == 0 ? "refund" : "delivery"
            try await client.call(
                "feedback.review",
                ["feedback_id": item["feedback_id"] ?? .null, "accept": true, "intent": intent]
            )
        }
        #expect(try await Triggers.standing(client.engine.ledger).untried == 1)
    }

    @Test func `waits for the cooldown, which binds no admin`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 1 }
        let client = try await admin(world)
        #expect(try await client.retrain()["cause"] == "by an admin")
        // Who asks as the user of the daemon is the timer.
        let timer = client.other(uid: 990, role: .admin)
        #expect(try await timer.retrain(["dry_run": true])["cause"] == "by the daemon's own user")
        try await teach(client, 0..<1)
        try await tick(client)
        #expect(try await jobs(client).count == 3)
        #expect(try await client.retrain()["state"] == "done")
        try await teach(client, 1..<3)
        world.clock.advance(seconds: 3_000)
        try await tick(client)
        #expect(try await jobs(client).count == 4)
        world.clock.advance(seconds: 1_000)
        try await tick(client)
        #expect(try await jobs(client).first?["cause"] == "after 2 accepted corrections")
    }

    @Test func `is not tried again with the same items after it failed`() async throws {
        let world = try TestWorld { $0.training.afterFeedback = 2 }
        let client = try await admin(world)
        world.child.behave(.fail("no"))
        try await teach(client, 0..<2)
        try await tick(client)
        #expect(try await jobs(client).first?["state"] == "failed")
        world.child.behave(.train)
        world.clock.advance(seconds: 7_200)
        try await teach(client, 2..<3)
        try await tick(client)
        #expect(try await jobs(client).count == 2)
        try await teach(client, 3..<4)
        try await tick(client)
        let job = try #require(try await jobs(client).first)
        #expect(job["cause"] == "after 2 accepted corrections")
        #expect(job["learned"]?["applied"] == 4)
    }

    @Test func `is due after a restart as before it, and never where that is off`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await teach(client, 0..<3)
        try await tick(client)
        #expect(try await jobs(client).count == 1)
        client.engine.finish()
        world.configuration.training.afterFeedback = 3
        let again = Client(try await TestWorld(after: world, files: world.files).engine(), uid: 0, role: .admin)
        // That the last training is long ago is not believed at once.
        try await tick(again)
        #expect(try await jobs(again).count == 1)
        world.clock.advance(seconds: 601)
        try await tick(again)
        #expect(try await jobs(again).first?["cause"] == "after 3 accepted corrections")
    }

    @Test func `does not begin while one runs, and keeps to the policy`() async throws {
        let world = try TestWorld {
            $0.training.afterFeedback = 1
            $0.training.policy = .hold
        }
        let client = try await admin(world)
        world.child.behave(.hang)
        let job = try await client.call("retrain")["job"] ?? .null
        await world.child.waitForStart()
        try await teach(client, 0..<2)
        await client.engine.triggers.look()
        #expect(try await jobs(client).count == 2)
        try await client.call("jobs.cancel", ["job": job])
        world.child.behave(.train)
        world.clock.advance(seconds: 7_200)
        try await tick(client)
        #expect(try await jobs(client).count == 3)
        let move = try await client.call("models.history")["moves"]?.array?.first
        #expect(move?["alias"] == "candidate")
        #expect(move?["reason"] == "waits for an admin; retrained after 2 accepted corrections")
    }

    @Test func `follows a drift alarm once, with feedback that no training has had`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let day = 86_400.0
        await client.engine.drift.look()
        for _ in 0..<DriftFigures.firstAnswers {
            _ = try await client.chat("where is my parcel", [Member("mode", "local")])
        }
        world.clock.advance(seconds: day)
        await client.engine.drift.look()
        #expect(try await client.call("metrics")["drift"] == ["score": nil, "alarm": false, "reasons": []])
        for _ in 0..<DriftFigures.windowAnswers {
            _ = try await client.chat("i want my money back", [Member("mode", "local")])
        }
        world.clock.advance(seconds: day)
        await client.engine.drift.look()
        let drift = try #require(try await client.call("metrics")["drift"])
        #expect(drift["alarm"] == true)
        #expect(drift["score"] == 1.0)
        let text = try await client.call("metrics", ["format": "prometheus"])["text"]?.string ?? ""
        #expect(text.contains("intentd_drift_alarm 1\n"))
        #expect(text.contains("intentd_drift_score 1"))
        func degraded(_ client: Client) async throws -> String? {
            try await client.call("status")["degraded"]?.array?.first { $0["feature"] == "drift" }?["reason"]?.string
        }
        #expect(try await degraded(client)?.hasPrefix("what people ask has changed since version 1 began") == true)
        // There is nothing to learn from yet.
        try await tick(client)
        #expect(try await jobs(client).count == 1)
        // A restart forgets nothing of it.
        client.engine.finish()
        let again = Client(try await TestWorld(after: world, files: world.files).engine(), uid: 0, role: .admin)
        await again.engine.drift.look()
        #expect(try await degraded(again) != nil)
        world.child.behave(.fail("no"))
        try await teach(again, 0..<1)
        world.clock.advance(seconds: 601)
        try await tick(again)
        #expect(try await jobs(again).first?["cause"] == "after a drift alarm")
        // Once.
        world.clock.advance(seconds: day)
        let count = try await jobs(again).count
        try await teach(again, 1..<2)
        try await tick(again)
        #expect(try await jobs(again).count == count)
        // It ends with the next champion.
        #expect(try await again.retrain()["state"] == "done")
        await again.engine.drift.look()
        #expect(try await degraded(again) == nil)
        #expect(try await again.call("metrics")["drift"]?["alarm"] == false)
    }
}
