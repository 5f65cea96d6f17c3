import Foundation
import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A verification` {
    /// A daemon with two versions, and some feedback between.
    private func prepared() async throws -> (world: TestWorld, admin: Client) {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for text in ["late box", "lost box"] {
            try await admin.call("feedback.submit", ["text": .string(text), "intent": "delivery"])
        }
        #expect(try await admin.retrain()["state"] == "done")
        return (world, admin)
    }

    private func change(_ client: Client, _ sql: String, _ arguments: StatementArguments = []) async throws {
        try await client.engine.ledger.write { try $0.db.execute(sql: sql, arguments: arguments) }
    }

    private func records(_ client: Client) async throws -> Int {
        try await client.engine.ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") ?? 0 }
    }

    /// The record it names.
    private func broken(_ client: Client) async throws -> Int? {
        let result = try await client.call("verify")
        #expect(result["ok"]?.bool == (result["events"]?["broken"]?.isNull == true))
        return result["events"]?["broken"]?["seq"]?.int
    }

    @Test func `of what nobody touched finds nothing, whoever asks`() async throws {
        let (_, admin) = try await prepared()
        let result = try await admin.other(uid: 1_000).call("verify")
        #expect(result["ok"] == true)
        let head = try await admin.engine.ledger.read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'events_head'")
        }
        #expect(
            result["events"]
                == ["records": .integer(try await records(admin)), "erased": 0, "broken": nil, "head": JSON(head)]
        )
        #expect(result["models"] == ["checked": 2, "broken": []])
        #expect(result["aliases"] == ["checked": 4, "broken": []])
        #expect(result["tables"] == ["checked": 7, "broken": []])
    }

    @Test(arguments: [
        ("seq", "100000"), ("id", "'x' || id"), ("origin", "'x' || origin"), ("at", "at + 1"), ("kind", "'x' || kind"),
        ("uid", "uid + 1"), ("payload", "payload || ' '"), ("payload", "NULL"), ("salt", "randomblob(16)"),
        ("salt", "NULL"), ("digest", "randomblob(32)"), ("prev_hash", "randomblob(32)"), ("prev_hash", "x''"),
        ("words", "'{}'"), ("words_salt", "randomblob(16)"), ("words_digest", "randomblob(32)"),
    ])
    func `names the first record of which any column was changed`(column: String, value: String) async throws {
        let (_, admin) = try await prepared()
        let count = try await records(admin)
        #expect(count > 6)
        for seq in [1, 2, count / 2, count - 1, count] {
            let old = try await admin.engine.ledger.read { db -> DatabaseValue? in
                try DatabaseValue.fetchOne(db, sql: "SELECT \(column) FROM events WHERE seq = ?", arguments: [seq])
            }
            try await change(admin, "UPDATE events SET \(column) = \(value) WHERE seq = ?", [seq])
            #expect(try await broken(admin) == seq, "\(column) of \(seq)")
            let key = column == "seq" ? 100_000 : seq
            try await change(admin, "UPDATE events SET \(column) = ? WHERE seq = ?", [old, key])
            #expect(try await broken(admin) == nil)
        }
    }

    @Test(arguments: [
        "DELETE FROM events WHERE seq = 4",
        "DELETE FROM events WHERE seq >= 4",
        "UPDATE events SET payload = (SELECT payload FROM events WHERE seq = 5) WHERE seq = 4",
        """
        UPDATE events SET (payload, salt, digest) = (SELECT payload, salt, digest FROM events WHERE seq = 5)
        WHERE seq = 4
        """,
    ])
    func `misses no record that was removed or exchanged`(sql: String) async throws {
        let (_, admin) = try await prepared()
        try await change(admin, sql)
        #expect(try await broken(admin) == 4)
    }

    @Test func `misses neither the last record nor one that nobody recorded nor the mark of the end`() async throws {
        let (_, admin) = try await prepared()
        let count = try await records(admin)
        try await change(admin, "CREATE TABLE kept AS SELECT * FROM events WHERE seq = \(count)")
        try await change(admin, "DELETE FROM events WHERE seq = \(count)")
        #expect(try await broken(admin) == count)
        try await change(admin, "INSERT INTO events SELECT * FROM kept")
        #expect(try await broken(admin) == nil)
        try await change(admin, "UPDATE kept SET seq = -3, id = 'forged'")
        try await change(admin, "INSERT INTO events SELECT * FROM kept")
        #expect(try await broken(admin) == -3)
        try await change(admin, "DELETE FROM events WHERE seq = -3")
        let head = try await admin.engine.ledger.read { db in
            let row = try Row.fetchOne(db, sql: "SELECT * FROM events WHERE seq = \(count)")
            return row.map { AuditRecord($0).hash }
        }
        try await change(admin, "UPDATE kept SET seq = \(count + 1), prev_hash = ?", [head])
        try await change(admin, "INSERT INTO events SELECT * FROM kept")
        #expect(try await broken(admin) == count + 1)
        try await change(admin, "DELETE FROM events WHERE seq = \(count + 1)")
        try await change(admin, "DELETE FROM meta WHERE key = 'events_head'")
        #expect(try await broken(admin) == count + 1)
    }

    @Test func `holds when a person's payload and salt were erased`() async throws {
        let (_, admin) = try await prepared()
        _ = try await admin.call("forget", ["uid": 0])
        let result = try await admin.call("verify")
        #expect(result["ok"] == true)
        #expect(result["events"]?["erased"] == 2)
    }

    @Test(arguments: [
        ("feedback.submitted", "payload = NULL, salt = NULL"), ("alias.moved", "words = NULL, words_salt = NULL"),
    ])
    func `names what was erased and no record of forgetting knows of`(kind: String, change: String) async throws {
        let (_, admin) = try await prepared()
        let seq = try await last(kind, admin)
        try await self.change(admin, "UPDATE events SET \(change) WHERE seq = ?", [seq])
        #expect(try await broken(admin) == seq)
    }

    @Test(arguments: ["words || ' '", "NULL", "'{}'"])
    func `names the record whose words were changed`(value: String) async throws {
        let (_, admin) = try await prepared()
        for kind in ["model.registered", "alias.moved", "job.finished"] {
            let seq = try await last(kind, admin)
            let old = try await admin.engine.ledger.read { db in
                try String.fetchOne(db, sql: "SELECT words FROM events WHERE seq = ?", arguments: [seq])
            }
            let words = try #require(old)
            try await change(admin, "UPDATE events SET words = \(value) WHERE seq = ?", [seq])
            #expect(try await broken(admin) == seq)
            try await change(admin, "UPDATE events SET words = ? WHERE seq = ?", [words, seq])
            #expect(try await broken(admin) == nil)
        }
    }

    private func last(_ kind: String, _ client: Client) async throws -> Int? {
        try await client.engine.ledger.read { db in
            try Int.fetchOne(db, sql: "SELECT max(seq) FROM events WHERE kind = ?", arguments: [kind])
        }
    }

    @Test(arguments: ["model.registered", "alias.moved"])
    func `names what was erased and nobody's words`(kind: String) async throws {
        let (_, admin) = try await prepared()
        let seq = try await last(kind, admin)
        try await change(admin, "UPDATE events SET payload = NULL, salt = NULL WHERE seq = ?", [seq])
        #expect(try await broken(admin) == seq)
    }

    @Test func `walks a trail of many pages, also while it grows`() async throws {
        let (_, admin) = try await prepared()
        let ledger = admin.engine.ledger
        for number in 0..<(2 * AuditTrail.page) {
            try await ledger.write { try $0.record(.approval, uid: 7, payload: ["n": .integer(number)]) }
        }
        let count = try await records(admin)
        async let growth: Void = {
            for _ in 0..<200 { try await ledger.write { try $0.record(.approval, uid: 7, payload: [:]) } }
        }()
        for _ in 0..<2 { #expect(try await broken(admin) == nil) }
        try await growth
        for seq in [AuditTrail.page, AuditTrail.page + 1, count] {
            try await change(admin, "UPDATE events SET uid = uid + 1 WHERE seq = \(seq)")
            #expect(try await broken(admin) == seq)
            try await change(admin, "UPDATE events SET uid = uid - 1 WHERE seq = \(seq)")
        }
    }

    @Test func `misses the mark of the end also where it is only empty, until the next record`() async throws {
        let (_, admin) = try await prepared()
        let count = try await records(admin)
        try await change(admin, "UPDATE meta SET value = '' WHERE key = 'events_head'")
        #expect(try await broken(admin) == count + 1)
        try await admin.call("feedback.submit", ["text": "a late one", "intent": "delivery"])
        #expect(try await broken(admin) == nil)
        try await change(admin, "UPDATE events SET uid = 5 WHERE seq = \(count + 1)")
        #expect(try await broken(admin) == count + 1)
    }

    @Test func `still misses what was cut off, and names what was added, when the daemon has recorded more`()
        async throws
    {
        let (_, admin) = try await prepared()
        let count = try await records(admin)
        try await change(admin, "CREATE TABLE kept AS SELECT * FROM events WHERE seq = \(count)")
        try await change(admin, "DELETE FROM events WHERE seq = \(count)")
        try await admin.call("feedback.submit", ["text": "a late one", "intent": "delivery"])
        #expect(try await broken(admin) == count)
        try await change(admin, "INSERT INTO events SELECT * FROM kept")
        #expect(try await broken(admin) == nil)
        let head = try await admin.engine.ledger.read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM events WHERE seq = \(count + 1)").map { AuditRecord($0).hash }
        }
        try await change(admin, "UPDATE kept SET seq = \(count + 2), id = 'forged', prev_hash = ?", [head])
        try await change(admin, "INSERT INTO events SELECT * FROM kept")
        try await admin.call("feedback.submit", ["text": "a later one", "intent": "delivery"])
        #expect(try await broken(admin) == count + 2)
    }

    @Test(arguments: [VersionFolder.modelFile, VersionFolder.evaluationFile, VersionFolder.metadataFile])
    func `names the version and the file of which a byte is not as it was`(file: String) async throws {
        let (world, admin) = try await prepared()
        let path = world.folders.version(1) + "/" + file
        let good = try #require(world.files.bytes(path))
        var flipped = good
        flipped[good.count / 2] ^= 1
        for (bytes, problem) in [
            (flipped, "it is not the one that was registered"), (good + [10], "it is not the one that was registered"),
            (Array(good.dropLast()), "it is not the one that was registered"), (nil, "it is missing"),
        ] {
            if let bytes { world.files.put(path, bytes) } else { try world.files.remove(path) }
            let result = try await admin.call("verify")
            #expect(result["ok"] == false)
            #expect(
                result["models"]
                    == ["checked": 2, "broken": [["version": 1, "file": .string(file), "problem": .string(problem)]]]
            )
        }
        world.files.put(path, good)
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `of a version from before digests of files were kept goes by its own record`() async throws {
        let (world, admin) = try await prepared()
        try await change(admin, "UPDATE versions SET files = NULL")
        // Such a database has told its rows when it came to be one of facts.
        try await admin.engine.ledger.write { try Baseline.record(in: $0) }
        #expect(try await admin.call("verify")["ok"] == true)
        world.files.put(world.folders.version(2) + "/" + VersionFolder.evaluationFile, "{}\n")
        let broken = try await admin.call("verify")["models"]?["broken"]?.array ?? []
        #expect(broken.map { $0["file"] } == ["evaluation.json"])
    }

    @Test func `names training data that is not what it is called`() async throws {
        let (world, admin) = try await prepared()
        let snapshot = try #require(try await admin.engine.registry.version(2)?.snapshot)
        world.files.put(world.folders.snapshot(snapshot), "{}\n")
        let broken = try await admin.call("verify")["models"]?["broken"]?.array ?? []
        #expect(broken.map { $0["version"] } == [2])
        #expect(broken.map { $0["file"] } == [.string(snapshot + ".jsonl")])
    }

    @Test(arguments: [
        ("UPDATE versions SET digest = 'x' WHERE version = 2", "models", 2),
        ("DELETE FROM versions WHERE version = 1", "models", 1),
        ("UPDATE aliases SET version = 1 WHERE alias = 'champion'", "aliases", 0),
        ("UPDATE aliases SET version = 9 WHERE alias = 'last-good'", "aliases", 0),
        ("DELETE FROM aliases WHERE alias = 'champion'", "aliases", 0),
        ("INSERT INTO aliases VALUES ('candidate', 1)", "aliases", 0),
        ("UPDATE moves SET target = 1 WHERE seq = (SELECT max(seq) FROM moves WHERE alias = 'champion')", "aliases", 0),
        ("DELETE FROM moves", "aliases", 0),
        ("UPDATE versions SET collected_at = 1 WHERE version = 1", "aliases", 0),
    ])
    func `finds tables that say something else than the trail`(sql: String, part: String, version: Int) async throws {
        let (_, admin) = try await prepared()
        try await change(admin, sql)
        let result = try await admin.call("verify")
        #expect(result["ok"] == false)
        #expect(result["events"]?["broken"] == .null)
        let found = result[part]?["broken"]?.array ?? []
        #expect(!found.isEmpty)
        if version > 0 { #expect(found.allSatisfy { $0["version"]?.int == version }) }
    }

    @Test(arguments: [
        ("UPDATE feedback SET intent = 'refund'", "feedback", "intent"),
        ("UPDATE feedback SET tried = 1 - tried", "feedback", "tried"),
        ("UPDATE feedback SET request = 'x'", "feedback", "request"),
        ("DELETE FROM feedback", "feedback", nil),
        (
            "INSERT INTO feedback SELECT '0' || id, at, uid, answer, text, intent, predicted, rating, comment, state, key, "
                + "request, admin, reviewer, tried FROM feedback LIMIT 1", "feedback", nil
        ),
        ("UPDATE versions SET metrics = '{}' WHERE version = 2", "versions", "metrics"),
        ("UPDATE versions SET verdict = replace(verdict, 'pass', 'fail')", "versions", "verdict"),
        ("UPDATE moves SET reason = 'because'", "moves", "reason"),
        ("UPDATE moves SET uid = 7", "moves", "uid"),
        ("UPDATE aliases SET version = 1", "aliases", "version"),
        ("UPDATE jobs SET started_at = 1", "jobs", "started_at"),
        ("UPDATE jobs SET error = 'none'", "jobs", "error"),
    ])
    func `names table, row and column that the events do not tell`(
        sql: String,
        table: String,
        column: String?
    ) async throws {
        let (_, admin) = try await prepared()
        try await change(admin, sql)
        let result = try await admin.call("verify")
        #expect(result["ok"] == false)
        #expect(result["events"]?["broken"] == .null)
        let found = result["tables"]?["broken"]?.array ?? []
        #expect(found.map { $0["table"] } == [.string(table)])
        #expect(found.map { $0["column"] } == [JSON(column)])
        #expect(found.allSatisfy { $0["key"]?.isNull == false })
    }

    @Test func `does not mind how far a job has come`() async throws {
        let (_, admin) = try await prepared()
        try await change(admin, "UPDATE jobs SET step = 'somewhere', fraction = 0.3")
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `finds links that do not follow the registry`() async throws {
        let (world, admin) = try await prepared()
        let link = world.folders.alias(.champion)
        for act in [
            { try world.files.link(link, to: "../versions/000001") }, { try world.files.remove(link) },
            { try world.files.link(link, to: "../versions/000009") },
        ] {
            try act()
            let found = try await admin.call("verify")["aliases"]?["broken"]?.array ?? []
            #expect(found.map { $0["alias"] } == ["champion"])
            await admin.engine.registry.remakeLinks()
        }
        try world.files.link(world.folders.alias(.shadow), to: "../versions/000001")
        let found = try await admin.call("verify")["aliases"]?["broken"]?.array ?? []
        #expect(found.map { $0["alias"] } == ["shadow"])
    }

    @Test func `finds nothing while versions move and come`() async throws {
        let (_, admin) = try await prepared()
        async let moves: Void = {
            for round in 0..<40 {
                try await admin.call("models.promote", ["version": .integer(1 + round % 2), "reason": "x"])
            }
        }()
        for _ in 0..<20 { #expect(try await admin.call("verify")["ok"] == true) }
        try await moves
        #expect(try await admin.retrain()["state"] == "done")
        #expect(try await admin.call("verify")["ok"] == true)
    }
}
