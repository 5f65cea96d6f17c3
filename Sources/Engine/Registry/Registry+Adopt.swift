import GRDB
import Learning
import Wire
import World

// After the ledger was lost, the folders still tell which versions there were and which of them answered.
extension Registry {
    /// Registers the folders of a ledger that knows no version yet.
    ///
    /// - Returns: how many were found.
    package func adoptFolders(uid: UInt32) async throws -> Int {
        let known = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM versions") }
        guard known == 0 else { return 0 }
        let found = try files.list(folders.versions).compactMap(Folders.version(named:)).compactMap { number in
            (try? folder(of: number).metadata()).flatMap { metadata in
                metadata["digest"]?.string.map { (number: number, digest: $0, metadata: metadata) }
            }
        }
        guard !found.isEmpty else { return 0 }
        let answered = (try? VersionFolder(folders.alias(.champion), files: files).metadata())?["version"]?.int
        try await ledger.write { transaction in
            for found in found {
                let created = found.metadata["created_at"]?.string.flatMap(Timestamp.init(rfc3339:))
                let version = Version(
                    version: found.number,
                    digest: found.digest,
                    createdAt: created ?? transaction.now,
                    snapshot: found.metadata["data"]?["sha256"]?.string ?? "",
                    metrics: found.metadata["metrics"] ?? .null,
                    storedVerdict: nil,
                    aliases: [],
                    uid: nil,
                    files: [:]
                )
                try transaction.record(
                    .version,
                    uid: uid,
                    payload: RegistryFact.version(version, [Member("adopted", true)])
                )
            }
        }
        if let answered, found.contains(where: { $0.number == answered }) {
            try await move(.promote, to: answered, uid: uid, reason: "it answered when the ledger was lost")
        }
        return found.count
    }
}
