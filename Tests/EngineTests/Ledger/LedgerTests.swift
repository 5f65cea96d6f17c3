import FoundationEssentials
import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The ledger` {
    private let clock = ManualClock()

    private func ledger(_ path: String? = nil) throws -> Ledger {
        try Ledger(path: path, clock: clock.clock, randomness: .seeded(7), projections: .all)
    }

    private struct Refused: Error, Equatable { var number: Int }

    @Test func `acknowledges a thousand writers at once, and has what they wrote`() async throws {
        let world = try TestWorld()
        let ledger = try ledger(world.folders.database)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    try await ledger.write { transaction in
                        try transaction.record(.approval, uid: UInt32(number), payload: ["n": .integer(number)])
                    }
                }
            }
            try await group.waitForAll()
        }
        try ledger.close()
        let again = try self.ledger(world.folders.database)
        let uids = try await again.read { try Int.fetchAll($0, sql: "SELECT uid FROM events ORDER BY uid") }
        #expect(uids == Array(0..<1_000))
        let seqs = try await again.read { try Int.fetchAll($0, sql: "SELECT seq FROM events ORDER BY seq") }
        #expect(seqs == Array(1...1_000))
    }

    @Test func `undoes a writer that throws, and nobody else`() async throws {
        let ledger = try ledger()
        let outcomes = await withTaskGroup(of: (Int, Bool).self, returning: [Int: Bool].self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await ledger.write { transaction in
                            try transaction.record(.approval, uid: UInt32(number), payload: [:])
                            if number.isMultiple(of: 3) { throw Refused(number: number) }
                            // The database's own refusals count as little for the others.
                            if number % 7 == 1 {
                                try transaction.db.execute(sql: "INSERT INTO meta(key) VALUES (NULL)")
                            }
                        }
                        return (number, true)
                    } catch let error as Refused {
                        return (number, error.number != number)
                    } catch {
                        return (number, false)
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let expected = (0..<200).filter { !$0.isMultiple(of: 3) && $0 % 7 != 1 }
        #expect(outcomes.filter(\.value).map(\.key).sorted() == expected)
        let kept = try await ledger.read { try Int.fetchAll($0, sql: "SELECT uid FROM events ORDER BY uid") }
        #expect(kept == expected)
        #expect(try await chainBreaks(ledger) == nil)
    }

    @Test func `counts by kind what was committed, and only that`() async throws {
        let ledger = try ledger()
        try await ledger.write { transaction in
            for _ in 0..<3 { try transaction.record(.approval, uid: 1, payload: [:]) }
        }
        _ = try? await ledger.write { transaction in
            try transaction.record(.approval, uid: 1, payload: [:])
            throw Refused(number: 1)
        }
        try await ledger.write { try $0.record(.collection, uid: 1, payload: ["versions": []]) }
        #expect(ledger.commits(of: [.approval]) == 3)
        #expect(ledger.commits(of: [.approval, .collection]) == 4)
        #expect(ledger.commits(of: [.move]) == 0)
    }

    @Test func `takes no event that does not tell all of it`() async throws {
        let ledger = try ledger()
        await #expect(throws: Fact.Incomplete(kind: .move, name: "alias")) {
            try await ledger.write { try $0.record(.move, uid: 1, payload: ["to": 1]) }
        }
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") } == 0)
    }

    @Test func `gives a writer's value and its error as they are`() async throws {
        let ledger = try ledger()
        #expect(try await ledger.write { _ in 42 } == 42)
        await #expect(throws: Refused(number: 9)) { try await ledger.write { _ in throw Refused(number: 9) } }
        await #expect(throws: StorageError.self) {
            try await ledger.write { try $0.db.execute(sql: "INSERT INTO nowhere VALUES (1)") }
        }
    }

    @Test(arguments: [0, 3, 20])
    func `that runs full acknowledges what it kept, and only that`(room: Int) async throws {
        let world = try TestWorld()
        let ledger = try ledger(world.folders.database)
        try await ledger.write { transaction in
            let pages = try Int.fetchOne(transaction.db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(transaction.db, sql: "PRAGMA max_page_count = \(pages + room)")
        }
        let acknowledged = await withTaskGroup(of: Int?.self, returning: Set<Int>.self) { group in
            for number in 0..<400 {
                group.addTask {
                    do {
                        try await ledger.write { transaction in
                            let text = String(repeating: "x", count: number % 900)
                            try transaction.record(.approval, uid: UInt32(number), payload: .string(text))
                        }
                        return number
                    } catch StorageError.full {
                        return nil
                    } catch {
                        Issue.record("\(error)")
                        return nil
                    }
                }
            }
            return await group.reduce(into: []) { if let number = $1 { $0.insert(number) } }
        }
        #expect(acknowledged.count < 400)
        try await ledger.write { _ = try Int.fetchOne($0.db, sql: "PRAGMA max_page_count = 100000") }
        try await ledger.write { try $0.record(.approval, uid: 1_000, payload: [:]) }
        #expect(try await chainBreaks(ledger) == nil)
        try ledger.close()
        let again = try self.ledger(world.folders.database)
        let kept = try await again.read { try Int.fetchAll($0, sql: "SELECT uid FROM events") }
        #expect(kept.count == Set(kept).count)
        #expect(Set(kept) == acknowledged.union([1_000]))
    }

    @Test func `refuses writes once it is closed`() async throws {
        let world = try TestWorld()
        let ledger = try ledger(world.folders.database)
        try ledger.close()
        await #expect(throws: StorageError.self) { try await ledger.write { _ in 1 } }
    }

    @Test func `syncs every commit in full`() async throws {
        let world = try TestWorld()
        let ledger = try ledger(world.folders.database)
        let (synchronous, journal) = try await ledger.write { transaction in
            (
                try Int.fetchOne(transaction.db, sql: "PRAGMA synchronous"),
                try String.fetchOne(transaction.db, sql: "PRAGMA journal_mode")
            )
        }
        #expect(synchronous == 2)
        #expect(journal == "wal")
    }

    @Test func `of a newer schema is refused, and left alone`() async throws {
        let world = try TestWorld()
        var ledger: Ledger? = try self.ledger(world.folders.database)
        try await ledger?.write { try $0.record(.approval, uid: 1, payload: [:]) }
        try await ledger?.write { try $0.db.execute(sql: "PRAGMA user_version = 99") }
        try ledger?.close()
        ledger = nil
        #expect(throws: StorageError.newerSchema(99)) { _ = try self.ledger(world.folders.database) }
        await #expect(throws: StorageError.newerSchema(99)) {
            _ = try await Engine(world.environment, world.configuration)
        }
        #expect(FileManager.default.fileExists(atPath: world.folders.database))
    }

    @Test func `keeps its salt and its origin over restarts`() async throws {
        let world = try TestWorld()
        let first = try ledger(world.folders.database)
        let salt = try await first.salt()
        #expect(try await first.salt() == salt)
        let origin = try await first.read {
            try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'origin'")
        }
        try first.close()
        let second = try Ledger(
            path: world.folders.database,
            clock: clock.clock,
            randomness: .seeded(99),
            projections: .all
        )
        #expect(try await second.salt() == salt)
        let again = try await second.read {
            try String.fetchOne($0, sql: "SELECT value FROM meta WHERE key = 'origin'")
        }
        #expect(again == origin)
    }

    @Test func `chains its events`() async throws {
        let ledger = try ledger()
        for number in 0..<50 {
            try await ledger.write { try $0.record(.approval, uid: 7, payload: ["text": .string("row \(number)")]) }
        }
        #expect(try await chainBreaks(ledger) == nil)
    }

    @Test(arguments: [
        "UPDATE events SET uid = 8 WHERE seq = 20", "UPDATE events SET at = at + 1 WHERE seq = 20",
        "UPDATE events SET kind = 'alias.moved' WHERE seq = 20",
        "UPDATE events SET digest = zeroblob(32) WHERE seq = 20",
        "UPDATE events SET id = 'other' WHERE seq = 20", "DELETE FROM events WHERE seq = 20",
        "UPDATE events SET prev_hash = zeroblob(32) WHERE seq = 21",
    ])
    func `shows in its chain what was changed afterwards`(sql: String) async throws {
        let ledger = try ledger()
        for number in 0..<50 {
            try await ledger.write { try $0.record(.approval, uid: 7, payload: ["text": .string("row \(number)")]) }
        }
        try await ledger.write { try $0.db.execute(sql: sql) }
        #expect(try await chainBreaks(ledger) == 21)
    }

    @Test func `keeps its chain whole when a payload is erased`() async throws {
        let ledger = try ledger()
        for number in 0..<10 {
            try await ledger.write { try $0.record(.approval, uid: 7, payload: ["text": .string("row \(number)")]) }
        }
        try await ledger.write { try $0.db.execute(sql: "UPDATE events SET payload = NULL, salt = NULL WHERE seq = 5") }
        #expect(try await chainBreaks(ledger) == nil)
    }

    @Test func `gives equal payloads unequal digests`() async throws {
        let ledger = try ledger()
        for _ in 0..<20 { try await ledger.write { try $0.record(.approval, uid: 7, payload: ["text": "same"]) } }
        let count = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(DISTINCT digest) FROM events") }
        #expect(count == 20)
    }

    /// The first record that does not follow from the one before it.
    private func chainBreaks(_ ledger: Ledger) async throws -> Int? {
        try await ledger.read { db in
            var expected = [UInt8](repeating: 0, count: 32)
            for row in try Row.fetchAll(db, sql: "SELECT * FROM events ORDER BY seq") {
                let previous: Data = row["prev_hash"]
                if Array(previous) != expected { return row["seq"] }
                expected = Array(AuditRecord(row).hash)
            }
            return nil
        }
    }
}
