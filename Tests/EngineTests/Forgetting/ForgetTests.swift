import FoundationEssentials
import Learning
import Patience
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Forgetting a person` {
    /// Words that nobody else uses.
    private static let texts = ["kangaroo crate lost in transit", "zucchini cash return", "my kangaroo box"]

    private func teach(
        _ user: Client,
        _ admin: Client,
        _ text: String,
        _ intent: String,
        comment: String = "walrus remark"
    ) async throws {
        let params: JSON = ["text": .string(text), "intent": .string(intent), "comment": .string(comment)]
        let id = try await user.call("feedback.submit", params)["feedback_id"] ?? .null
        _ = try await admin.call("feedback.review", ["feedback_id": id, "accept": true])
    }

    /// Two users and an admin; the first user's part can be left out.
    private func live(_ world: TestWorld, withFirst: Bool) async throws -> Client {
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let (first, second) = (admin.other(uid: 1_001), admin.other(uid: 1_002))
        try await teach(second, admin, "reimburse the broken lamp", "refund", comment: "")
        if withFirst {
            try await teach(first, admin, Self.texts[0], "delivery")
            try await teach(first, admin, Self.texts[1], "refund")
            // Somebody else says the same words, and keeps having said them.
            try await teach(first, admin, "reimburse the broken lamp", "refund")
            let answer = try await first.chat(Self.texts[2], [Member("session", "wombat-talk")])
            _ = try await first.chat("where is my parcel", [Member("session", "wombat-talk")])
            // An admin rates what they said: it is their text.
            _ = try await admin.call(
                "feedback.submit",
                ["id": answer["id"] ?? .null, "rating": "down", "intent": "delivery", "text": .string(Self.texts[2])]
            )
        }
        _ = try await second.chat("when do you open", [Member("session", "two")])
        return admin
    }

    /// Everything that is kept, in memory or on the disk.
    private func everything(_ world: TestWorld) throws -> [(path: String, bytes: [UInt8])] {
        var found = world.files.paths.compactMap { path in world.files.bytes(path).map { (path, $0) } }
        for name in try FileManager.default.contentsOfDirectory(atPath: world.folders.data) {
            let path = world.folders.data + "/" + name
            if let data = FileManager.default.contents(atPath: path) { found.append((path, Array(data))) }
        }
        return found
    }

    private func holders(of words: [String], _ world: TestWorld) throws -> [String] {
        try everything(world).filter { _, bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            return words.contains { text.contains($0) }
        }.map(\.path)
    }

    private static let words = ["kangaroo", "zucchini", "walrus remark", "wombat-talk"]

    private func model(_ world: TestWorld, _ version: Int) -> [UInt8]? {
        world.files.bytes(world.folders.version(version) + "/" + VersionFolder.modelFile)
    }

    @Test func `leaves no word in any file, and the model of one that never saw them`() async throws {
        let (with, without) = (try TestWorld(), try TestWorld())
        for world in [with, without] { world.child.behave(.reproduce) }
        let admin = try await live(with, withFirst: true)
        let other = try await live(without, withFirst: false)
        #expect(try await admin.retrain()["candidate"] == 2)
        #expect(try await other.retrain()["candidate"] == 2)
        #expect(model(with, 2) != model(without, 2))
        #expect(try holders(of: ["kangaroo"], with).count >= 3)
        let old = try #require(try await admin.engine.registry.version(2)?.snapshot)

        let second = admin.other(uid: 1_002)
        let kept = try await second.call("feedback.list")["items"]?.array?.count
        let result = try await admin.call("forget", ["uid": 1_001])
        // Three of theirs, and the admin's about their answer.
        #expect(result["feedback"] == 4)
        #expect(result["turns"] == 2)
        #expect(result["log_lines"] == 2)
        #expect(result["snapshots"] == 1)
        #expect(result["versions"] == [2])
        // What was trained on them serves until there is something else.
        #expect(try await admin.call("status")["champion"] == 2)
        let job = try await admin.finished(try #require(result["job"]?.string))
        #expect(job["state"] == "done")
        #expect(job["candidate"] == 3)

        #expect(model(with, 3) == model(without, 2))
        #expect(model(with, 3) != nil)
        #expect(model(with, 2) == nil)
        #expect(try holders(of: Self.words, with).isEmpty)
        #expect(try holders(of: [old], with).filter { $0.contains("snapshots") }.isEmpty)
        // Its data is that of the other world; those without anybody's lines kept their names.
        let snapshots = try await (
            admin.engine.registry.version(3)?.snapshot, admin.engine.registry.version(1)?.snapshot
        )
        #expect(with.files.bytes(with.folders.snapshot(snapshots.0 ?? "")) != nil)
        #expect(with.files.bytes(with.folders.snapshot(snapshots.1 ?? "")) != nil)

        let status = try await admin.call("status")
        #expect(status["champion"] == 3)
        #expect(status["degraded"]?.array?.contains { $0["feature"] == "forget" } == false)
        let aliases = try await admin.engine.registry.aliases()
        #expect(aliases == [.champion: 3, .lastGood: 1])
        let verified = try await admin.call("verify")
        #expect(verified["ok"] == true, "\(verified)")
        #expect(verified["events"]?["erased"]?.int ?? 0 >= 7)
        // Nobody else lost anything.
        #expect(try await second.call("feedback.list")["items"]?.array?.count == kept)
        #expect(try await second.call("sessions.list")["sessions"]?.array?.count == 1)
        #expect(try await admin.refusal("models.rollback", ["version": 2, "reason": "r"]).reason == "not_found")
        // A second call finds nothing.
        let again = try await admin.call("forget", ["uid": 1_001])
        #expect(again["feedback"] == 0 && again["log_lines"] == 0 && again["job"] == .null)
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `is for oneself, and for an admin`() async throws {
        let world = try TestWorld()
        let admin = try await live(world, withFirst: true)
        let first = admin.other(uid: 1_001)
        #expect(try await admin.other(uid: 1_002).refusal("forget", ["uid": 1_001]).reason == "forbidden")
        #expect(try holders(of: ["kangaroo"], world).isEmpty == false)
        let result = try await first.call("forget")
        #expect(result["uid"] == 1_001)
        // Nothing was trained on it, so that nothing has to be unlearned.
        #expect(result["job"] == .null)
        #expect(result["versions"] == [])
        #expect(try holders(of: Self.words, world).isEmpty)
        #expect(try await first.call("feedback.list")["items"] == [])
        // A line that comes after it is a new one.
        let answer = try await first.chat("hello there")
        _ = try await first.call("explain", ["id": answer["id"] ?? .null])
    }

    @Test func `takes an intent that only they named out of figures and verdicts`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let first = admin.other(uid: 1_001)
        for text in ["a gift card please", "sell me a voucher", "do you have vouchers", "voucher for a friend"] {
            let params: JSON = ["text": .string(text), "intent": "quagga_cards", "new_intent": true]
            let id = try await first.call("feedback.submit", params)["feedback_id"] ?? .null
            _ = try await admin.call("feedback.review", ["feedback_id": id, "accept": true])
        }
        #expect(try await admin.retrain()["candidate"] == 2)
        #expect(try holders(of: ["quagga"], world).isEmpty == false)
        let job = try #require(try await admin.call("forget", ["uid": 1_001])["job"]?.string)
        #expect(try await admin.finished(job)["candidate"] == 3)
        // An intent less is nothing that the gate minds.
        #expect(try await admin.call("status")["champion"] == 3)
        #expect(try holders(of: ["quagga", "voucher"], world) == [])
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `waits for nobody's training, and lets none see what goes`() async throws {
        let world = try TestWorld()
        let admin = try await live(world, withFirst: true)
        world.child.behave(.hang)
        let job = try #require(try await admin.call("retrain")["job"]?.string)
        await world.child.waitForStart()
        _ = try await admin.call("forget", ["uid": 1_001])
        #expect(try await admin.finished(job)["state"] == "cancelled")
        #expect(try holders(of: Self.words, world).isEmpty)
    }

    @Test func `begins a training again that it had to stop, and no other`() async throws {
        let world = try TestWorld()
        let admin = try await live(world, withFirst: true)
        let stranger = admin.other(uid: 1_003)
        // What nobody has accepted is trained on by none.
        _ = try await stranger.call("feedback.submit", ["text": "narwhal crate", "intent": "delivery"])
        world.child.behave(.hang)
        let job = try #require(try await admin.call("retrain")["job"]?.string)
        await world.child.waitForStart()
        #expect(
            try await Patience.eventually { try await admin.call("jobs.get", ["job": .string(job)])["step"] == "fit" }
        )
        let gone = try await stranger.call("forget")
        #expect(gone["feedback"] == 1)
        #expect(try holders(of: ["narwhal"], world).isEmpty)
        #expect(try await admin.call("jobs.get", ["job": .string(job)])["state"] == "running")

        world.child.behave(.train)
        _ = try await admin.other(uid: 1_001).call("forget")
        #expect(try await admin.call("jobs.get", ["job": .string(job)])["state"] == "cancelled")
        let jobs = try await admin.call("jobs.list")["jobs"]?.array ?? []
        let again = try #require(jobs.first?["job"]?.string)
        #expect(again != job)
        #expect(try await admin.finished(again)["state"] == "done")
        #expect(try holders(of: Self.words, world).isEmpty)
    }

    @Test func `is limited for a user, and leaves no empty segments of the log`() async throws {
        let world = try TestWorld()
        let admin = try await live(world, withFirst: false)
        let user = admin.other(uid: 1_001)
        let segments = try admin.engine.telemetry.log.segments().count
        for _ in 0..<ForgetLimit.anHour { _ = try await user.call("forget") }
        #expect(try admin.engine.telemetry.log.segments().count == segments)
        let refusal = try await user.refusal("forget")
        #expect(refusal.reason == "rate_limited")
        #expect(refusal.data["retry_after_ms"]?.int ?? 0 > 0)
        // Neither another user nor an admin has to wait for that.
        _ = try await admin.other(uid: 1_002).call("forget")
        _ = try await admin.call("forget", ["uid": 1_001])
        world.clock.advance(seconds: 3_601)
        _ = try await user.call("forget")
    }

    @Test func `lets a version that only waits go at once`() async throws {
        let world = try TestWorld()
        let admin = try await live(world, withFirst: true)
        #expect(try await admin.retrain(["promote": "hold"])["candidate"] == 2)
        #expect(try await admin.engine.registry.aliases()[.candidate] == 2)
        let result = try await admin.call("forget", ["uid": 1_001])
        #expect(result["gone"] == [2])
        #expect(result["job"] == .null)
        #expect(try await admin.engine.registry.aliases() == [.champion: 1])
        #expect(model(world, 2) == nil)
        let moves = try await admin.call("models.history")["moves"]?.array ?? []
        #expect(moves.first?["kind"] == "forget")
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `keeps what serves while the gate or an admin holds the new one back`() async throws {
        let world = try TestWorld { $0.training.policy = .hold }
        let admin = try await live(world, withFirst: true)
        #expect(try await admin.retrain()["candidate"] == 2)
        _ = try await admin.call("models.promote", ["version": 2, "reason": "r"])
        let job = try #require(try await admin.call("forget", ["uid": 1_001])["job"]?.string)
        #expect(try await admin.finished(job)["candidate"] == 3)
        let status = try await admin.call("status")
        #expect(status["champion"] == 2)
        #expect(status["degraded"]?.array?.contains { $0["feature"] == "unlearning" } == true)
        _ = try await admin.call("models.promote", ["reason": "r"])
        #expect(try await admin.engine.registry.aliases() == [.champion: 3, .lastGood: 1])
        #expect(model(world, 2) == nil)
        #expect(try holders(of: Self.words, world).isEmpty)
    }

    @Test func `goes on after a crash at any moment`() async throws {
        var operation = 1
        var isThrough = false
        while !isThrough, operation < 40 {
            let world = try TestWorld()
            let admin = try await live(world, withFirst: true)
            #expect(try await admin.retrain()["candidate"] == 2)
            try admin.engine.telemetry.log.synchronize()
            // From this operation on the disk takes nothing: what is there is what a kill leaves.
            world.files.set(.crash(at: operation, afterEffect: operation % 2 == 0))
            _ = try? await admin.call("forget", ["uid": 1_001])
            isThrough = !world.files.isDead
            await admin.engine.jobs.stop()
            try admin.engine.ledger.close()

            let again = TestWorld(after: world, files: world.files.afterCrash())
            let next = Client(try await again.engine(), uid: 0, role: .admin)
            let items = try await next.call("feedback.list", ["limit": 1_000])["items"]?.array ?? []
            if !items.contains(where: { $0["uid"] == 1_001 }) {
                // It was decided, and the start has gone on with it. The version goes with the next champion.
                let versions = again.folders.versions + "/000002/"
                let holders = try holders(of: Self.words, again).filter { !$0.hasPrefix(versions) }
                #expect(holders.isEmpty, "at \(operation): \(holders)")
                let jobs = try await next.call("jobs.list")["jobs"]?.array ?? []
                if let job = jobs.first?["job"]?.string, jobs.count > 2 {
                    #expect(try await next.finished(job)["candidate"] == 3)
                }
                #expect(try await next.call("status")["champion"] == 3, "at \(operation)")
            }
            let result = try await next.call("forget", ["uid": 1_001])
            if let job = result["job"]?.string { _ = try await next.finished(job) }
            let holders = try holders(of: Self.words, again)
            #expect(holders.isEmpty, "at \(operation): \(holders), \(result)")
            #expect(try await next.call("verify")["ok"] == true, "at \(operation)")
            #expect(try await next.engine.registry.overdue().versions == [], "at \(operation)")
            await next.engine.jobs.stop()
            operation += 1
        }
        #expect(isThrough)
        #expect(operation > 6)
    }
}
