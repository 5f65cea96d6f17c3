package import Classifier
import GRDB
package import Learning
package import Logging
package import Wire
package import World

/// Every version there ever was, and which alias points where.
///
/// The ledger decides: its commit is the move. The links in `models/` are for people and are made again from it.
package actor Registry {
    let ledger: Ledger
    package nonisolated let naming: Naming
    let files: any FileSystem
    let folders: Folders
    let logger: Logger
    /// Registrations, moves, collections and looks at the files: none sees another half done.
    let turn = Serial()
    /// The data that is being trained on: no version names it yet.
    var inTraining: String?
    private var early: EarlyModel?

    package init(
        ledger: Ledger,
        naming: Naming,
        files: any FileSystem,
        folders: Folders,
        logger: Logger,
        early: EarlyModel? = nil
    ) {
        self.early = early
        self.ledger = ledger
        self.naming = naming
        self.files = files
        self.folders = folders
        self.logger = logger
    }

    package struct Version: Sendable {
        package var version: Int
        /// Of all files that decide answers: versions of one digest give the same answers.
        package var digest: String
        package var createdAt: Timestamp
        package var snapshot: String
        package var metrics: JSON
        /// The verdict as the ledger holds it. It is long, and most of those who look at versions do not look at it.
        var storedVerdict: String?
        package var aliases: [Alias]
        /// Who asked for it; nil where nobody remembers.
        package var uid: UInt32?
        /// SHA-256 by file; empty for what was registered before that was kept.
        package var files: [String: String]
        /// Since when its folder is gone.
        package var collectedAt: Timestamp?

        package var verdict: JSON? { JSON(stored: storedVerdict) }

        /// Whether the gate said no.
        package var isRefused: Bool { verdict?["verdict"]?.string == Gate.Outcome.fail.rawValue }
    }

    package nonisolated func folder(of version: Int) -> VersionFolder {
        VersionFolder(folders.version(version), files: files)
    }

    package func aliases() async throws -> [Alias: Int] {
        try await ledger.read { try Self.aliases($0) }
    }

    /// Those that were not collected.
    package func versions() async throws -> [Version] {
        try await ledger.read { db in
            let aliases = try Self.aliases(db)
            return try Row.fetchAll(db, sql: "SELECT * FROM versions WHERE collected_at IS NULL ORDER BY version")
                .map { Version($0, aliases) }
        }
    }

    /// The numbers of those that were not collected.
    func numbers() async throws -> [Int] {
        try await ledger.read { db in
            try Int.fetchAll(db, sql: "SELECT version FROM versions WHERE collected_at IS NULL ORDER BY version")
        }
    }

    /// Also one that was collected.
    package func version(_ number: Int) async throws -> Version? {
        try await ledger.read { db in
            let aliases = try Self.aliases(db)
            return try Row.fetchOne(db, sql: "SELECT * FROM versions WHERE version = ?", arguments: [number])
                .map { Version($0, aliases) }
        }
    }

    /// The model of a registered version, verified. Its intents have their present names.
    package func model(_ number: Int) async throws -> LoadedModel {
        guard let version = try await version(number) else { throw VersionError.missing("version \(number)") }
        if let time = version.collectedAt { throw VersionError.collected(number, time) }
        let (model, digest) = try await read(version)
        return LoadedModel(version: number, model: model, digest: digest).named(by: naming.current)
    }

    /// The loudest thing that a version's test rows say against its promises; nil if they say nothing.
    package nonisolated func contradiction(of number: Int) -> String? {
        let evaluation = try? folder(of: number).evaluation()
        return evaluation?["findings"]?.array?.compactMap(Finding.init).first { $0.severity == .warning }?.message
    }

    private func read(_ version: Version) async throws -> (model: Model, digest: String) {
        if let early {
            self.early = nil
            if let loaded = await early.value, loaded.digest == version.digest { return loaded }
        }
        return try folder(of: version.version).model(expecting: version.digest)
    }

    package typealias EarlyModel = Task<(model: Model, digest: String)?, Never>

    /// Reads the model behind the champion's link while the rest of a start is under way. The link proves nothing: what
    /// was read serves only if its digest is the one that the ledger names.
    package static func readEarly(_ files: any FileSystem, _ folders: Folders) -> EarlyModel {
        Task.detached {
            guard let version = try? VersionFolder(folders.alias(.champion), files: files).metadata()["version"]?.int
            else { return nil }
            return try? VersionFolder(folders.version(version), files: files).model()
        }
    }

    /// Brings a finished folder in as the next version: the folder first, the record after, so that a crash between
    /// the two leaves a folder that nothing names, which the next registration replaces.
    package func register(
        staged: String,
        snapshot: String,
        verdict: JSON?,
        uid: UInt32
    ) async throws -> Version {
        try await turn.take { [self] in
            try await bringIn(staged: staged, snapshot: snapshot, verdict: verdict, uid: uid)
        }
    }

    private func bringIn(staged: String, snapshot: String, verdict: JSON?, uid: UInt32) async throws -> Version {
        try files.makeDirectory(folders.versions)
        // A ledger that has begun anew must not overwrite what the lost one knew.
        let known = try await ledger.read { try Int.fetchOne($0, sql: "SELECT max(version) FROM versions") }
        let number = try (known ?? files.list(folders.versions).compactMap { Int($0) }.max() ?? 0) + 1
        let metadata = try VersionFolder(staged, files: files).metadata()
        guard let digest = metadata["digest"]?.string else { throw VersionError.damaged("no digest in metadata.json") }
        let metrics = metadata["metrics"] ?? .null
        try files.remove(folders.version(number))
        let identity = [Member("version", .integer(number))] + (metadata.object ?? [])
        try files.replace(
            staged + "/" + VersionFolder.metadataFile,
            with: Array((JSON.object(identity).description + "\n").utf8)
        )
        let digests = try VersionFolder(staged, files: files).digests()
        try files.rename(staged, to: folders.version(number))
        return try await ledger.write { transaction in
            let version = Version(
                version: number,
                digest: digest,
                createdAt: transaction.now,
                snapshot: snapshot,
                metrics: metrics,
                storedVerdict: verdict?.description,
                aliases: [],
                uid: uid,
                files: digests
            )
            try transaction.record(
                .version,
                uid: uid,
                at: version.createdAt,
                payload: RegistryFact.version(version),
                words: RegistryFact.versionWords
            )
            return version
        }
    }

    /// Makes the links say what the ledger says. A failure costs convenience, not correctness: it is logged.
    package func remakeLinks() async {
        do {
            let aliases = try await aliases()
            try files.makeDirectory(folders.aliases)
            for alias in Alias.allCases {
                if let version = aliases[alias] {
                    try files.link(folders.alias(alias), to: "../versions/\(Folders.name(of: version))")
                } else {
                    try files.remove(folders.alias(alias))
                }
            }
            if aliases[.champion] != nil {
                try files.link(folders.metadataLink, to: "aliases/champion/\(VersionFolder.metadataFile)")
            }
        } catch {
            logger.warning("The links in \(folders.aliases) could not be made: \(error)")
        }
    }

    static func aliases(_ db: Database) throws -> [Alias: Int] {
        var aliases: [Alias: Int] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT alias, version FROM aliases") {
            if let alias = Alias(rawValue: row["alias"]) { aliases[alias] = row["version"] }
        }
        return aliases
    }
}

