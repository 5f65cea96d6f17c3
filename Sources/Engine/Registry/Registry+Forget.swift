import GRDB
import Wire
import World

// Versions that were trained on the words of somebody who is forgotten serve until one is champion that was not.
extension Registry {
    /// The versions that are there and should not be, and whether the champion is one of them.
    func overdue() async throws -> (versions: [Int], champion: Bool) {
        try await ledger.read { try Self.overdue($0) }
    }

    /// Whether the champion is one of them, and nothing was trained since that could take its place.
    func lacksSuccessor() async throws -> Bool {
        try await ledger.read { db in
            guard try Self.overdue(db).champion else { return false }
            let last = try Int64.fetchOne(db, sql: "SELECT max(forgotten_at) FROM versions") ?? 0
            return try
                !(Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (
                            SELECT 1 FROM versions WHERE forgotten_at IS NULL AND ifnull(reproduced_at, created_at) >= ?
                        )
                        """,
                    arguments: [last]
                ) ?? false)
        }
    }

    static func overdue(_ db: Database) throws -> (versions: [Int], champion: Bool) {
        let versions = try Int.fetchAll(
            db,
            sql: """
                SELECT version FROM versions WHERE forgotten_at IS NOT NULL AND collected_at IS NULL ORDER BY version
                """
        )
        return (versions, try aliases(db)[.champion].map(versions.contains) ?? false)
    }

    /// Lets them go, files and all, unless one of them is the champion.
    ///
    /// - Returns: those that went.
    func letGoOverdue(uid: UInt32) async throws -> [Int] {
        let (versions, isChampion) = try await overdue()
        guard !versions.isEmpty, !isChampion else { return [] }
        return try await turn.take { [self] in
            let gone = try await ledger.write { try Self.letGo(uid, in: $0) }
            await remakeLinks()
            try await sweep()
            return gone
        }
    }

    private static func letGo(_ uid: UInt32, in transaction: Transaction) throws -> [Int] {
        let db = transaction.db
        let (versions, isChampion) = try overdue(db)
        guard !versions.isEmpty, !isChampion else { return [] }
        let entry = Move.Entry(
            kind: .forget,
            uid: uid,
            reason: "it was trained on words of somebody who is forgotten",
            verdict: nil
        )
        try letGo(of: versions, because: [Member("reason", .string(entry.reason))], uid: uid, in: transaction)
        let aliases = try aliases(db)
        for alias in [Alias.candidate, .shadow] {
            if let version = aliases[alias], versions.contains(version) {
                try set(alias, from: version, to: nil, entry, in: transaction)
            }
        }
        let lastGood = try championHistory(db).lastGood
        if let version = aliases[.lastGood], versions.contains(version) {
            try set(.lastGood, from: version, to: lastGood, entry, in: transaction)
        }
        return versions
    }
}
