import FoundationEssentials
import GRDB
import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A start` {
    @Test func `trains the first model where there is none`() async throws {
        let world = try TestWorld()
        let engine = try await Engine(world.environment, world.configuration)
        let client = Client(engine)
        #expect(try await client.refusal("chat", ["message": "hello"]).reason == "no_model")
        await engine.bringUp()
        #expect(try await client.chat("hello there")["model"] == 1)
        #expect(try await client.call("status")["degraded"] == [])
        #expect(world.child.orders.count == 1)
        // And only the first time.
        engine.finish()
        let again = TestWorld(after: world, files: world.files)
        #expect(try await Client(try await again.engine()).chat("hello there")["model"] == 1)
        #expect(again.child.orders.isEmpty)
    }

    @Test func `makes its data from intents.yaml where there is none`() async throws {
        let world = try TestWorld(data: nil)
        #expect(try await Client(try await world.engine()).chat("track my package")["intent"] == "delivery")
        #expect(world.files.bytes(world.folders.dataFile) != nil)
    }

    @Test func `without any data serves everything but a model, and says what to do`() async throws {
        let world = try TestWorld(data: nil, yaml: nil)
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        let refusal = try await client.refusal("chat", ["message": "hello"])
        #expect(refusal.reason == "no_model")
        #expect(refusal.code == -32_008)
        #expect(refusal.message.contains("intentd prepare"))
        for method in ["predict", "explain"] {
            #expect(try await client.refusal(method, ["text": "a"]).reason == "no_model")
        }
        let status = try await client.call("status")
        #expect(status["champion"] == .null)
        #expect(status["degraded"]?.array?.contains { $0["feature"] == "model" } == true)
        _ = try await client.call("metrics")
        // Data comes, and everything is well again.
        world.files.put(world.folders.dataFile, DataFile.csv(Shop.rows))
        #expect(try await client.retrain()["state"] == "done")
        #expect(try await client.chat("hello there")["model"] == 1)
        #expect(try await client.call("status")["degraded"] == [])
    }

    @Test(arguments: ["text,intent\n", "nonsense", "text,intent\na,b\n"])
    func `with unusable data says why`(data: String) async throws {
        let world = try TestWorld(yaml: nil)
        world.files.put(world.folders.dataFile, data)
        let client = Client(try await world.engine())
        #expect(try await client.refusal("chat", ["message": "hello"]).message.contains("intents.csv"))
    }

    private func twoVersions() async throws -> TestWorld {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        #expect(try await admin.retrain()["state"] == "done")
        admin.engine.finish()
        return world
    }

    static let damages: [String] = ["junk", "missing", "other", "metadata", "unreadable"]

    @Test(arguments: damages)
    func `with a damaged champion falls back to last-good, and says so`(damage: String) async throws {
        let world = try await twoVersions()
        let folder = world.folders.version(2)
        switch damage {
        case "junk": world.files.put(folder + "/model.safetensors", "junk")
        case "unreadable": world.files.set(.broken("read \(folder)"))
        case "missing": try world.files.remove(folder)
        case "other":
            world.files.put(
                folder + "/model.safetensors",
                (world.files.bytes(folder + "/model.safetensors") ?? []) + [0]
            )
        default: world.files.put(folder + "/metadata.json", "{}")
        }
        let again = TestWorld(after: world, files: world.files)
        let client = Client(try await again.engine(), uid: 0, role: .admin)
        #expect(try await client.chat("hello there")["model"] == 1)
        let status = try await client.call("status")
        #expect(status["champion"] == 1)
        #expect(
            status["degraded"]?.array?.first { $0["feature"] == "model" }?["reason"]?.string?.contains("version 2")
                == true
        )
        #expect(again.child.orders.isEmpty)
        let move = try await client.call("models.history", ["limit": 10])["moves"]?.array?.first {
            $0["alias"] == "champion"
        }
        #expect(move?["to"] == 1)
        #expect(move?["uid"] == 990)
        // A new version makes good.
        #expect(try await client.retrain()["state"] == "done")
        #expect(try await client.call("status")["degraded"] == [])
    }

    @Test func `with no version that can be read trains a new one`() async throws {
        let world = try await twoVersions()
        for version in 1...2 { world.files.put(world.folders.version(version) + "/model.safetensors", "junk") }
        let again = TestWorld(after: world, files: world.files)
        let client = Client(try await again.engine(), uid: 0, role: .admin)
        #expect(try await client.chat("hello there")["model"] == 3)
        #expect(try await client.call("status")["champion"] == 3)
    }

    @Test(arguments: [false, true])
    func `does not fall back to a version that waits, or that was rolled back from`(wasChampion: Bool) async throws {
        let world = try await twoVersions()
        let ledger = try world.ledger()
        let registry = world.registry(ledger)
        let staged = try await world.stage("waiting")
        _ = try await registry.register(staged: staged, snapshot: "s", verdict: ["verdict": "pass"], uid: 1)
        if wasChampion {
            try await registry.move(.promote, to: 3, uid: 1, reason: "to try it")
            try await registry.move(.rollback, to: 2, uid: 1, reason: "it is bad")
        } else {
            try await registry.nominate(3, uid: 1, reason: "waits", verdict: "pass")
        }
        try ledger.close()
        for version in 1...2 { world.files.put(world.folders.version(version) + "/model.safetensors", "junk") }
        let again = TestWorld(after: world, files: world.files)
        #expect(try await Client(try await again.engine()).chat("hello there")["model"] == 4)
    }

    @Test func `does not fall back to a version that the gate refused`() async throws {
        let world = try await twoVersions()
        let ledger = try world.ledger()
        let registry = world.registry(ledger)
        let staged = try await world.stage("refused")
        _ = try await registry.register(staged: staged, snapshot: "s", verdict: ["verdict": "fail"], uid: 1)
        try ledger.close()
        for version in 1...2 { world.files.put(world.folders.version(version) + "/model.safetensors", "junk") }
        let again = TestWorld(after: world, files: world.files)
        #expect(try await Client(try await again.engine()).chat("hello there")["model"] == 4)
    }

    @Test func `serves last-good though the ledger takes no writes`() async throws {
        let world = try await twoVersions()
        let ledger = try world.ledger()
        try await ledger.write {
            try $0.db.execute(sql: "CREATE TRIGGER full BEFORE INSERT ON moves BEGIN SELECT raise(ABORT, 'no'); END")
        }
        try ledger.close()
        world.files.put(world.folders.version(2) + "/model.safetensors", "junk")
        let again = TestWorld(after: world, files: world.files)
        again.child.behave(.fail("no room"))
        #expect(try await Client(try await again.engine()).chat("hello there")["model"] == 1)
    }

    @Test(arguments: ["junk", "header", "schema", "middle", "empty", "missing"])
    func `puts a damaged database aside and begins a new one`(damage: String) async throws {
        let world = try await twoVersions()
        let path = world.folders.database
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        switch damage {
        case "junk": bytes = Array(repeating: 0x5A, count: 8_192)
        case "header": for index in 0..<64 { bytes[index] = 0xFF }
        // The number of a schema that there never was.
        case "schema": for index in 60..<64 { bytes[index] = 0xFF }
        case "middle": for index in 4_096..<(bytes.count - 10) { bytes[index] = 0xA5 }
        default: bytes = []
        }
        if damage == "missing" {
            try FileManager.default.removeItem(atPath: path)
        } else {
            try Data(bytes).write(to: URL(filePath: path))
        }
        for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        let files = world.files
        let again = TestWorld(after: world, files: files)
        let client = Client(try await again.engine(), uid: 0, role: .admin)
        #expect(try await client.chat("hello there")["route"] == "local")
        #expect(
            try await client.call("feedback.submit", ["text": "late box", "intent": "delivery"])["state"] == "accepted"
        )
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "database" })
        if damage != "missing" {
            let quarantine = try FileManager.default.contentsOfDirectory(atPath: again.folders.quarantine)
            #expect(quarantine.contains { $0.hasPrefix("intentd.sqlite.") })
        }
        // The folders tell what the database knew: who answered answers on, and numbers go on.
        #expect(files.bytes(again.folders.version(1) + "/model.safetensors") != nil)
        #expect(try await client.engine.registry.aliases()[.champion] == 2)
        #expect(try await client.engine.registry.versions().map(\.version) == [1, 2])
    }

    @Test func `leaves a database alone that is only locked out of its disk`() async throws {
        let world = try await twoVersions()
        let path = world.folders.database
        let whole = try Data(contentsOf: URL(filePath: path))
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let again = TestWorld(after: world, files: world.files)
        await #expect(throws: StorageError.self) { _ = try await again.engine() }
        #expect(!FileManager.default.fileExists(atPath: again.folders.quarantine))
        try FileManager.default.removeItem(atPath: path)
        try whole.write(to: URL(filePath: path))
        #expect(try await Client(try await again.engine()).chat("hello there")["model"] == 2)
    }

    @Test func `forgets what a child left half-built`() async throws {
        let world = try TestWorld()
        world.files.put(world.folders.models + "/staging/old/model.safetensors", "half")
        _ = try await world.engine()
        #expect(!world.files.paths.contains { $0.contains("staging/old") })
    }

    @Test func `with responses that cannot be read serves without them, and says so`() async throws {
        let world = try TestWorld(yaml: "intents: [")
        let client = Client(try await world.engine())
        #expect(try await client.chat("where is my parcel")["reply"] == "I think this is about delivery.")
        #expect(try await client.call("status")["degraded"]?.array?.map { $0["feature"] } == ["responses"])
    }
}

@Suite struct `A reload` {
    @Test func `applies configuration and responses at once`() async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        world.configuration.local.threshold = 0.999
        world.files.put(world.folders.intents, Shop.yaml.replacing("Hello!", with: "Good day!"))
        #expect(
            try await admin.call("reload") == ["changed": ["something", "responses.greeting"], "needs_restart": []]
        )
        let answer = try await admin.chat("hello there", [Member("mode", "local")])
        #expect(answer["reply"] == "Good day!")
        #expect(abs((answer["threshold"]?.double ?? 0) - 0.999) < 1e-6)
    }

    @Test(arguments: [true, false])
    func `of something wrong changes nothing`(isConfiguration: Bool) async throws {
        let world = try TestWorld()
        let admin = Client(try await world.engine(), uid: 0, role: .admin)
        world.configuration.local.threshold = 0.999
        if isConfiguration {
            world.breakConfiguration("line 3: unknown key")
        } else {
            world.files.put(world.folders.intents, "intents: [")
        }
        #expect(try await admin.refusal("reload").reason == "invalid_params")
        let answer = try await admin.chat("hello there")
        #expect(answer["threshold"] == 0.5)
        #expect(answer["reply"] == "Hello!")
    }
}
