import GRDB
import TestSupport
import Testing
import World

@testable import Engine

@Suite struct `The memory of sessions` {
    private let clock = ManualClock()

    private func ledger() throws -> Ledger {
        try Ledger(path: nil, clock: clock.clock, randomness: .seeded(7), projections: .all)
    }

    private func memory(
        _ ledger: Ledger,
        maxTurns: Int = 20,
        maxAge: Double = 86_400,
        _ change: (inout SessionMemory.Limits) -> Void = { _ in }
    ) -> SessionMemory {
        var limits = SessionMemory.Limits()
        change(&limits)
        let settings = SessionMemory.settings(maxTurns: maxTurns, maxAge: maxAge)
        return SessionMemory(ledger: ledger, clock: clock.clock, logger: .quiet, settings: settings, limits: limits)
    }

    private let ids = Randomness.seeded(3)

    private func turn(_ text: String, _ reply: String = "yes") -> Turn {
        let now = clock.clock.now()
        return Turn(
            answer: Identifier(at: now, randomness: ids),
            at: now,
            text: text,
            reply: reply,
            route: .llm,
            intent: "refund"
        )
    }

    private func texts(_ memory: SessionMemory, _ name: String = "s", uid: UInt32 = 1) async -> [String] {
        await memory.history(uid: uid, name: name).map(\.text)
    }

    @Test func `gives turns back in order, each uid and name its own`() async throws {
        let memory = memory(try ledger())
        for (uid, name, text) in [(1, "s", "a"), (2, "s", "b"), (1, "t", "c"), (1, "s", "d")] as [(UInt32, _, _)] {
            memory.remember(uid: uid, name: name, turn: turn(text))
        }
        #expect(await texts(memory) == ["a", "d"])
        #expect(await texts(memory, uid: 2) == ["b"])
        #expect(await texts(memory, "t") == ["c"])
        #expect(await texts(memory, "t", uid: 2).isEmpty)
        let last = await memory.history(uid: 1, name: "s").last
        #expect(last?.reply == "yes" && last?.route == .llm && last?.intent == "refund")
    }

    @Test func `keeps the newest turns of a session, in memory and on disk`() async throws {
        let ledger = try ledger()
        let first = memory(ledger, maxTurns: 3)
        for number in 0..<10 {
            first.remember(uid: 1, name: "s", turn: turn("\(number)"))
            if number == 4 { try await first.save() }
        }
        #expect(await texts(first) == ["7", "8", "9"])
        try await first.save()
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM turns") } == 3)
        #expect(await texts(memory(ledger)) == ["7", "8", "9"])
    }

    @Test func `keeps what fits the budget of tokens, the newest`() async throws {
        let memory = memory(try ledger()) { $0.tokens = 100 }
        // 40 tokens each.
        for number in 0..<5 {
            memory.remember(uid: 1, name: "s", turn: turn("\(number)", String(repeating: "ä", count: 159)))
        }
        #expect(await texts(memory) == ["3", "4"])
        // One that is too large by itself is cut off.
        memory.remember(uid: 1, name: "s", turn: turn("large", String(repeating: "x", count: 1_000)))
        let turns = await memory.history(uid: 1, name: "s")
        #expect(turns.map(\.text) == ["large"])
        #expect(turns.first?.reply.count == 395)
    }

    @Test func `is as it was said in memory, and redacted after a restart`() async throws {
        let ledger = try ledger()
        let first = memory(ledger)
        first.remember(uid: 1, name: "s", turn: turn("I am ann@example.org\u{0}!", "Hello 4111 1111 1111 1111"))
        try await first.save()
        #expect(await texts(first) == ["I am ann@example.org\u{0}!"])
        let turns = await memory(ledger).history(uid: 1, name: "s")
        #expect(turns.map(\.text) == ["I am <email>\u{0}!"])
        #expect(turns.map(\.reply) == ["Hello <card>"])
    }

    @Test func `puts what the disk has before what was said since the restart`() async throws {
        let ledger = try ledger()
        let first = memory(ledger)
        for text in ["a", "b"] { first.remember(uid: 1, name: "s", turn: turn(text)) }
        try await first.save()
        let second = memory(ledger)
        second.remember(uid: 1, name: "s", turn: turn("c"))
        try await second.save()
        second.remember(uid: 1, name: "s", turn: turn("d"))
        #expect(await texts(second) == ["a", "b", "c", "d"])
    }

    @Test func `reads again what was not read to its end`() async throws {
        let ledger = try ledger()
        let first = memory(ledger)
        first.remember(uid: 1, name: "s", turn: turn("a"))
        try await first.save()
        let second = memory(ledger)
        second.remember(uid: 1, name: "s", turn: turn("b"))
        let cancelled = Task {
            // Whoever asked has gone before the database is asked.
            while !Task.isCancelled { await Task.yield() }
            return await texts(second)
        }
        cancelled.cancel()
        #expect(await cancelled.value.last == "b")
        #expect(await texts(second) == ["a", "b"])
    }

