package import Classifier
import GRDB
package import Logging
package import Wire

/// Every version there ever was, and which alias points where.
///
/// The ledger decides: its commit is the move. The links in `models/` are for people and are made again from it.
package actor Registry {
    let ledger: Ledger
    let files: any FileSystem
    let folders: Folders
    private let logger: Logger

    package init(ledger: Ledger, files: any FileSystem, folders: Folders, logger: Logger) {
        self.ledger = ledger
        self.files = files
        self.folders = folders
        self.logger = logger
    }

    package struct Version: Sendable {
        package var version: Int
        package var digest: String
        package var createdAt: Timestamp
        package var snapshot: String
        package var metrics: JSON
        package var verdict: JSON?
        package var aliases: [Alias]

        /// Whether the gate said no.
        package var isRefused: Bool { verdict?["verdict"]?.string == Gate.Outcome.fail.rawValue }
    }

    package func folder(of version: Int) -> VersionFolder { VersionFolder(folders.version(version), files: files) }

    package func aliases() async throws -> [Alias: Int] {
        try await ledger.read { try Self.aliases($0) }
    }

    package func versions() async throws -> [Version] {
        try await ledger.read { db in
            let aliases = try Self.aliases(db)
            return try Row.fetchAll(db, sql: "SELECT * FROM versions ORDER BY version").map { Version($0, aliases) }
        }
    }

    package func version(_ number: Int) async throws -> Version? {
        try await ledger.read { db in
            let aliases = try Self.aliases(db)
            return try Row.fetchOne(db, sql: "SELECT * FROM versions WHERE version = ?", arguments: [number])
                .map { Version($0, aliases) }
        }
    }

    /// The model of a registered version, verified.
    package func model(_ number: Int) async throws -> (model: Model, digest: String) {
        guard let version = try await version(number) else { throw VersionError.missing("version \(number)") }
        return try folder(of: number).model(expecting: version.digest)
    }

    /// Brings a finished folder in as the next version: the folder first, the record after, so that a crash between
    /// the two leaves a folder that nothing names, which the next registration replaces.
    package func register(
        staged: String,
        snapshot: String,
        verdict: JSON?,
        uid: UInt32
    ) async throws -> Version {
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
        try files.rename(staged, to: folders.version(number))
        return try await ledger.write { transaction in
            let now = transaction.now
            try transaction.db.execute(
                sql: """
                    INSERT INTO versions(version, digest, created_at, snapshot, metrics, verdict)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    number, digest, now.microseconds, snapshot, metrics.description, verdict?.description,
                ]
            )
            try transaction.record(
                .version,
                uid: uid,
                at: now,
                payload: ["version": .integer(number), "digest": .string(digest), "snapshot": .string(snapshot)]
            )
            return Version(
                version: number,
                digest: digest,
                createdAt: now,
                snapshot: snapshot,
                metrics: metrics,
                verdict: verdict,
                aliases: []
            )
        }
    }

    /// Moves the champion in one commit, and `last-good` with it; the version leaves `candidate` if it stood there.
    ///
    /// - Parameter expected: the champion the caller believes in.
    /// - Returns: the champion before.
    /// - Throws: `RPCError` `conflict` when the champion is another one by now.
    @discardableResult
    package func move(
        _ kind: Move.Kind,
        to version: Int,
        uid: UInt32,
        reason: String,
        verdict: String? = nil,
        expected: Int? = nil
    ) async throws -> Int? {
        let previous = try await ledger.write { transaction in
            let db = transaction.db
            let aliases = try Self.aliases(db)
            let previous = aliases[.champion]
            if let expected, previous != expected {
                throw RPCError.conflict(
                    "The champion is version \(previous.map(String.init) ?? "none"), not \(expected); "
                        + "look at `intentctl models` and try again."
                )
            }
            guard previous != version else { return previous }
            let entry = Move.Entry(kind: kind, uid: uid, reason: reason, verdict: verdict)
            try Self.set(.champion, from: previous, to: version, entry, in: transaction)
            let lastGood = ChampionHistory(try Self.championMoves(db)).lastGood
            try Self.set(.lastGood, from: aliases[.lastGood], to: lastGood, entry, in: transaction)
            if aliases[.candidate] == version {
                try Self.set(.candidate, from: version, to: nil, entry, in: transaction)
            }
            return previous
        }
        await remakeLinks()
        return previous
    }

    /// Lets a version wait for an admin.
    package func nominate(_ version: Int, uid: UInt32, reason: String, verdict: String?) async throws {
        try await ledger.write { transaction in
            let before = try Self.aliases(transaction.db)[.candidate]
            let entry = Move.Entry(kind: .nominate, uid: uid, reason: reason, verdict: verdict)
            try Self.set(.candidate, from: before, to: version, entry, in: transaction)
        }
        await remakeLinks()
    }

    /// Versions that were rolled back from and have not been promoted since.
    package func rolledBack() async throws -> Set<Int> {
        try await ledger.read { ChampionHistory(try Self.championMoves($0)).bad }
    }

    package func history(limit: Int) async throws -> [Move] {
        try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM moves ORDER BY seq DESC LIMIT ?", arguments: [limit])
                .compactMap(Move.init)
        }
    }

    /// The aliases as they stood at a moment.
    package func aliases(at time: Timestamp) async throws -> [Alias: Int] {
        try await ledger.read { db in
            let rows = try Row.fetchAll(
                db,
                sql: "SELECT * FROM moves WHERE at <= ? ORDER BY seq",
                arguments: [time.microseconds]
            )
            var aliases: [Alias: Int] = [:]
            for move in rows.compactMap(Move.init) { aliases[move.alias] = move.to }
            return aliases
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

    private static func aliases(_ db: Database) throws -> [Alias: Int] {
        var aliases: [Alias: Int] = [:]
        for row in try Row.fetchAll(db, sql: "SELECT alias, version FROM aliases") {
            if let alias = Alias(rawValue: row["alias"]) { aliases[alias] = row["version"] }
        }
        return aliases
    }

    private static func championMoves(_ db: Database) throws -> [(kind: Move.Kind, from: Int?, to: Int?)] {
        try Row.fetchAll(db, sql: "SELECT * FROM moves WHERE alias = 'champion' ORDER BY seq").compactMap(Move.init)
            .map { ($0.entry.kind, $0.from, $0.to) }
    }

    private static func set(
        _ alias: Alias,
        from before: Int?,
        to version: Int?,
        _ entry: Move.Entry,
        in transaction: Transaction
    ) throws {
        guard before != version else { return }
        let db = transaction.db
        if let version {
            try db.execute(
                sql: "INSERT OR REPLACE INTO aliases(alias, version) VALUES (?, ?)",
                arguments: [alias.rawValue, version]
            )
        } else {
            try db.execute(sql: "DELETE FROM aliases WHERE alias = ?", arguments: [alias.rawValue])
        }
        let now = transaction.now
        try db.execute(
            sql: """
                INSERT INTO moves(at, kind, alias, source, target, uid, reason, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                now.microseconds, entry.kind.rawValue, alias.rawValue, before, version, Int64(entry.uid), entry.reason,
                entry.verdict,
            ]
        )
        try transaction.record(
            .move,
            uid: entry.uid,
            at: now,
            payload: [
                "kind": .string(entry.kind.rawValue), "alias": .string(alias.rawValue), "from": JSON(before),
                "to": JSON(version), "reason": .string(entry.reason), "verdict": JSON(entry.verdict),
            ]
        )
    }
}

extension Registry.Version {
    fileprivate init(_ row: Row, _ aliases: [Alias: Int]) {
        let number: Int = row["version"]
        version = number
        digest = row["digest"]
        createdAt = Timestamp(microseconds: row["created_at"])
        snapshot = row["snapshot"]
        metrics = JSON(stored: row["metrics"]) ?? .null
        verdict = JSON(stored: row["verdict"])
        self.aliases = Alias.allCases.filter { aliases[$0] == number }
    }
}

extension Move {
    fileprivate init?(_ row: Row) {
        guard let alias = Alias(rawValue: row["alias"]), let kind = Kind(rawValue: row["kind"]) else { return nil }
        self.init(
            at: Timestamp(microseconds: row["at"]),
            alias: alias,
            from: row["source"],
            to: row["target"],
            entry: Entry(
                kind: kind,
                uid: UInt32(truncatingIfNeeded: row["uid"] as Int64),
                reason: row["reason"],
                verdict: row["verdict"]
            )
        )
    }
}
