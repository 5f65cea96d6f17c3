import GRDB
import Learning
import Logging
import Wire
import World

// A training may make the bytes of a version that is known. Then there is no other version: the known one is bound to the
// new data, and evaluation and verdict are those of now.
extension Registry {
    /// The fate of a version's bytes so far.
    enum Standing: Sendable {
        case champion
        case rolledBack
        case rejected
        case other
    }

    /// The version that has these bytes: the champion, else the newest that is there, else the newest that was collected.
    /// An earlier intentd gave the same bytes several numbers.
    func version(digest: String) async throws -> Version? {
        try await ledger.read { db in
            let aliases = try Self.aliases(db)
            let sql = "SELECT * FROM versions WHERE digest = ? ORDER BY collected_at IS NULL, version"
            let versions = try Row.fetchAll(db, sql: sql, arguments: [digest]).map { Version($0, aliases) }
            return versions.first { $0.aliases.contains(.champion) } ?? versions.last
        }
    }

    /// Binds a version to the data that its bytes were trained on again, and brings its files back where they are gone or
    /// broken. The new files first, beside the old ones; then the record; then they take their place, which a start
    /// finishes if a crash comes between.
    ///
    /// - Parameters:
    ///   - staged: a finished folder with the same bytes.
    ///   - snapshot: the data, which is stored already.
    /// - Returns: what the version was before.
    func reproduce(
        _ number: Int,
        staged: String,
        snapshot: String,
        verdict: JSON?,
        job: String,
        uid: UInt32
    ) async throws -> Standing {
        try await turn.take { [self] in
            let event = try await prepare(number, staged: staged, snapshot: snapshot, verdict: verdict, job: job)
            let standing = try await ledger.write { transaction in
                let db = transaction.db
                let isBad = try Self.championHistory(db).bad.contains(number) && event.countsRollback
                try transaction.record(
                    .reproduction,
                    uid: uid,
                    payload: event.payload,
                    words: RegistryFact.versionWords
                )
                if try Self.aliases(db)[.champion] == number { return Standing.champion }
                return try Self.isRejected(number, db) ? .rejected : isBad ? .rolledBack : .other
            }
            try await place(number)
            await remakeLinks()
            return standing
        }
    }

    /// Puts the new files beside the old ones.
    ///
    /// - Returns: the event's payload, and whether a rollback from the version speaks against its bytes. A start goes back
    ///   from a version whose file is broken, too.
    private func prepare(
        _ number: Int,
        staged: String,
        snapshot: String,
        verdict: JSON?,
        job: String
    ) async throws -> (payload: JSON, countsRollback: Bool) {
        guard let version = try await self.version(number) else { throw VersionError.missing("version \(number)") }
        let isCollected = version.collectedAt != nil
        let metadata = try label(staged, as: version)
        let payload = RegistryFact.reproduction(
            of: number,
            job: job,
            snapshot: snapshot,
            evaluation: metadata["metrics"] ?? .null,
            verdict: verdict,
            files: try VersionFolder(staged, files: files).digests()
        )
        let countsRollback = isCollected || folder(of: number).hasModel(version.digest)
        // What is left of a collected version must not be taken for the new one.
        if isCollected { try files.remove(folders.version(number)) }
        try files.remove(folders.next(number))
        try files.rename(staged, to: folders.next(number))
        return (payload, countsRollback)
    }

    /// Gives a staged folder the version's identity.
    ///
    /// - Returns: its metadata.
    private func label(_ staged: String, as version: Version) throws -> JSON {
        let metadata = try VersionFolder(staged, files: files).metadata()
        guard metadata["digest"]?.string == version.digest else {
            throw VersionError.damaged("the staged version does not have the bytes of version \(version.version)")
        }
        let identity = [
            Member("version", .integer(version.version)), Member("created_at", JSON(version.createdAt)),
            Member("reproduced_at", metadata["created_at"] ?? .null),
        ]
        let names = Set(identity.map(\.name))
        let rest = (metadata.object ?? []).filter { !names.contains($0.name) }
        try files.replace(
            staged + "/" + VersionFolder.metadataFile,
            with: Array((JSON.object(identity + rest).description + "\n").utf8)
        )
        return metadata
    }

    /// Finishes what a crash interrupted: files that the ledger names take their place, and others go. What does not work is
    /// tried again by the next collection.
    package func finishReproductions() async {
        do {
            try await turn.take { [self] in try await placeAll() }
        } catch {
            logger.warning("The files of a version that was trained again are not in their place yet: \(error)")
        }
    }

    func placeAll() async throws {
        for name in try files.list(folders.versions) where name.hasSuffix(Folders.nextSuffix) {
            guard let number = Folders.version(named: String(name.dropLast(Folders.nextSuffix.count))) else { continue }
            let version = try await self.version(number)
            let found = VersionFolder(folders.next(number), files: files)
            let isNamed = version?.collectedAt == nil && found.isPart(of: version?.files ?? [:])
            if isNamed { try place(number) } else { try files.remove(found.path) }
        }
    }

    /// Moves the files of the new folder over those of the version. Each move is whole or has not happened, and the same
    /// moves again do no harm.
    private func place(_ number: Int) throws {
        let (own, next) = (folders.version(number), folders.next(number))
        guard files.status(own) != nil else { return try files.rename(next, to: own) }
        if let digest = try? Digest.hex(of: next + "/" + VersionFolder.modelFile, in: files),
            folder(of: number).hasModel(digest)
        {
            // A model that serves is not touched.
            try files.remove(next + "/" + VersionFolder.modelFile)
        }
        for name in VersionFolder.names where files.status(next + "/" + name) != nil {
            try files.rename(next + "/" + name, to: own + "/" + name)
        }
        try files.remove(next)
    }
}
