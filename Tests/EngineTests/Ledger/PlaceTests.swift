import FoundationEssentials
import GRDB
import Glibc
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A database that others touch` {
    private func ledger(_ world: TestWorld) throws -> Ledger {
        try Ledger(
            path: world.folders.database,
            clock: world.clock.clock,
            randomness: .seeded(7),
            projections: .all
        ) { world.files.status($0) }
    }

    private func record(_ ledger: Ledger) async throws {
        try await ledger.write { try $0.record(.approval, uid: 1, payload: [:]) }
    }

    private func count(_ ledger: Ledger) async throws -> Int? {
        try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") }
    }

    @Test(arguments: ["", "-wal"])
    func `acknowledges nothing while a file of it is elsewhere, and goes on then`(suffix: String) async throws {
        let world = try TestWorld()
        let ledger = try ledger(world)
        try await record(ledger)
        #expect(ledger.condition.meddling == nil)
        let path = world.folders.database + suffix
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        await #expect(throws: StorageError.displaced("\(path) was renamed or removed")) { try await record(ledger) }
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        try await record(ledger)
        #expect(try await count(ledger) == 2)
    }

    @Test func `acknowledges nothing into a replaced or an emptied one, and leaves that alone`() async throws {
        for isReplaced in [true, false] {
            let world = try TestWorld()
            let ledger = try ledger(world)
            try await record(ledger)
            let path = world.folders.database
            if isReplaced {
                try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
                try Data("mine".utf8).write(to: URL(filePath: path))
            } else {
                let file = try #require(fopen(path, "r+"))
                ftruncate(fileno(file), 0)
                fclose(file)
            }
            await #expect(throws: StorageError.self) { try await record(ledger) }
            #expect(ledger.condition.meddling?.contains(isReplaced ? "was replaced" : "was emptied") == true)
            try ledger.close()
            if isReplaced { #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8)) }
        }
    }

    @Test func `does not acknowledge what was committed while it was taken away`() async throws {
        let world = try TestWorld()
        let ledger = try ledger(world)
        try await record(ledger)
        let path = world.folders.database
        await #expect(throws: StorageError.self) {
            try await ledger.write { transaction in
                try transaction.record(.approval, uid: 1, payload: [:])
                try FileManager.default.removeItem(atPath: path)
            }
        }
        #expect(ledger.commits(of: [.approval]) == 1)
    }

    @Test func `is no reason for the watchdog to end the daemon`() async throws {
        let world = try TestWorld()
        let ledger = try ledger(world)
        try FileManager.default.removeItem(atPath: world.folders.database)
        let error = await withCheckedContinuation { continuation in ledger.probe { continuation.resume(returning: $0) }
        }
        #expect(error == nil)
    }

    @Test func `is named by status, and feedback is refused`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        let path = world.folders.database
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        let item: [Member] = [Member("text", "give me my money"), Member("intent", "refund")]
        let refusal = try await client.refusal("feedback.submit", .object(item))
        #expect(refusal.reason == "storage_failed")
        #expect(refusal.message.contains("renamed or removed by another program"))
        #expect(try await client.chat("hello there")["route"] == "local")
        await client.engine.tick().value
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "database" })
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        await client.engine.tick().value
        #expect(try await client.call("status")["degraded"]?.array?.contains { $0["feature"] == "database" } == false)
        #expect(try await client.call("feedback.submit", .object(item))["state"] == "accepted")
    }
}
