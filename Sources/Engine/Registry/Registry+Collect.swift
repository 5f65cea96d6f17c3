import GRDB
import Learning
import Wire
package import World

// Versions that nobody can ask for any more are let go. The ledger first, then the folders: what a crash leaves lying
// is removed by the next collection, and its number is never given to another version.
extension Registry {
    /// Lets go of versions that no alias names, that are not among the last `keep`, and that answered nothing since
    /// `cutoff`; then of the training data that only they used.
    ///
    /// - Parameter answering: the version that answers now, whatever the aliases say.
    /// - Returns: the versions.
    package func collect(
        keep: Int,
        answeredSince cutoff: Timestamp,
        answering: Int? = nil,
        uid: UInt32
    ) async throws -> [Int] {
        try await turn.take { [self] in
            let collected = try await ledger.write { transaction in
                try Self.collect(keep, cutoff, answering, uid, in: transaction)
            }
            try await sweep()
            return collected
        }
    }

    /// Runs `body`, which stores data to be trained on; it is kept until the next such data come.
    func storing(_ body: @escaping @Sendable () throws -> String) async throws -> String {
        try await turn.take { [self] in
            let snapshot = try body()
            await hold(snapshot)
            return snapshot
        }
    }

    private func hold(_ snapshot: String) { inTraining = snapshot }

    private static func collect(
        _ keep: Int,
        _ cutoff: Timestamp,
        _ answering: Int?,
        _ uid: UInt32,
        in transaction: Transaction
    ) throws -> [Int] {
        let db = transaction.db
        let present = try Row.fetchAll(
            db,
            sql: "SELECT version, digest FROM versions WHERE collected_at IS NULL ORDER BY version"
        ).map { row -> (version: Int, digest: String) in (row["version"], row["digest"]) }
        var kept = try answered(since: cutoff, db)
        kept.formUnion(try aliases(db).values)
        if let answering { kept.insert(answering) }
        kept.formUnion(present.suffix(max(1, keep)).map(\.version))
        let going = present.filter { !kept.contains($0.version) }
        guard !going.isEmpty else { return [] }
        let now = transaction.now
        for version in going {
            try db.execute(
                sql: "UPDATE versions SET collected_at = ? WHERE version = ?",
                arguments: [now.microseconds, version.version]
            )
        }
        try transaction.record(
            .collection,
            uid: uid,
            at: now,
            payload: [
                "versions": .array(
                    going.map { ["version": .integer($0.version), "digest": .string($0.digest)] }
                ),
                "keep": .integer(keep), "answered_since": .string(cutoff.rfc3339),
            ]
        )
        return going.map(\.version)
    }

    /// The versions that answered at some time since then. A version answers only while it is champion.
    private static func answered(since cutoff: Timestamp, _ db: Database) throws -> Set<Int> {
        let rows = try Row.fetchCursor(db, sql: "SELECT at, target FROM moves WHERE alias = 'champion' ORDER BY seq")
        var answered: Set<Int> = []
        var champion: Int?
        while let row = try rows.next() {
            let at: Int64 = row["at"]
            // It answered up to this move.
            if at >= cutoff.microseconds, let champion { answered.insert(champion) }
            champion = row["target"]
            if at >= cutoff.microseconds, let champion { answered.insert(champion) }
        }
        if let champion { answered.insert(champion) }
        return answered
    }

    /// Removes what belongs to collected versions alone.
    func sweep() async throws {
        let (gone, data) = try await ledger.read { db in
            (
                try Self.gone(db),
                try Set(
                    String.fetchAll(
                        db,
                        sql: """
                            SELECT snapshot FROM versions WHERE collected_at IS NOT NULL
                            EXCEPT SELECT snapshot FROM versions WHERE collected_at IS NULL
                            """
                    )
                )
            )
        }
        guard !gone.isEmpty else { return }
        for name in try files.list(folders.versions) {
            guard let number = Int(name), gone.contains(number) else { continue }
            // First what an emptied ledger would know the folder again by.
            try files.remove(folders.version(number) + "/" + VersionFolder.metadataFile)
            try files.remove(folders.version(number))
        }
        guard files.status(folders.snapshots) != nil else { return }
        for name in try files.list(folders.snapshots) where name.hasSuffix(".jsonl") {
            let snapshot = String(name.dropLast(6))
            guard data.contains(snapshot), snapshot != inTraining else { continue }
            try files.remove(folders.labelErrors(snapshot))
            try files.remove(folders.snapshot(snapshot))
        }
    }
}
