import Learning
import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The registry` {
    /// A registry with so many versions, the last of them champion.
    private func registry(_ world: TestWorld, versions: Int) async throws -> Registry {
        let registry = world.registry(try world.ledger())
        for number in 1...versions {
            let staged = try await world.stage("s\(number)")
            let version = try await registry.register(staged: staged, snapshot: "snap", verdict: nil, uid: 1)
            #expect(version.version == number)
            try await registry.move(.promote, to: number, uid: 1, reason: "test")
        }
        return registry
    }

    private func links(_ world: TestWorld) -> [Alias: Int] {
        var links: [Alias: Int] = [:]
        for alias in Alias.allCases {
            links[alias] = world.files.target(world.folders.alias(alias))?.split(separator: "/").last.flatMap {
                Int($0)
            }
        }
        return links
    }

    @Test func `moves the champion, and last-good with it`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 3)
        #expect(try await registry.aliases() == [.champion: 3, .lastGood: 2])
        #expect(links(world) == [.champion: 3, .lastGood: 2])
        #expect(try await registry.move(.rollback, to: 2, uid: 1, reason: "bad") == 3)
        #expect(try await registry.aliases() == [.champion: 2, .lastGood: 1])
        #expect(links(world) == [.champion: 2, .lastGood: 1])
        try await registry.move(.rollback, to: 1, uid: 1, reason: "bad")
        #expect(try await registry.aliases() == [.champion: 1])
        #expect(links(world) == [.champion: 1])
        #expect(world.files.text(world.folders.metadataLink)?.contains("\"version\":1") == true)
    }

    @Test func `knows the folders again after the ledger was lost`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 3)
        try await registry.move(.rollback, to: 2, uid: 1, reason: "bad")
        let empty = try Ledger(path: nil, clock: world.clock.clock, randomness: .seeded(9), projections: .all)
        let fresh = world.registry(empty)
        #expect(try await fresh.adoptFolders(uid: 0) == 3)
        #expect(try await fresh.versions().map(\.version) == [1, 2, 3])
        #expect(try await fresh.aliases() == [.champion: 2])
        #expect(try await fresh.model(3).digest == registry.model(3).digest)
        #expect(try await fresh.adoptFolders(uid: 0) == 0)
        let staged = try await world.stage("next")
        let next = try await fresh.register(staged: staged, snapshot: "snap", verdict: nil, uid: 1)
        #expect(next.version == 4)
    }

    @Test func `names what was rolled back from until it is promoted again`() async throws {
        let registry = try await registry(try TestWorld(), versions: 3)
        try await registry.move(.rollback, to: 2, uid: 1, reason: "bad")
        #expect(try await registry.rolledBack() == [3])
        try await registry.move(.promote, to: 3, uid: 1, reason: "after all")
        #expect(try await registry.rolledBack().isEmpty)
    }

    @Test func `moves nothing when somebody else was faster`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 2)
        let error = await #expect(throws: RPCError.self) {
            try await registry.move(.promote, to: 1, uid: 1, reason: "late", expected: 1)
        }
        #expect(error?.reason == .conflict)
        #expect(try await registry.aliases()[.champion] == 2)
        #expect(try await registry.history(limit: 1).first?.entry.reason == "test")
        try await registry.move(.promote, to: 1, uid: 1, reason: "right", expected: 2)
        #expect(try await registry.aliases()[.champion] == 1)
    }

    @Test func `lets one of two who expect the same champion win`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 3)
        let outcomes = await withTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for target in [1, 2] {
                group.addTask {
                    (try? await registry.move(.promote, to: target, uid: 1, reason: "race", expected: 3)) != nil
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(outcomes.count { $0 } == 1)
        #expect(
            try await registry.aliases() == [.champion: links(world)[.champion], .lastGood: 3].compactMapValues { $0 }
        )
    }

    @Test func `remakes the links from the ledger`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 2)
        try world.files.remove(world.folders.alias(.champion))
        try world.files.link(world.folders.alias(.candidate), to: "../versions/000001")
        try world.files.link(world.folders.alias(.lastGood), to: "../versions/000099")
        await registry.remakeLinks()
        #expect(links(world) == [.champion: 2, .lastGood: 1])
    }

    @Test func `knows how the aliases stood at any time`() async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 1)
        let first = world.clock.now
        world.clock.advance(seconds: 60)
        _ = try await registry.register(staged: try await world.stage("b"), snapshot: "s", verdict: nil, uid: 1)
        try await registry.nominate(2, uid: 1, reason: "wait", verdict: "pass")
        let second = world.clock.now
        world.clock.advance(seconds: 60)
        try await registry.move(.promote, to: 2, uid: 9, reason: "now", verdict: "pass")
        #expect(try await registry.aliases(at: Timestamp(microseconds: 0)) == [:])
        #expect(try await registry.aliases(at: first) == [.champion: 1])
        #expect(try await registry.aliases(at: second) == [.champion: 1, .candidate: 2])
        #expect(try await registry.aliases(at: world.clock.now) == [.champion: 2, .lastGood: 1])
        let moves = try await registry.history(limit: 100)
        #expect(moves.map(\.alias) == [.candidate, .lastGood, .champion, .candidate, .champion])
        #expect(
            moves.first { $0.alias == .champion }?.entry
                == Move.Entry(kind: .promote, uid: 9, reason: "now", verdict: "pass")
        )
    }

    @Test(arguments: [VersionFolder.modelFile, VersionFolder.metadataFile])
    func `gives no model out that is not the one registered`(file: String) async throws {
        let world = try TestWorld()
        let registry = try await registry(world, versions: 1)
        _ = try await registry.model(1)
        let path = world.folders.version(1) + "/" + file
        let good = try #require(world.files.bytes(path))
        var generator = SeededGenerator(seed: 71)
        for _ in 0..<50 {
            var bad = good
            switch generator.below(3) {
            case 0: bad = Array(bad.prefix(generator.below(bad.count)))
            case 1: bad[generator.below(bad.count)] ^= UInt8(1 << generator.below(8))
            default: bad += [0]
            }
            world.files.put(path, bad)
            guard let served = try? await registry.model(1) else { continue }
            // Metadata may be damaged where nothing depends on it.
            #expect(file == VersionFolder.metadataFile)
            #expect(
                served.digest
                    == Digest.hex(world.files.bytes(world.folders.version(1) + "/" + VersionFolder.modelFile) ?? [])
            )
        }
        try world.files.remove(path)
        await #expect(throws: VersionError.missing(file)) { _ = try await registry.model(1) }
    }
}

@Suite struct `Moves over the socket` {
    @Test func `swap before they reply, and go back at once`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for text in ["late box", "lost box"] {
            _ = try await admin.call("feedback.submit", ["text": .string(text), "intent": "delivery"])
            #expect(try await admin.retrain()["state"] == "done")
        }
        #expect(try await admin.chat("hello there")["model"] == 3)
        #expect(try await admin.call("models.rollback", ["reason": "r"]) == ["champion": 2, "previous": 3])
        #expect(try await admin.chat("hello there")["model"] == 2)
        #expect(try await admin.call("models.rollback", ["reason": "r"]) == ["champion": 1, "previous": 2])
        #expect(try await admin.refusal("models.rollback", ["reason": "r"]).reason == "not_found")
        let refusal = try await admin.refusal("models.promote", ["version": 3, "reason": "r", "expected": 3])
        #expect(refusal.reason == "conflict")
        #expect(try await admin.call("models.promote", ["version": 3, "reason": "r", "expected": 1])["champion"] == 3)
        #expect(try await admin.refusal("models.promote", ["version": 9, "reason": "r"]).reason == "not_found")
        #expect(try await admin.refusal("models.promote", ["version": 3]).field == "reason")
        #expect(try await admin.refusal("models.promote", ["reason": "r"]).reason == "not_found")
    }

    @Test func `to a version that cannot be read move nothing`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await admin.retrain()["state"] == "done")
        world.files.put(world.folders.version(1) + "/" + VersionFolder.modelFile, "junk")
        #expect(try await admin.refusal("models.rollback", ["reason": "r"]).reason == "not_found")
        #expect(try await admin.call("status")["champion"] == 2)
        #expect(try await admin.chat("hello there")["model"] == 2)
    }

    @Test func `at once end with every loop on the champion`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        for _ in 0..<3 { _ = try await admin.retrain() }
        for _ in 0..<10 {
            await withTaskGroup(of: Void.self) { group in
                for version in 1...4 {
                    group.addTask {
                        _ = try? await admin.call("models.promote", ["version": .integer(version), "reason": "race"])
                    }
                }
            }
            let champion = try await admin.call("status")["champion"]
            #expect(try await admin.chat("hello there")["model"] == champion)
            #expect(try await admin.engine.registry.aliases()[.champion] == champion?.int)
        }
    }

    @Test func `that are taken back half-way end where the registry says`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        _ = try await admin.retrain()
        let request = Mutex<Task<Void, Never>?>(nil)
        world.files.observe { operation in
            // The champion's link is made right after the commit.
            if operation.hasPrefix("link") { request.withLock { $0?.cancel() } }
        }
        request.withLock { request in
            request = Task { _ = try? await admin.call("models.rollback", ["reason": "r"]) }
        }
        await request.withLock { $0 }?.value
        world.files.observe(nil)
        let champion = try await admin.engine.registry.aliases()[.champion]
        #expect(try await admin.chat("hello there")["model"]?.int == champion)
        #expect(try await admin.call("status")["champion"]?.int == champion)
        #expect(champion == 1)
    }

    @Test func `show in models.list, models.show and models.history`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        _ = try await admin.retrain()
        let models = try await admin.call("models.list")["models"]?.array ?? []
        #expect(models.map { $0["version"] } == [1, 2])
        #expect(models.map { $0["aliases"] } == [["last-good"], ["champion"]])
        let shown = try await admin.call("models.show", ["version": 2])
        #expect(shown["metadata"]?["version"] == 2)
        #expect(shown["metadata"]?["intents"] == ["delivery", "greeting", "hours", "refund"])
        #expect(shown["evaluation"]?["accuracy"]?.double ?? 0 > 0.5)
        #expect(shown["verdict"]?["verdict"] != nil)
        #expect(try await admin.refusal("models.show", ["version": 3]).reason == "not_found")
        let moves = try await admin.call("models.history")["moves"]?.array ?? []
        #expect(moves.first { $0["alias"] == "champion" }?["to"] == 2)
        #expect(moves.last?["reason"] == "first version")
        let then = try await admin.call("models.history", ["at": moves.last?["at"] ?? .null])
        #expect(then["aliases"]?["champion"] == 1)
    }
}
