import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Lies that were learnt` {
    @Test func `are undone by a rollback, and by rejecting them`() async throws {
        let world = try TestWorld { $0.training.trustUsers = true }
        world.child.behave(.reproduce)
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        func model(_ version: Int) throws -> [UInt8] {
            try world.files.read(world.folders.version(version) + "/" + VersionFolder.modelFile)
        }
        _ = try await admin.call("feedback.submit", ["text": "late box", "intent": "delivery"])
        #expect(try await admin.retrain()["state"] == "done")
        let good = try await admin.call("models.show", ["version": 2])["metadata"]?["digest"]

        var ids: [JSON] = []
        for uid in UInt32(60)..<64 {
            let liar = admin.other(uid: uid)
            for number in 0..<5 {
                let said: JSON = ["text": .string("a box number \(number) of \(uid)"), "intent": "refund"]
                ids.append(try await liar.call("feedback.submit", said)["feedback_id"] ?? .null)
            }
        }
        #expect(try await admin.retrain()["candidate"] == 3)
        _ = try await admin.call("models.promote", ["version": 3, "reason": "by force", "force": true])
        #expect(try model(3) != model(2))
        // One command.
        #expect(try await admin.call("models.rollback", ["reason": "poisoned"])["champion"] == 2)
        #expect(try await admin.chat("hello there")["digest"]?.string == good?.string.map { Digest.short($0) })

        for id in ids { _ = try await admin.call("feedback.review", ["feedback_id": id, "accept": false]) }
        // What is learnt without them is the good version again, to the byte.
        #expect(try await admin.retrain()["same_as"] == 2)
    }
}
