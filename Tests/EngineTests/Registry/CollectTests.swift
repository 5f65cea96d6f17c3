import GRDB
import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A collection` {
    /// So long ago that nobody asks for it.
    private static let always = Timestamp(microseconds: .max)

    /// A registry whose versions were all champion one after the other, a minute apart.
    private func registry(_ world: TestWorld, versions: Int) async throws -> Registry {
        let registry = world.registry(try world.ledger())
        for number in 1...versions {
            let data = Array("\(number / 2)".utf8)
            // Two versions of the same data.
            world.files.put(world.folders.snapshot(Digest.hex(data)), data)
            let staged = try await world.stage("s\(number)")
            _ = try await registry.register(staged: staged, snapshot: Digest.hex(data), verdict: nil, uid: 1)
            try await registry.move(.promote, to: number, uid: 1, reason: "test")
            world.clock.advance(seconds: 60)
        }
        return registry
    }

    private func numbers(_ registry: Registry) async throws -> [Int] { try await registry.versions().map(\.version) }

    private func snapshots(_ world: TestWorld) -> Set<String> {
        Set(
            world.files.paths.filter { $0.hasPrefix(world.folders.snapshots + "/") }.compactMap(world.files.text)
        )
    }

    @Test func `keeps the last ones, and what an alias names`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 7)
        try await registry.nominate(2, uid: 1, reason: "wait", verdict: nil)
        try await registry.move(.rollback, to: 4, uid: 1, reason: "back")
        #expect(try await registry.aliases() == [.champion: 4, .candidate: 2, .lastGood: 3])
        #expect(try await registry.collect(keep: 2, answeredSince: Self.always, uid: 5) == [1, 5])
        #expect(try await numbers(registry) == [2, 3, 4, 6, 7])
        let folders = try world.files.list(world.folders.versions)
        #expect(folders == [2, 3, 4, 6, 7].map { Folders.name(of: $0) })
        // Of the data, that of version 1 alone; version 5's is version 4's, too.
        #expect(snapshots(world) == ["1", "2", "3"])
        #expect(try await registry.collect(keep: 2, answeredSince: Self.always, uid: 5) == [])
        #expect(try await registry.verify().isWhole)
        let events = try await registry.ledger.read { db in
            try String.fetchAll(db, sql: "SELECT payload FROM events WHERE kind = 'model.collected'")
        }
        #expect(events.count == 1)
        let collected = JSON(stored: events.first)?["versions"]?.array ?? []
        #expect(collected.map { $0["version"] } == [1, 5])
    }

    @Test func `keeps every version that answered since`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 5)
        let moves = try await registry.history(limit: 100).filter { $0.alias == .champion }.reversed()
        let began = moves.map(\.at)
        // A moment at which 3 answered; from then on 3, 4 and 5 did.
        let cutoff = Timestamp(microseconds: began[2].microseconds + 1)
        #expect(try await registry.collect(keep: 1, answeredSince: cutoff, uid: 5) == [1, 2])
        // 3 answered up to the moment at which 4 took over.
        #expect(try await registry.collect(keep: 1, answeredSince: began[3], uid: 5) == [])
        let after = Timestamp(microseconds: began[3].microseconds + 1)
        #expect(try await registry.collect(keep: 1, answeredSince: after, uid: 5) == [3])
        #expect(try await numbers(registry) == [4, 5])
    }

    @Test func `keeps what answers although no alias says so`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 4)
        #expect(try await registry.collect(keep: 1, answeredSince: Self.always, answering: 2, uid: 5) == [1])
    }

    @Test func `of versions that came back counts their last time`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 4)
        try await registry.move(.rollback, to: 2, uid: 1, reason: "back")
        let cutoff = world.clock.now
        world.clock.advance(seconds: 60)
        try await registry.move(.promote, to: 4, uid: 1, reason: "forth")
        #expect(try await registry.collect(keep: 1, answeredSince: cutoff, uid: 5) == [1, 3])
    }

    @Test func `leaves last-good and a rollback to what is there`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 5)
        _ = try await registry.collect(keep: 1, answeredSince: Self.always, uid: 5)
        #expect(try await registry.aliases() == [.champion: 5, .lastGood: 4])
        try await registry.move(.rollback, to: 4, uid: 1, reason: "back")
        // The one before was collected.
        #expect(try await registry.aliases() == [.champion: 4])
        let error = await #expect(throws: RPCError.self) {
            try await registry.move(.promote, to: 3, uid: 1, reason: "gone")
        }
        #expect(error?.reason == .notFound)
        #expect(error?.message.contains("was collected on 2026-03-01") == true)
        let staged = try await world.stage("next")
        let next = try await registry.register(staged: staged, snapshot: "s", verdict: nil, uid: 1)
        #expect(next.version == 6)
    }

    @Test func `leaves the data alone that a training has just stored`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 5)
        let data = Array("0".utf8)
        let used = try await registry.storing { Digest.hex(data) }
        _ = try await registry.collect(keep: 1, answeredSince: Self.always, uid: 5)
        #expect(snapshots(world) == ["0", "2"])
        #expect(used == Digest.hex(data))
        await registry.endTraining()
        _ = try await registry.collect(keep: 1, answeredSince: Self.always, uid: 5)
        #expect(snapshots(world) == ["2"])
    }

    @Test func `leaves none of the data of a training that came to nothing`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let living = snapshots(world)
        #expect(!living.isEmpty)
        try await admin.call("feedback.submit", ["text": "a kangaroo in the parcel", "intent": "delivery"])
        world.child.behave(.fail("no memory"))
        #expect(try await admin.retrain()["state"] == "failed")
        #expect(snapshots(world) == living)
        world.child.behave(.hang)
        let job = try await admin.call("retrain")["job"] ?? .null
        var starts = world.child.starts.makeAsyncIterator()
        for _ in 0..<3 { await starts.next() }
        // Until a version names them, the data lie in the job's folder.
        #expect(snapshots(world) == living)
        #expect(try await admin.call("jobs.cancel", ["job": job])["state"] == "cancelled")
        #expect(snapshots(world) == living)
        // One that is trained, and cannot be registered, has put its data where versions have theirs.
        world.child.behave(.train)
        world.files.set(.broken(world.folders.version(2)))
        #expect(try await admin.retrain()["state"] == "failed")
        world.files.set(.none)
        #expect(snapshots(world) == living)
        #expect(!world.files.paths.contains { $0.hasPrefix(world.folders.staging + "/") })
        // What a crash has left goes with the next collection.
        let lost = Array("lost".utf8)
        world.files.put(world.folders.snapshot(Digest.hex(lost)), lost)
        world.files.put(world.folders.labelErrors(Digest.hex(lost)), lost)
        _ = try await admin.engine.registry.collect(keep: 10, answeredSince: Self.always, uid: 5)
        #expect(snapshots(world) == living)
    }

    @Test func `that could not remove the folders does so the next time, and they are adopted by nobody`() async throws
    {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 5)
        world.files.set(.broken("remove \(world.folders.version(2))"))
        await #expect(throws: FileError.self) {
            _ = try await registry.collect(keep: 1, answeredSince: Self.always, uid: 5)
        }
        world.files.set(.none)
        #expect(try await numbers(registry) == [4, 5])
        #expect(try world.files.list(world.folders.versions).count == 4)
        #expect(try await registry.adoptFolders(uid: 1) == 0)
        let engine = try await TestWorld(after: world, files: world.files).engine()
        #expect(try await numbers(engine.registry) == [4, 5])
        #expect(try world.files.list(world.folders.versions) == ["000004", "000005"])
        #expect(snapshots(world) == ["2"])
    }

    @Test func `that broke off in a folder leaves nothing that an empty ledger would adopt`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 4)
        world.files.observe { [files = world.files, folder = world.folders.version(1)] operation in
            if operation == "remove \(folder)" { files.set(.broken("remove \(folder)")) }
        }
        _ = try? await registry.collect(keep: 1, answeredSince: Self.always, uid: 5)
        world.files.observe(nil)
        world.files.set(.none)
        #expect(try world.files.list(world.folders.versions).contains("000001"))
        let empty = try Ledger(path: nil, clock: world.clock.clock, randomness: .seeded(9), projections: .all)
        let fresh = world.registry(empty)
        _ = try await fresh.adoptFolders(uid: 0)
        #expect(try await !numbers(fresh).contains(1))
    }

    @Test func `follows a registration, and says of what is gone that it is gone`() async throws {
        let world = try TestWorld {
            $0.registry.keep = 1
            $0.telemetry.keep = 3_600
            $0.telemetry.rotateAge = 3_600
        }
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        let answer = try await admin.chat("where is my parcel")
        for _ in 0..<2 { #expect(try await admin.retrain()["state"] == "done") }
        // Version 1 answered less than two hours ago.
        #expect(try await numbers(admin.engine.registry) == [1, 2, 3])
        world.clock.advance(seconds: 3 * 3_600)
        #expect(try await admin.retrain()["state"] == "done")
        #expect(try await numbers(admin.engine.registry) == [3, 4])
        let listed = try await admin.call("models.list")["models"]?.array ?? []
        #expect(listed.map { $0["version"] } == [3, 4])
        for (method, params) in [
            ("models.show", ["version": 1]), ("models.promote", ["version": 1, "reason": "r"]),
            ("models.rollback", ["version": 1, "reason": "r"]), ("models.diff", ["from": 1, "to": 4]),
            ("models.reject", ["version": 1, "reason": "r"]), ("explain", ["id": answer["id"] ?? .null]),
        ] as [(String, JSON)] {
            let refusal = try await admin.refusal(method, params)
            #expect(refusal.reason == "not_found", "\(method)")
            #expect(refusal.message.contains("was collected on 2026-03-01"), "\(method): \(refusal.message)")
        }
        let moves = try await admin.call("models.history")["moves"]?.array ?? []
        #expect(moves.last?["to"] == 1)
        #expect(try await admin.call("verify")["ok"] == true)
    }

    @Test func `comes once an hour, after ten minutes of a plausible clock`() async throws {
        let world = try TestWorld {
            $0.registry.keep = 1
            $0.telemetry.keep = 1
            $0.telemetry.rotateAge = 1
        }
        let engine = try await world.engine()
        let admin = Client(engine, uid: 0, role: .admin)
        for _ in 0..<2 { #expect(try await admin.retrain()["state"] == "done") }
        func pass(_ seconds: Double) async throws -> [Int] {
            world.clock.advance(seconds: seconds)
            await engine.tick().value
            return try await numbers(engine.registry)
        }
        #expect(try await pass(0) == [1, 2, 3])
        #expect(try await pass(3_500) == [1, 2, 3])
        #expect(try await pass(200) == [2, 3])
    }
}
