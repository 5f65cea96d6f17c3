import Engine
import GRDB
import TestSupport
import Testing
import Wire
import World

@Suite struct `Names that clients choose` {
    @Test func `find what they named again, and are shown redacted`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let ann = admin.other(uid: 1_001)
        for name in ["4111111111111111", "parcels"] {
            _ = try await ann.chat("where is my parcel", [Member("session", .string(name))])
            let shown = try await ann.call("sessions.show", ["session": .string(name)])
            #expect(shown["turns"]?.array?.count == 1)
        }
        let listed = try await ann.call("sessions.list")["sessions"]?.array?.compactMap { $0["session"]?.string }
        #expect(listed.map(Set.init) == ["<card>", "parcels"])
        #expect(try await ann.call("sessions.forget", ["session": "4111111111111111"])["turns"] == 1)
        // A key makes a retry harmless, and is not read back.
        let key = "call +49 170 1234567"
        let params: JSON = ["text": "late crate", "intent": "delivery", "key": .string(key)]
        let first = try await ann.call("feedback.submit", params)
        #expect(try await ann.call("feedback.submit", params)["feedback_id"] == first["feedback_id"])
        let other: JSON = ["text": "late box", "intent": "delivery", "key": .string(key)]
        #expect(try await ann.refusal("feedback.submit", other).reason == "conflict")
        #expect(try await ann.call("feedback.list")["items"]?[0]?["key"] == "call <phone>")
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `that an earlier intentd kept as they were are found, and sealed at the start`() async throws {
        let world = try TestWorld()
        let name = "4111111111111111"
        let ledger = try world.ledger()
        try await ledger.write { transaction in
            try transaction.db.execute(
                sql: """
                    INSERT INTO turns(uid, session, at, answer, text, reply, route, intent)
                    VALUES (1001, ?, ?, ?, 'hello there', 'Hello!', 'local', 'greeting')
                    """,
                arguments: [name, transaction.now.microseconds, transaction.makeIdentifier()]
            )
        }
        try ledger.close()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let ann = admin.other(uid: 1_001)
        #expect(try await ann.call("sessions.show", ["session": .string(name)])["turns"]?.array?.count == 1)
        #expect(try await ann.call("sessions.list")["sessions"]?[0]?["session"] == "<card>")
        let names = try await admin.engine.ledger.read { try String.fetchAll($0, sql: "SELECT session FROM turns") }
        #expect(names.count == 1 && !names.contains { $0.contains(name) })
        // A key of before is that of a retry now.
        let params: JSON = ["text": "late crate", "intent": "delivery", "key": "k1"]
        let first = try await ann.call("feedback.submit", params)["feedback_id"]
        try await admin.engine.ledger.write { try $0.db.execute(sql: "UPDATE feedback SET key = 'k1'") }
        #expect(try await ann.call("feedback.submit", params)["feedback_id"] == first)
    }
}
