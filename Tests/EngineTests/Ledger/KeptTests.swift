import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A value that is kept` {
    private let clock = ManualClock()

    private func ledger() throws -> Ledger {
        try Ledger(path: nil, clock: clock.clock, randomness: .seeded(1), projections: .all)
    }

    private func kept(_ ledger: Ledger) -> Kept {
        Kept("count", ledger: ledger, clock: clock.clock, logger: .quiet)
    }

    private func stored(_ ledger: Ledger) async throws -> JSON? { try await kept(ledger).recall() }

    @Test func `is stored at once, and then some seconds after it has changed`() async throws {
        let ledger = try ledger()
        let kept = kept(ledger)
        #expect(try await kept.recall() == nil)
        await kept.store(1)
        #expect(try await stored(ledger) == 1)
        clock.advance(seconds: 9)
        await kept.store(2)
        #expect(try await stored(ledger) == 1)
        clock.advance(seconds: 1)
        await kept.store(2)
        #expect(try await stored(ledger) == 2)
        await kept.store(3, now: true)
        #expect(try await stored(ledger) == 3)
        try kept.storeAtEnd(4)
        #expect(try await stored(ledger) == 4)
    }

    @Test func `is not stored while it is what was recalled`() async throws {
        let ledger = try ledger()
        await kept(ledger).store(["a": 1])
        let later = kept(ledger)
        #expect(try await later.recall() == ["a": 1])
        try await ledger.write { try $0.db.execute(sql: "UPDATE meta SET value = '0' WHERE key = 'count'") }
        await later.store(["a": 1])
        try later.storeAtEnd(["a": 1])
        #expect(try await stored(ledger) == 0)
    }

    @Test func `is stored later where the database did not take it`() async throws {
        let ledger = try ledger()
        let kept = kept(ledger)
        try await ledger.write {
            try $0.db.execute(
                sql: "CREATE TRIGGER full BEFORE INSERT ON meta BEGIN SELECT raise(ABORT, 'no'); END"
            )
        }
        await kept.store(1)
        try await ledger.write { try $0.db.execute(sql: "DROP TRIGGER full") }
        #expect(try await stored(ledger) == nil)
        clock.advance(seconds: 10)
        await kept.store(1)
        #expect(try await stored(ledger) == 1)
    }
}
