import TestSupport
import Testing
import Wire
import World

@testable import Engine

/// The power goes off at every single operation on the disk: afterwards the old state or the new one is there, never a
/// third, and the next start serves.
@Suite struct `A crash` {
    enum Act: String, CaseIterable, Sendable {
        case register, promote, rollback, reject, collect
    }

    /// A host with two versions, 2 being champion, and a third staged; to reject one, the third waits; to collect one,
    /// the third is champion, and nobody needs the first any more.
    private func prepared(
        _ act: Act
    ) async throws -> (world: TestWorld, registry: Registry, ledger: Ledger, staged: String) {
        let world = try TestWorld()
        let ledger = try world.ledger()
        let registry = world.registry(ledger)
        for number in 1...(act == .collect ? 3 : 2) {
            let staged = try await world.stage("s\(number)")
            let data = Array("\(number)".utf8)
            world.files.put(world.folders.snapshot(Digest.hex(data)), data)
            _ = try await registry.register(staged: staged, snapshot: Digest.hex(data), verdict: nil, uid: 1)
            try await registry.move(.promote, to: number, uid: 1, reason: "test")
        }
        if act == .reject {
            let waiting = try await world.stage("waiting")
            _ = try await registry.register(staged: waiting, snapshot: "s", verdict: nil, uid: 1)
            try await registry.nominate(3, uid: 1, reason: "test", verdict: nil)
        }
        return (world, registry, ledger, try await world.stage("next"))
    }

    private func perform(_ act: Act, _ registry: Registry, _ staged: String) async throws {
        switch act {
        case .register: _ = try await registry.register(staged: staged, snapshot: "s", verdict: nil, uid: 1)
        case .promote:
            let version = try await registry.register(staged: staged, snapshot: "s", verdict: nil, uid: 1).version
            try await registry.move(.promote, to: version, uid: 1, reason: "crash")
        case .rollback: try await registry.move(.rollback, to: 1, uid: 1, reason: "crash")
        case .reject: _ = try await registry.reject(nil, uid: 1, reason: "crash", expected: nil)
        case .collect:
            _ = try await registry.collect(keep: 1, answeredSince: Timestamp(microseconds: .max), uid: 1)
        }
    }

    @Test(arguments: Act.allCases, [false, true])
    func `leaves the old registry or the new one`(act: Act, afterEffect: Bool) async throws {
        var operation = 1
        var finished = false
        while !finished {
            let (world, registry, ledger, staged) = try await prepared(act)
            world.files.set(.crash(at: operation, afterEffect: afterEffect))
            try? await perform(act, registry, staged)
            finished = !world.files.isDead
            try ledger.close()
            #expect(operation < 40)

            let again = TestWorld(after: world, files: world.files.afterCrash())
            let engine = try await again.engine()
            let client = Client(engine)
            let aliases = try await engine.registry.aliases()
            let versions = try await engine.registry.versions().map(\.version)
            switch act {
            case .register: #expect(aliases == [.champion: 2, .lastGood: 1])
            case .promote: #expect(aliases == [.champion: 2, .lastGood: 1] || aliases == [.champion: 3, .lastGood: 2])
            case .rollback: #expect(aliases == [.champion: 2, .lastGood: 1] || aliases == [.champion: 1])
            case .reject:
                #expect(
                    aliases == [.champion: 2, .lastGood: 1, .candidate: 3] || aliases == [.champion: 2, .lastGood: 1]
                )
                #expect(try await engine.registry.rejected() == (aliases[.candidate] == nil ? [3] : []))
            case .collect: #expect(aliases == [.champion: 3, .lastGood: 2])
            }
            switch act {
            case .register, .promote: #expect(versions == [1, 2] || versions == [1, 2, 3])
            case .rollback: #expect(versions == [1, 2])
            case .reject: #expect(versions == [1, 2, 3])
            case .collect:
                // All of it is there, or nothing of it is left.
                #expect(versions == [1, 2, 3] || versions == [2, 3])
                let isKept = versions.contains(1)
                #expect(again.files.paths.contains { $0.hasPrefix(again.folders.version(1)) } == isKept)
                let data = again.folders.snapshot(Digest.hex(Array("1".utf8)))
                #expect((again.files.status(data) != nil) == isKept)
                #expect(again.files.status(again.folders.snapshot(Digest.hex(Array("2".utf8)))) != nil)
            }
            #expect(try await engine.registry.verify().isWhole)
            // The links say what the ledger says, every version that it names can be read, and the champion serves.
            #expect(
                again.files.target(again.folders.alias(.champion))
                    == "../versions/\(Folders.name(of: aliases[.champion] ?? 0))"
            )
            for version in versions { _ = try await engine.registry.model(version) }
            #expect(try await client.chat("where is my parcel")["model"]?.int == aliases[.champion])
            #expect(try await client.call("status")["degraded"] == [])
            #expect(again.child.orders.isEmpty)
            // And the next version finds its place.
            let next = try await again.stage("later")
            let number = try await engine.registry.register(staged: next, snapshot: "s", verdict: nil, uid: 1).version
            #expect(number == (versions.last ?? 0) + 1)
            _ = try await engine.registry.model(number)
            engine.finish()
            operation += 1
        }
    }

    @Test(arguments: [false, true])
    func `at any operation of a retraining leaves a daemon that serves, and no acknowledged feedback is lost`(
        afterEffect: Bool
    ) async throws {
        var operation = 1
        var finished = false
        while !finished {
            let world = try TestWorld()
            let first = Client(try await world.engine(), uid: 0, role: .admin)
            let receipt = try await first.call("feedback.submit", ["text": "late box", "intent": "delivery"])
            world.files.set(.crash(at: operation, afterEffect: afterEffect))
            let job = try await first.retrain()
            finished = !world.files.isDead
            #expect(operation < 60)

            let again = TestWorld(after: world, files: world.files.afterCrash())
            let client = Client(try await again.engine(), uid: 0, role: .admin)
            let champion = try await client.engine.registry.aliases()[.champion]
            #expect(champion == 1 || champion == 2)
            if job["state"] == "done" { #expect(champion == 2) }
            #expect(try await client.chat("where is my parcel")["model"]?.int == champion)
            #expect(try await client.call("status")["degraded"] == [])
            let kept = try await client.call("feedback.list")["items"]?.array ?? []
            #expect(kept.map { $0["feedback_id"] } == [receipt["feedback_id"]])
            #expect(!again.files.paths.contains { $0.contains("/staging/") })
            #expect(try await client.call("jobs.get", ["job": job["job"] ?? .null])["state"] != "running")
            if operation.isMultiple(of: 4) { #expect(try await client.retrain()["state"] == "done") }
            operation += 1
        }
    }

    @Test func `of the whole process while it trains leaves an interrupted job and the old champion`() async throws {
        let world = try TestWorld()
        let first = Client(try await world.engine(), uid: 0, role: .admin)
        world.child.behave(.hang)
        let job = try await first.call("retrain")["job"] ?? .null
        let again = TestWorld(after: world, files: world.files.afterCrash())
        let client = Client(try await again.engine(), uid: 0, role: .admin)
        let record = try await client.call("jobs.get", ["job": job])
        #expect(record["state"] == "failed")
        #expect(record["error"] == "interrupted")
        #expect(try await client.call("status")["champion"] == 1)
        #expect(try await client.retrain()["state"] == "done")
        await first.engine.jobs.stop()
    }
}
