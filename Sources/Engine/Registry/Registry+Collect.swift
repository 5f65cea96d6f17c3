import GRDB
import Learning
import Logging
import Wire
package import World

// Versions that nobody can ask for any more are let go. The ledger first, then the folders: what a crash leaves lying
// is removed by the next collection, and its number is never given to another version.
extension Registry {
    /// Lets go of versions that no alias names, that are not among the last `keep`, and that answered nothing since
    /// `cutoff`; then of the training data that no version needs any more.
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
                let db = transaction.db
                let present = try Int.fetchAll(
                    db,
                    sql: "SELECT version FROM versions WHERE collected_at IS NULL ORDER BY version"
                )
                let kept = try Self.answered(since: cutoff, db).union(try Self.aliases(db).values)
                    .union(present.suffix(max(1, keep))).union([answering].compactMap { $0 })
                let going = present.filter { !kept.contains($0) }
                let reason = [
                    Member("keep", .integer(keep)), Member("answered_since", .string(cutoff.rfc3339)),
                ]
                try Self.letGo(of: going, because: reason, uid: uid, in: transaction)
                return going
            }
            try await sweep()
            return collected
        }
    }

    /// Removes the folders that an earlier collection let go of.
    func finishCollection() async throws {
        try await turn.take { [self] in try await sweep() }
    }

    static func letGo(
        of versions: [Int],
        because reason: [Member],
        uid: UInt32,
        in transaction: Transaction
    ) throws {
        guard !versions.isEmpty else { return }
        let going = try versions.map { number -> JSON in
            let digest = try String.fetchOne(
                transaction.db,
                sql: "SELECT digest FROM versions WHERE version = ?",
                arguments: [number]
            )
            return ["version": .integer(number), "digest": JSON(digest)]
        }
        try transaction.record(
            .collection,
            uid: uid,
            payload: .object([Member("versions", .array(going))] + reason)
        )
    }

    /// Runs `body`, which stores data to be trained on; they are kept until ``endTraining()``.
    func storing(_ body: @escaping @Sendable () throws -> String) async throws -> String {
        try await turn.take { [self] in
            let snapshot = try body()
            await hold(snapshot)
            return snapshot
        }
    }

    /// Ends the training that stored data. Data that no version came of is removed, since it holds people's words; if that
    /// fails, the next collection tries again.
    func endTraining() async {
        do {
            try await turn.take { [self] in
                await hold(nil)
                try await sweep()
            }
        } catch {
            logger.warning("Training data that no version needs could not be removed: \(error)")
        }
    }

    private func hold(_ snapshot: String?) { inTraining = snapshot }

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

    /// Removes the folders of collected versions, and the training data that no other version and no training needs.
    func sweep() async throws {
        let (gone, needed) = try await ledger.read { db in
            (
                try Self.gone(db),
                try Set(String.fetchAll(db, sql: "SELECT snapshot FROM versions WHERE collected_at IS NULL"))
            )
        }
        try await placeAll()
        for name in try files.list(folders.versions) {
            guard let number = Int(name), gone.contains(number) else { continue }
            // First what an emptied ledger would know the folder again by.
            try files.remove(folders.version(number) + "/" + VersionFolder.metadataFile)
            try files.remove(folders.version(number))
        }
        // A ledger that knows no version may have been lost, and the data may still be wanted.
        guard !needed.isEmpty, files.status(folders.snapshots) != nil else { return }
        for name in try files.list(folders.snapshots) where name.hasSuffix(".jsonl") {
            let snapshot = String(name.prefix { $0 != "." })
            guard snapshot.utf8.count == 64, !needed.contains(snapshot), snapshot != inTraining else { continue }
            try files.remove(folders.snapshots + "/" + name)
        }
    }
}
