import GRDB
import TestSupport
import Testing
import Wire

@testable import Engine

@Suite struct `What a user has in the database` {
    private static let counted = """
        SELECT uid, sum(turns) AS turns, sum(pending) AS pending, sum(bytes) AS bytes FROM (
            SELECT uid, 1 AS turns, 0 AS pending, length(CAST(text AS BLOB)) + length(CAST(reply AS BLOB)) AS bytes
            FROM turns
            UNION ALL SELECT uid, 0, state = 'pending',
                length(CAST(text AS BLOB)) + ifnull(length(CAST(comment AS BLOB)), 0) FROM feedback)
        GROUP BY uid ORDER BY uid
        """

    @Test(arguments: 1...6)
    func `is what a count would find`(seed: UInt64) async throws {
        var life = try RandomLife(seed: seed)
        for round in 1...4 {
            for _ in 1...60 { try await life.step() }
            if round == 4 { for person in RandomLife.people { try await life.forget(person) } }
            let kept = "SELECT uid, turns, pending, bytes FROM holdings WHERE bytes > 0 OR pending > 0 ORDER BY uid"
            let (holdings, counted) = try await life.ledger.read { db in
                (
                    try Row.fetchAll(db, sql: kept).map { "\($0)" },
                    try Row.fetchAll(db, sql: Self.counted).map { "\($0)" }
                )
            }
            #expect(holdings == counted, "seed \(seed), round \(round)")
        }
    }

    @Test func `bounds the feedback that waits, and says what to do`() async throws {
        let world = try TestWorld { $0.limits.pendingPerUID = 3 }
        let client = Client(try await world.engine())
        let admin = client.other(uid: 0, role: .admin)
        var ids: [String] = []
        for number in 0..<3 {
            let given = try await client.call(
                "feedback.submit",
                ["text": .string("box \(number)"), "intent": "refund"]
            )
            #expect(given["pending"] == .integer(number + 1))
            ids.append(given["feedback_id"]?.string ?? "")
        }
        let more: JSON = ["text": "one more box", "intent": "refund"]
        let refusal = try await client.refusal("feedback.submit", more)
        #expect(refusal.reason == "conflict" && refusal.data["hint"] != nil)
        _ = try await client.other(uid: 1_001).call("feedback.submit", more)
        _ = try await admin.call("feedback.submit", more)
        #expect(try await admin.call("feedback.list")["pending"] == 4)
        _ = try await client.call("feedback.withdraw", ["feedback_id": .string(ids[0])])
        #expect(try await client.call("feedback.submit", more)["pending"] == 3)
    }

    @Test func `bounds the bytes of feedback`() async throws {
        let world = try TestWorld { $0.limits.storedPerUID = 1_000 }
        let client = Client(try await world.engine())
        let long: JSON = ["text": .string(String(repeating: "box ", count: 200)), "intent": "refund"]
        _ = try await client.call("feedback.submit", long)
        let refusal = try await client.refusal(
            "feedback.submit",
            ["text": .string(String(repeating: "b ", count: 200)), "intent": "refund"]
        )
        #expect(refusal.reason == "conflict" && refusal.data["hint"] != nil)
    }

    @Test func `bounds the turns of conversations, of which the oldest go`() async throws {
        let world = try TestWorld { $0.limits.turnsPerUID = 10 }
        let client = Client(try await world.engine())
        let sessions = client.engine.sessions
        await client.engine.tick().value
        for number in 0..<30 {
            _ = try await client.chat("where is my parcel", [Member("session", .string("s\(number)"))])
            if number % 4 == 0 { try await sessions.save() }
        }
        _ = try await client.other(uid: 1_001).chat("hello there", [Member("session", "s")])
        try await sessions.save()
        let listed = try await client.call("sessions.list")["sessions"]?.array ?? []
        #expect(listed.count == 10 && listed.first?["session"] == "s29" && listed.last?["session"] == "s20")
        #expect(try await client.other(uid: 1_001).call("sessions.list")["sessions"]?.array?.count == 1)
    }

    /// The plans that SQLite makes for what every submission asks.
    @Test(arguments: [
        """
        SELECT EXISTS(SELECT 1 FROM feedback WHERE id <> 'a' AND uid = 1 AND text = 'x' AND intent IS 'y'
        AND rating IS NULL AND answer IS NULL AND state IN ('pending', 'accepted'))
        """,
        "SELECT * FROM feedback WHERE uid = 1 AND key = 'k'", "SELECT pending FROM holdings WHERE uid = 1",
        "SELECT seq FROM turns WHERE uid = 1 ORDER BY seq LIMIT 5",
        "SELECT seq FROM turns WHERE uid = 1 AND session = 's' LIMIT 5", "SELECT seq FROM turns WHERE at < 5 LIMIT 5",
    ])
    func `is asked without a look at all of it`(sql: String) async throws {
        let ledger = try TestWorld().ledger()
        let plan = try await ledger.read { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN " + sql).map { $0["detail"] as String }
        }
        #expect(
            !plan.contains { $0.hasPrefix("SCAN") && !$0.contains("CONSTANT") || $0.contains("TEMP B-TREE") },
            "\(plan)"
        )
        if sql.contains("text =") { #expect(plan.contains { $0.contains("feedback_text") }, "\(plan)") }
    }
}