    @Test func `forgets what is too old, a turn at a time`() async throws {
        let ledger = try ledger()
        let memory = memory(ledger, maxAge: 60)
        clock.advance(seconds: 601)
        memory.remember(uid: 1, name: "s", turn: turn("old"))
        memory.remember(uid: 1, name: "gone", turn: turn("old"))
        clock.advance(seconds: 40)
        memory.remember(uid: 1, name: "s", turn: turn("new"))
        try await memory.save()
        clock.advance(seconds: 30)
        #expect(await texts(memory) == ["new"])
        #expect(try await memory.list(uid: 1, limit: 10).map(\.turns) == [1])
        try await memory.expire()
        #expect(try await ledger.read { try String.fetchAll($0, sql: "SELECT text FROM turns") } == ["new"])
        clock.advance(seconds: 61)
        #expect(await texts(memory).isEmpty)
        try await memory.expire()
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM turns") } == 0)
        #expect(memory.size.sessions <= 1)
    }

    @Test func `stays within its bytes, and reads back what it let go of`() async throws {
        let memory = memory(try ledger()) { $0.memory = 200_000 }
        let words = String(repeating: "word ", count: 100)
        for number in 0..<3_000 {
            memory.remember(uid: 1, name: "s\(number)", turn: turn("\(number) " + words))
            if number.isMultiple(of: 50) { try await memory.save() }
            #expect(memory.size.bytes <= 300_000)
        }
        try await memory.save()
        #expect(memory.size.sessions < 300)
        for number in [0, 1_500, 2_999] {
            #expect(await texts(memory, "s\(number)") == ["\(number) " + words])
        }
        #expect(memory.size.bytes <= 200_000)
    }

    @Test func `lets no more wait in an inbox than may, however many sessions there are`() throws {
        let memory = memory(try ledger()) { $0.inbox = 5_000 }
        let inbox = memory.makeInbox()
        for number in 0..<1_000 { memory.remember(uid: 1, name: "s\(number)", turn: turn("\(number)"), in: inbox) }
        #expect(inbox.take().count < 50)
    }

    @Test(arguments: [1, 7, 100]) func `writes all turns in order, however few go into one transaction`(
        atOnce: Int
    ) async throws {
        let ledger = try ledger()
        let memory = memory(ledger, maxTurns: 1_000) { $0.atOnce = atOnce }
        for number in 0..<95 { memory.remember(uid: 1, name: "s", turn: turn("\(number)")) }
        try await memory.save()
        let stored = try await ledger.read { try String.fetchAll($0, sql: "SELECT text FROM turns ORDER BY seq") }
        #expect(stored == (0..<95).map(String.init))
    }

    @Test func `gives a transaction no more turns than it may take, the oldest first`() {
        let settings = SessionMemory.settings(maxTurns: 1_000, maxAge: 86_400)
        var state = SessionState(settings: settings, limits: SessionMemory.Limits())
        for number in 0..<25 { state.add(turn("\(number)"), to: SessionKey(uid: 1, name: "s")) }
        let taken = (0..<4).map { _ in state.takeUnsaved(10).map(\.turn.text) }
        #expect(taken == [(0..<10), (10..<20), (20..<25), (0..<0)].map { $0.map(String.init) })
        #expect(state.unsavedWeight == 0)
    }

    @Test func `lets go of nothing that the disk does not have`() async throws {
        let memory = memory(try ledger()) { $0.memory = 10_000 }
        for number in 0..<200 { memory.remember(uid: 1, name: "s\(number % 20)", turn: turn("\(number)")) }
        for session in 0..<20 {
            #expect(await texts(memory, "s\(session)") == (0..<10).map { "\(session + 20 * $0)" })
        }
        try await memory.save()
        #expect(await texts(memory, "s3").count == 10)
    }

    @Test func `keeps what a full disk did not take, up to its limit, and writes it later`() async throws {
        let ledger = try ledger()
        let memory = memory(ledger) { $0.unsaved = 20_000 }
        let pages = try await ledger.write { try Int.fetchOne($0.db, sql: "PRAGMA page_count") ?? 0 }
        try await ledger.write { _ = try Int.fetchOne($0.db, sql: "PRAGMA max_page_count = \(pages)") }
        let words = String(repeating: "word ", count: 400)
        for number in 0..<20 { memory.remember(uid: 1, name: "s", turn: turn("\(number) " + words)) }
        await #expect(throws: StorageError.full) { try await memory.save() }
        #expect(await texts(memory).count < 20)
        try await ledger.write { _ = try Int.fetchOne($0.db, sql: "PRAGMA max_page_count = 100000") }
        try await memory.save()
        #expect(try await memory.list(uid: nil, limit: 10).first?.turns == 9)
    }

    @Test func `writes and forgets at once without losing its order`() async throws {
        let ledger = try ledger()
        let memory = memory(ledger, maxTurns: 1_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in 0..<8 {
                group.addTask { [self] in
                    for number in 0..<100 {
                        memory.remember(uid: 1, name: "s\(session)", turn: turn("\(number)"))
                        if number % 20 == session { try await memory.save() }
                        if session == 7, number == 50 { _ = try await memory.forget(uid: 1, name: "s7") }
                    }
                }
            }
            try await group.waitForAll()
        }
        try await memory.save()
        let again = self.memory(ledger, maxTurns: 1_000) { $0.tokens = 100_000 }
        for session in 0..<7 { #expect(await texts(again, "s\(session)") == (0..<100).map(String.init)) }
        #expect(await texts(again, "s7") == (51..<100).map(String.init))
    }
}
