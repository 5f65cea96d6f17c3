import Foundation
import GRDB
import Learning
import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// A database of the last daemon whose events did not tell everything.
@Suite struct `A database from before facts` {
    private static let lives = ["", "/killed"]

    /// A copy of a fixture.
    private func copy(_ life: String) throws -> TestWorld {
        let world = try TestWorld()
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: file(life, "intentd.sqlite" + suffix)) {
            try FileManager.default.copyItem(
                atPath: file(life, "intentd.sqlite" + suffix),
                toPath: world.folders.database + suffix
            )
        }
        return world
    }

    private func file(_ life: String, _ name: String) -> String {
        let fixtures = Bundle.module.resourceURL?.appendingPathComponent("Fixtures/ledger-before-facts\(life)")
        return fixtures?.appendingPathComponent(name).path ?? name
    }

    /// What its daemon knew, by table.
    private func known(_ life: String) throws -> JSON {
        try JSONParser.parse(Array(try Data(contentsOf: URL(fileURLWithPath: file(life, "tables.json")))))
    }

    private func rows(_ table: String, _ ledger: Ledger) async throws -> [[String: JSON]] {
        try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM \(table)").map { row in
                Dictionary(
                    uniqueKeysWithValues: row.map { name, value in
                        switch value.storage {
                        case .null: (name, JSON.null)
                        case .int64(let number): (name, .integer(Int(number)))
                        case .double(let number): (name, .double(number))
                        case .string(let text): (name, .string(text))
                        case .blob: (name, "bytes")
                        }
                    }
                )
            }
        }
    }

    /// Integers and doubles of one value are one.
    private func same(_ left: JSON?, _ right: JSON?) -> Bool {
        left == right || left?.double != nil && left?.double == right?.double
    }

    private func expectKnown(_ life: String, in ledger: Ledger) async throws {
        let known = try known(life)
        for table in ["feedback", "versions", "aliases", "moves", "jobs", "turns", "forgotten"] {
            let wanted = known[table]?.array ?? []
            let found = try await rows(table, ledger)
            #expect(found.count == wanted.count, "\(table)")
            for row in wanted {
                let isThere = found.contains { found in
                    (row.object ?? []).allSatisfy { same(found[$0.name], $0.value) }
                }
                #expect(isThere, "\(table): \(row)")
            }
        }
        let events = try await rows("events", ledger)
        for event in known["events"]?.array ?? [] {
            let found = events.first { $0["seq"] == event["seq"] }
            for name in ["kind", "uid", "at"] { #expect(found?[name] == event[name], "\(event)") }
            #expect(found?["payload"]?.isNull == event["erased"]?.bool, "\(event)")
        }
    }

    @Test(arguments: lives)
    func `loses nothing, keeps its chain, and is told from then on`(life: String) async throws {
        let world = try copy(life)
        let ledger = try world.ledger()
        try await expectKnown(life, in: ledger)
        let trail = try await AuditTrail.read(ledger)
        #expect(trail.broken == nil)
        let events = try known(life)["events"]?.array ?? []
        #expect(trail.records > events.count)
        #expect(trail.erased == events.count { $0["erased"] == true })
        #expect(try await ledger.differences() == [])
        // Another start finds it as it is.
        try ledger.close()
        let again = try world.ledger()
        #expect(try await AuditTrail.read(again).head == trail.head)
        #expect(try await again.differences() == [])
    }

    @Test(arguments: lives)
    func `lives on`(life: String) async throws {
        let ledger = try copy(life).ledger()
        let feedback = FeedbackStore(ledger: ledger, naming: Naming(ledger: ledger))
        let items = try await feedback.list(uid: nil, state: nil, limit: 1_000, before: nil).items
        for item in items {
            switch item.state {
            case .withdrawn: continue
            case .pending:
                _ = try await feedback.review(item.id, accept: true, intent: "refund", reviewer: 0) { _ in false }
            default: _ = try await feedback.withdraw(item.id, by: FeedbackStore.Editor(uid: 0, isAdmin: true))
            }
        }
        #expect(!items.isEmpty)
        #expect(try await ledger.differences() == [])
        #expect(try await AuditTrail.read(ledger).broken == nil)
    }

    @Test func `tells of a record that was erased, and not by forgetting`() async throws {
        let world = try copy("")
        let old = try DatabaseQueue(path: world.folders.database)
        let seq = try await old.write { db in
            let seq = try Int64.fetchOne(
                db,
                sql: "SELECT min(seq) FROM events WHERE kind = 'feedback.submitted' AND payload IS NOT NULL"
            )
            try db.execute(sql: "UPDATE events SET payload = NULL, salt = NULL WHERE seq = ?", arguments: [seq])
            return seq
        }
        try old.close()
        #expect(try await AuditTrail.read(world.ledger()).broken != nil)
        #expect(seq != nil)
    }

    @Test func `gives up what it says of a person who is forgotten afterwards`() async throws {
        let world = try copy("")
        let registry = world.registry(try world.ledger())
        let people = try await registry.ledger.read { try Int64.fetchSet($0, sql: "SELECT uid FROM feedback") }
        #expect(people.count > 2)
        for person in people.compactMap({ UInt32(exactly: $0) }).sorted() {
            try await registry.ledger.write { transaction in
                let none = ForgottenData.Change()
                _ = try ForgottenRows.erase(
                    person,
                    none,
                    answers: [],
                    by: 0,
                    isCommon: { _ in false },
                    in: transaction
                )
            }
            #expect(try await registry.ledger.differences() == [], "\(person)")
            let left = try await registry.ledger.read { db in
                try Int.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) FROM events WHERE kind = 'row.stated'
                        AND json_extract(payload, '$.table') = 'feedback' AND json_extract(payload, '$.row.uid') = ?
                        """,
                    arguments: [person]
                )
            }
            #expect(left == 0)
        }
        #expect(try await AuditTrail.read(registry.ledger).broken == nil)
    }

    @Test func `keeps a decision that can be taken back`() async throws {
        let ledger = try copy("").ledger()
        let decided = try await ledger.read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT json_extract(payload, '$.feedback_id') AS item FROM events WHERE kind LIKE 'feedback.%'
                    AND payload IS NOT NULL GROUP BY item
                    HAVING max(seq) = max(seq) FILTER (WHERE json_extract(payload, '$.before') IS NOT NULL)
                    """
            )
        }
        #expect(!decided.isEmpty)
        let feedback = FeedbackStore(ledger: ledger, naming: Naming(ledger: ledger))
        for id in decided { _ = try await feedback.undoReview(id, by: 0) }
        #expect(try await ledger.differences() == [])
    }

    /// Where a process ends, the files stay as the system has them: they are copied at every statement of the migration,
    /// and each copy has to be the old database or the new one.
    @Test(arguments: lives)
    func `is whole wherever a crash comes into its migration`(life: String) async throws {
        let world = try copy(life)
        let folder = world.root + "/crashes"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let database = world.folders.database
        let statements = Mutex(0)
        var configuration = GRDB.Configuration()
        configuration.prepareDatabase { db in
            db.trace { _ in
                let number = statements.withLock { count in
                    count += 1
                    return count
                }
                // All of the first and the last, and some between.
                guard number < 40 || number.isMultiple(of: 37) else { return }
                for suffix in ["", "-wal"] {
                    try? FileManager.default.copyItem(atPath: database + suffix, toPath: "\(folder)/\(number)\(suffix)")
                }
            }
        }
        let pool = try DatabasePool(path: database, configuration: configuration)
        try await pool.writeWithoutTransaction { db in
            // Pages reach the log while the migration is under way.
            try db.execute(sql: "PRAGMA cache_size = 2")
            let transaction = Transaction(
                db: db,
                clock: world.clock.clock,
                randomness: .seeded(3),
                projections: Projections(.all)
            )
            try Schema.migrate(db, recording: transaction)
            db.trace(nil)
        }
        try pool.close()
        let copies = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasSuffix("-wal") }
        #expect(copies.count >= 40)
        for name in copies {
            let ledger = try Ledger(
                path: "\(folder)/\(name)",
                clock: world.clock.clock,
                randomness: .seeded(4),
                projections: .all
            )
            try await expectKnown(life, in: ledger)
            #expect(try await ledger.differences() == [], "at statement \(name)")
            let baselines = try await ledger.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM events WHERE kind = 'ledger.baseline'")
            }
            #expect(baselines == 1)
            try ledger.close()
        }
    }

    @Test func `that is new needs no baseline`() async throws {
        let ledger = try TestWorld().ledger()
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") } == 0)
    }
}
