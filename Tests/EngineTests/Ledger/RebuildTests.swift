import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The tables` {
    @Test(arguments: 1...24)
    func `are what the events make, after any life`(seed: UInt64) async throws {
        var life = try RandomLife(seed: seed)
        for step in 1...240 {
            try await life.step()
            guard step.isMultiple(of: 40) else { continue }
            try await expectNoDifference(life, "seed \(seed), step \(step)")
        }
        let kinds = try await life.ledger.read { try String.fetchSet($0, sql: "SELECT kind FROM events") }
        #expect(kinds.isSuperset(of: ["feedback.submitted", "job.finished", "model.registered", "alias.moved"]))
    }

    private func expectNoDifference(_ life: RandomLife, _ comment: Comment? = nil) async throws {
        let differences = try await life.ledger.differences()
        #expect(differences == [], comment)
    }

    /// Whatever chance leaves out of one life is in another.
    @Test func `follow every kind of event in some life`() async throws {
        var kinds: Set<String> = []
        for seed in UInt64(1)...12 {
            var life = try RandomLife(seed: seed)
            for _ in 1...240 { try await life.step() }
            kinds.formUnion(try await life.ledger.read { try String.fetchSet($0, sql: "SELECT kind FROM events") })
        }
        #expect(kinds.union(["ledger.baseline"]) == Set(EventKind.allCases.map(\.rawValue)))
    }

    @Test(arguments: 1...12)
    func `and the events hold no word of who is forgotten, and everything else`(seed: UInt64) async throws {
        var life = try RandomLife(seed: seed)
        for _ in 1...160 { try await life.step() }
        for person in RandomLife.people {
            let word = RandomLife.word(of: person)
            try await life.name(word, by: person)
            let before = try await figures(life)
            try await life.forget(person)
            try await expectNoDifference(life, "seed \(seed), person \(person)")
            // What somebody else said, too, stays theirs.
            let others = try await life.feedback.list(uid: nil, state: nil, limit: 10_000, before: nil).items
            guard !others.contains(where: { "\($0)".contains(word) }) else { continue }
            let holders = try await life.ledger.read { db in
                // What was said and taken back about others' feedback stands in its records, and an approval is an admin's.
                let events = """
                    events WHERE kind NOT IN ('feedback.reviewed', 'feedback.revised', 'model.approved')
                    """
                return try ([events] + Schema.projections.map(\.name)).flatMap { table in
                    try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { "\($0)" }.filter { $0.contains(word) }
                }
            }
            #expect(holders.isEmpty, "seed \(seed), person \(person)")
            #expect(try await figures(life) == before)
        }
    }

    /// What happened to models and jobs, without anybody's words.
    private func figures(_ life: RandomLife) async throws -> [String] {
        try await life.ledger.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT 'job', id, state, candidate, json_extract(verdict, '$.verdict'),
                    json_extract(verdict, '$.checks[0].value') FROM jobs
                    UNION ALL SELECT 'version', version, digest, metrics, json_extract(verdict, '$.verdict'), 0 FROM versions
                    UNION ALL SELECT 'move', seq, alias, source, target, verdict FROM moves
                    """
            ).map { "\($0)" }
        }
    }

    @Test func `are each either made from the events or told to be none of theirs`() async throws {
        let ledger = try TestWorld().ledger()
        let columns = try await ledger.read { db in
            let names = try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            )
            return try Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, try String.fetchSet(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [name]))
                }
            )
        }
        let listed = Schema.projections.map(\.name) + Schema.notProjections
        #expect(listed.count == Set(listed).count)
        #expect(Set(columns.keys) == Set(listed))
        for table in Schema.projections {
            #expect(columns[table.name] == Set(table.columns))
            #expect(table.columns.first == table.key)
            #expect(Set(table.columns).isSuperset(of: table.json.union(table.words).union(table.notFacts)))
        }
        let left = Schema.projections.flatMap { table in table.notFacts.map { "\(table.name).\($0)" } }
        #expect(Set(left) == ["jobs.step", "jobs.fraction"])
    }

    @Test(arguments: 1...6)
    func `can be told anew, after which nothing before counts`(seed: UInt64) async throws {
        var life = try RandomLife(seed: seed)
        for _ in 1...120 { try await life.step() }
        try await life.ledger.write { try Baseline.record(in: $0) }
        try await expectNoDifference(life)
        for _ in 1...120 { try await life.step() }
        try await expectNoDifference(life)
        for person in RandomLife.people { try await life.forget(person) }
        try await expectNoDifference(life)
        let trail = try await AuditTrail.read(life.ledger)
        #expect(trail.broken == nil && trail.erased > 0)
    }

    /// A database that was told anew before a column came.
    @Test func `follow a row that an earlier intentd stated`() async throws {
        let ledger = try TestWorld().ledger()
        let row: JSON = [
            "id": "j", "created_at": 1, "uid": 0, "policy": "gate", "state": "done", "step": "done", "fraction": 1.0,
            "started_at": nil, "finished_at": nil, "candidate": 3, "verdict": nil, "learned": nil, "error": nil,
            "cause": nil,
        ]
        try await ledger.write { transaction in
            try transaction.record(.statement, uid: 0, payload: ["table": "jobs", "row": row])
        }
        let sql = "SELECT candidate FROM jobs WHERE same_as IS NULL"
        let found = try await ledger.read { try Int.fetchAll($0, sql: sql) }
        #expect(found == [3])
        #expect(try await ledger.differences() == [])
        await #expect(throws: Fact.Incomplete.self) {
            let half = JSON.object((row.object ?? []).filter { $0.name != "cause" })
            try await ledger.write { transaction in
                try transaction.record(.statement, uid: 0, payload: ["table": "jobs", "row": half])
            }
        }
    }

    @Test func `keep their words apart, where only they can go`() {
        let content: JSON = [
            "job": "1",
            "verdict": [
                "verdict": "fail", "checks": [["name": "recall:a/b~c", "outcome": "pass", "value": 1]],
                "fixed": [["text": "", "intent": "x"]], "a/b~c": "said",
            ],
            "error": "it said: x", "cause": "by an admin",
        ]
        let (payload, words) = Sentences.part(content, below: ["/verdict", "/error"])
        #expect(
            payload == [
                "job": "1",
                "verdict": [
                    "verdict": "fail", "checks": [["name": "", "outcome": "pass", "value": 1]],
                    "fixed": [["text": "", "intent": ""]], "a/b~c": "",
                ],
                "error": "", "cause": "by an admin",
            ]
        )
        #expect(
            words == [
                "/verdict/checks/0/name": "recall:a/b~c", "/verdict/fixed/0/intent": "x", "/verdict/a~1b~0c": "said",
                "/error": "it said: x",
            ]
        )
        #expect(Sentences.join(payload, words) == content)
        #expect(Sentences.join(payload, nil) == payload)
        #expect(Sentences.part(payload, below: ["/verdict", "/error"]).words == nil)
    }
}