extension Registry.Version {
    init(_ row: Row, _ aliases: [Alias: Int]) {
        let number: Int = row["version"]
        version = number
        digest = row["digest"]
        createdAt = Timestamp(microseconds: row["created_at"])
        snapshot = row["snapshot"]
        metrics = JSON(stored: row["metrics"]) ?? .null
        storedVerdict = row["verdict"]
        self.aliases = Alias.allCases.filter { aliases[$0] == number }
        uid = (row["uid"] as Int64?).map { UInt32(truncatingIfNeeded: $0) }
        files = [:]
        for member in JSON(stored: row["files"])?.object ?? [] { files[member.name] = member.value.string }
        collectedAt = (row["collected_at"] as Int64?).map(Timestamp.init(microseconds:))
    }
}

/// A model that was read and verified, and the version that it is of.
package struct LoadedModel: Sendable {
    package var version: Int
    package var model: Model
    /// Its SHA-256, or the first digits of it.
    package var digest: String

    package init(version: Int, model: Model, digest: String) {
        self.version = version
        self.model = model
        self.digest = digest
    }

    /// The same model with the present names of its intents.
    func named(by names: IntentNames) -> LoadedModel {
        var named = self
        named.model = model.named(model.classes.map { names.now($0, of: version) })
        return named
    }
}
