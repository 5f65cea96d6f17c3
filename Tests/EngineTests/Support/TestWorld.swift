import Classifier
import Engine
import FoundationEssentials
import Learning
import Logging
import Synchronization
import TestSupport
import World

/// Everything an engine is handed, in the hands of a test. Only the database lies on the real disk, in a folder of its own.
final class TestWorld: Sendable {
    let root: String
    let files: MemoryFileSystem
    let clock: ManualClock
    let child: FakeChild
    /// nil: there is no way to ask one.
    let llm: FakeLLM?
    let folders: Folders
    private let ownsRoot: Bool
    private let settings: Mutex<Configuration>
    private let configurationError = Mutex<String?>(nil)
    private let seed: UInt64

    /// - Parameters:
    ///   - data: rows of `intents.csv`; nil for no file.
    ///   - configure: changes to the defaults; the threshold is 0.5 unless it says otherwise, for few rows prove none.
    init(
        data: [DataRow]? = Shop.rows,
        yaml: String? = Shop.yaml,
        clock: ManualClock = ManualClock(),
        llm: FakeLLM? = nil,
        configure: (inout Configuration) -> Void = { _ in }
    ) throws {
        root = FileManager.default.temporaryDirectory.path + "/intentd-tests-\(UUID().uuidString)"
        ownsRoot = true
        try FileManager.default.createDirectory(atPath: root + "/data", withIntermediateDirectories: true)
        files = MemoryFileSystem()
        self.clock = clock
        self.llm = llm
        seed = 1
        folders = Folders(models: root + "/models", data: root + "/data", logs: root + "/logs")
        files.lieOnDisk(folders.database)
        child = FakeChild(files: files, clock: clock.clock, seed: seed)
        var configuration = Configuration()
        configuration.local.threshold = 0.5
        configure(&configuration)
        settings = Mutex(configuration)
        if let data { files.put(folders.dataFile, DataFile.csv(data)) }
        if let yaml { files.put(folders.intents, yaml) }
    }

    /// The same host after its processes died: what `files` has of it, and the same database.
    init(after world: TestWorld, files: MemoryFileSystem, seed: UInt64 = 2) {
        root = world.root
        ownsRoot = false
        self.files = files
        clock = world.clock
        llm = world.llm
        self.seed = seed
        folders = world.folders
        files.lieOnDisk(folders.database)
        child = FakeChild(files: files, clock: world.clock.clock, seed: seed)
        settings = Mutex(world.configuration)
    }

    deinit { if ownsRoot { try? FileManager.default.removeItem(atPath: root) } }

    var configuration: Configuration {
        get { settings.withLock { $0 } }
        set { settings.withLock { $0 = newValue } }
    }

    func breakConfiguration(_ why: String?) { configurationError.withLock { $0 = why } }

    struct ConfigurationFailure: Error, CustomStringConvertible { var description: String }

    var environment: Environment {
        var environment = Environment(
            files: files,
            folders: folders,
            clock: clock.clock,
            randomness: .seeded(seed),
            process: child.process,
            logger: .quiet,
            configuration: { [self] in
                if let why = configurationError.withLock({ $0 }) { throw ConfigurationFailure(description: why) }
                return configuration
            },
            changes: { old, new in (old == new ? [] : ["something"], []) },
            apply: { _ in },
            uid: 990
        )
        environment.llm = llm?.llm
        return environment
    }

    /// An engine that answers.
    func engine() async throws -> Engine {
        let engine = try await Engine(environment, configuration)
        await engine.bringUp()
        return engine
    }

    func ledger() throws -> Ledger {
        try Ledger(path: folders.database, clock: clock.clock, randomness: .seeded(seed), projections: .all)
    }

    func registry(_ ledger: Ledger) -> Registry {
        Registry(
            ledger: ledger,
            naming: Naming(ledger: ledger),
            files: files,
            folders: folders,
            logger: .quiet
        )
    }

    /// A trained version folder, as the child would leave it; not registered. Its bytes are no other one's.
    func stage(_ name: String, rows: [DataRow] = Shop.rows) async throws -> String {
        let data = folders.models + "/\(name).csv"
        files.put(data, DataFile.csv(rows))
        try files.makeDirectory(folders.models + "/staging")
        let out = folders.staging(name)
        let settings = Classifier.Settings(targetPrecision: child.another(0.95))
        _ = try await VersionBuilder(files: files, clock: clock.clock)
            .build(data: data, out: out, settings: settings, threads: 1) { _ in }
        return out
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}
