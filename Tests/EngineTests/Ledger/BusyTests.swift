import GRDB
import Learning
import Patience
import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// Another process that holds the database, as a person with `sqlite3` does who has begun a transaction.
private final class Stranger {
    private let database: DatabaseQueue

    init(_ world: TestWorld) throws {
        var configuration = GRDB.Configuration()
        configuration.allowsUnsafeTransactions = true
        database = try DatabaseQueue(path: world.folders.database, configuration: configuration)
        try database.inDatabase { db in try db.execute(sql: "BEGIN IMMEDIATE") }
    }

    func letGo() throws { try database.inDatabase { db in try db.execute(sql: "COMMIT") } }
}

@Suite struct `A database that another process holds` {
    private static let example: JSON = ["text": "reimburse the lamp", "intent": "refund"]

    @Test func `refuses writes soon, and answers and reads all the same`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let answer = try await client.chat("where is my parcel")
        let stranger = try Stranger(world)
        for (method, params) in [
            ("feedback.submit", Self.example),
            ("feedback.submit", ["id": answer["id"] ?? .null, "rating": "up"]),
        ] as [(String, JSON)] {
            let refusal = try await client.refusal(method, params)
            #expect(refusal.reason == "storage_busy" && refusal.code == -32_007)
            #expect(refusal.data["retry_after_ms"]?.int ?? 0 > 0)
        }
        #expect(try await client.chat("where is my parcel")["route"] == "local")
        #expect(try await client.call("feedback.list")["items"] == [])
        // The watchdog has no reason to end a daemon that answers.
        let failure = await withCheckedContinuation { continuation in
            client.engine.ledger.probe { continuation.resume(returning: $0) }
        }
        #expect(failure == nil)
        try stranger.letGo()
        #expect(try await client.call("feedback.submit", Self.example)["state"] == "pending")
    }

    @Test func `is waited for by what the daemon does by itself`() async throws {
        let world = try TestWorld()
        let ledger = try world.ledger()
        let stranger = try Stranger(world)
        let writing = Task { try await ledger.write { try $0.record(.approval, uid: 1, payload: ["text": "x"]) } }
        await #expect(throws: StorageError.busy) {
            try await Ledger.$patience.withValue(0.2) { try await ledger.write { _ in } }
        }
        try stranger.letGo()
        try await writing.value
        #expect(try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") } == 1)
    }

    @Test func `is waited for by a start, which serves then`() async throws {
        let world = try TestWorld()
        let first = try await world.engine()
        await first.jobs.stop()
        first.finish()
        let stranger = try Stranger(world)
        let again = TestWorld(after: world, files: world.files)
        let starting = Task { try await again.engine() }
        try await Task.sleep(for: .seconds(1))
        try stranger.letGo()
        let client = Client(try await starting.value)
        #expect(try await client.chat("where is my parcel")["route"] == "local")
    }
}
