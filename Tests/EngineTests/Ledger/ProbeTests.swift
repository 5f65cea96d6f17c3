import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The database's answer to the watchdog` {
    private func probe(_ ledger: Ledger) async -> StorageError? {
        await withCheckedContinuation { continuation in ledger.probe { continuation.resume(returning: $0) } }
    }

    @Test func `comes in the order of the writes and changes nothing`() async throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        async let writing: Void = ledger.write { try $0.record(.approval, uid: 1, payload: ["text": "x"]) }
        #expect(await probe(ledger) == nil)
        try await writing
        let events = "SELECT count(*) FROM events"
        let before = try await ledger.read { try Int.fetchOne($0, sql: events) }
        for _ in 0..<10 { #expect(await probe(ledger) == nil) }
        #expect(try await ledger.read { try Int.fetchOne($0, sql: events) } == before)
    }

    @Test func `is an error where the database has one`() async throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        try await ledger.write { try $0.db.execute(sql: "DROP TABLE meta") }
        #expect(await probe(ledger) != nil)
    }
}
