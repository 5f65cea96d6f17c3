import GRDB
import Learning
package import World

// What the moves of the past say.
extension Registry {
    package func history(limit: Int) async throws -> [Move] {
        try await ledger.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM moves ORDER BY seq DESC LIMIT ?", arguments: [limit])
                .compactMap { Move($0) }
        }
    }

    /// The aliases as they stood at a moment.
    package func aliases(at time: Timestamp) async throws -> [Alias: Int] {
        try await standing(at: time).mapValues { $0.to }.compactMapValues { $0 }
    }

    /// The moves that made the aliases what they were at a moment.
    package func standing(at time: Timestamp) async throws -> [Alias: Move] {
        try await ledger.read { db in
            let rows = try Row.fetchCursor(
                db,
                sql: "SELECT * FROM moves WHERE at <= ? ORDER BY seq",
                arguments: [time.microseconds]
            )
            var moves: [Alias: Move] = [:]
            while let row = try rows.next() {
                if let move = Move(row) { moves[move.alias] = move }
            }
            return moves.filter { $0.value.to != nil }
        }
    }

    /// Versions whose bytes were rolled back from and have not been promoted since.
    package func rolledBack() async throws -> Set<Int> {
        try await ledger.read { try Self.championHistory($0).bad }
    }

    /// Where a rollback goes. The alias says the same from the next move on, if an earlier intentd set it.
    func lastGood() async throws -> Int? { try await ledger.read { try Self.championHistory($0).lastGood } }

    static func championHistory(_ db: Database) throws -> ChampionHistory {
        let rows = try Row.fetchCursor(db, sql: "SELECT version, digest FROM versions")
        var digests: [Int: String] = [:]
        while let row = try rows.next() { digests[row[0]] = row[1] }
        return ChampionHistory(try championMoves(db), gone: try gone(db), digests: digests)
    }

    /// Versions that have ever been champion.
    package func served() async throws -> Set<Int> {
        try await ledger.read { db in
            try Set(Int.fetchAll(db, sql: "SELECT DISTINCT target FROM moves WHERE alias = 'champion' AND target > 0"))
        }
    }

    /// Versions whose bytes were rejected and have not been promoted since.
    package func rejected() async throws -> Set<Int> { try await ledger.read { try Self.rejected($0) } }

    private static func rejected(_ db: Database) throws -> Set<Int> {
        let candidates = try Set(
            Int.fetchAll(
                db,
                sql: """
                    SELECT version FROM versions WHERE digest IN (
                        SELECT digest FROM versions JOIN moves ON source = version WHERE kind = 'reject'
                    )
                    """
            )
        )
        return try candidates.filter { try isRejected($0, db) }
    }

    /// Whether a version with these bytes was rejected, and none was promoted since.
    static func isRejected(_ version: Int, _ db: Database) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                WITH same AS (
                    SELECT version FROM versions WHERE digest = (SELECT digest FROM versions WHERE version = :version)
                )
                SELECT EXISTS (
                    SELECT 1 FROM moves WHERE kind = 'reject' AND source IN same AND seq > (
                        SELECT coalesce(max(seq), 0) FROM moves WHERE alias = 'champion' AND target IN same
                    )
                )
                """,
            arguments: ["version": version]
        ) ?? false
    }

    /// Versions whose folders are gone.
    static func gone(_ db: Database) throws -> Set<Int> {
        try Set(Int.fetchAll(db, sql: "SELECT version FROM versions WHERE collected_at IS NOT NULL"))
    }

    /// Of a long history only what is needed: it is read at each move.
    static func championMoves(_ db: Database) throws -> [(kind: Move.Kind, from: Int?, to: Int?)] {
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT kind, source, target FROM moves WHERE alias = 'champion' ORDER BY seq"
        )
        var moves: [(kind: Move.Kind, from: Int?, to: Int?)] = []
        while let row = try rows.next() {
            if let kind = Move.Kind(rawValue: row[0]) { moves.append((kind, row[1], row[2])) }
        }
        return moves
    }
}

extension Move {
    init?(_ row: Row) {
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
