import GRDB
import Text
import Wire
import World

/// Turns as rows of the ledger. They leave no events, so that a conversation can be forgotten without a trace.
enum SessionRows {
    /// How many rows are deleted in one transaction, which all other writes wait for.
    static let atOnce = 500

    /// Adds turns, redacted, and deletes the oldest turns of each session above the limit, and of each user.
    ///
    /// - Returns: whether any were deleted.
    @discardableResult
    static func insert(
        _ turns: [UnsavedTurn],
        maxTurns: Int,
        limits: ConnectionLimits,
        _ db: Database
    ) throws -> Bool {
        guard !turns.isEmpty else { return false }
        let insert = try db.cachedStatement(
            sql: """
                INSERT INTO turns(uid, session, at, answer, text, reply, route, intent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        )
        for item in turns {
            let turn = item.turn
            try insert.execute(arguments: [
                Int64(item.key.uid), item.key.name, turn.at.microseconds, turn.answer.description,
                StoredText(Redactor.redact(turn.text)), StoredText(Redactor.redact(turn.reply)), turn.route.rawValue,
                turn.intent,
            ])
        }
        let trim = try db.cachedStatement(
            sql: """
                DELETE FROM turns WHERE uid = ?1 AND session = ?2 AND seq <= (
                    SELECT seq FROM turns WHERE uid = ?1 AND session = ?2 ORDER BY seq DESC LIMIT 1 OFFSET ?3)
                """
        )
        var hasTrimmed = false
        for key in Set(turns.map(\.key)) {
            try trim.execute(arguments: [Int64(key.uid), key.name, maxTurns])
            hasTrimmed = hasTrimmed || db.changesCount > 0
        }
        for uid in Set(turns.map(\.key.uid)) {
            let holding = try Holding(of: uid, db)
            var surplus = holding.turns - limits.turnsPerUID
            // How many that are is not known before they are gone; a few more go each time.
            if holding.bytes > limits.storedPerUID { surplus = max(surplus, turns.count + 16) }
            guard surplus > 0 else { continue }
            try db.execute(
                sql: "DELETE FROM turns WHERE seq IN (SELECT seq FROM turns WHERE uid = ? ORDER BY seq LIMIT ?)",
                arguments: [Int64(uid), min(surplus, turns.count + atOnce)]
            )
            hasTrimmed = true
        }
        return hasTrimmed
    }

    /// Returns the turns of a session, oldest first.
    static func turns(of key: SessionKey, since cutoff: Timestamp, limit: Int, _ db: Database) throws -> [Turn] {
        let sql = "SELECT * FROM turns WHERE uid = ? AND session = ? AND at >= ? ORDER BY seq DESC LIMIT ?"
        let arguments: StatementArguments = [Int64(key.uid), key.name, cutoff.microseconds, limit]
        return try Row.fetchAll(db, sql: sql, arguments: arguments).reversed().compactMap(Turn.init)
    }

    static func list(
        uid: UInt32?,
        since cutoff: Timestamp,
        limit: Int,
        _ db: Database
    ) throws -> [SessionMemory.Summary] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT uid, session, count(*) AS turns, min(at) AS first, max(at) AS last, max(seq) AS newest FROM turns
                WHERE (?1 IS NULL OR uid = ?1) AND at >= ?2 GROUP BY uid, session ORDER BY newest DESC LIMIT ?3
                """,
            arguments: [uid.map { Int64($0) }, cutoff.microseconds, limit]
        ).map { row in
            SessionMemory.Summary(
                uid: UInt32(truncatingIfNeeded: row["uid"] as Int64),
                name: row["session"],
                turns: row["turns"],
                first: Timestamp(microseconds: row["first"]),
                last: Timestamp(microseconds: row["last"])
            )
        }
    }

    /// - Returns: whether any name was changed.
    static func sealNames(with seal: NameSeal, _ db: Database) throws -> Bool {
        let isDone = "SELECT EXISTS(SELECT 1 FROM meta WHERE key = 'session_names')"
        if try Bool.fetchOne(db, sql: isDone) ?? false { return false }
        let rows = try Row.fetchAll(db, sql: "SELECT DISTINCT uid, session FROM turns")
        for row in rows {
            let (uid, name) = (row["uid"] as Int64, row["session"] as String)
            try db.execute(
                sql: "UPDATE turns SET session = ?1 WHERE uid = ?2 AND session = ?3",
                arguments: [seal.seal(name), uid, name]
            )
        }
        try db.execute(sql: "INSERT INTO meta(key, value) VALUES ('session_names', 'sealed')")
        return !rows.isEmpty
    }

    /// Deletes turns of one session of a uid, or of all.
    ///
    /// - Returns: the session's name of each deleted row; fewer than ``atOnce`` if none are left.
    static func delete(uid: UInt32, name: String?, _ db: Database) throws -> [String] {
        let isMeant = name == nil ? "uid = ?1" : "uid = ?1 AND session = ?2"
        let sql = """
            DELETE FROM turns WHERE seq IN (SELECT seq FROM turns WHERE \(isMeant) LIMIT \(atOnce)) RETURNING session
            """
        let arguments: StatementArguments = name.map { [Int64(uid), $0] } ?? [Int64(uid)]
        return try String.fetchAll(db, sql: sql, arguments: arguments)
    }

    /// Deletes turns from before a time.
    ///
    /// - Returns: how many; fewer than ``atOnce`` if none are left.
    static func expire(before cutoff: Timestamp, _ db: Database) throws -> Int {
        let sql = "DELETE FROM turns WHERE seq IN (SELECT seq FROM turns WHERE at < ? LIMIT \(atOnce))"
        try db.execute(sql: sql, arguments: [cutoff.microseconds])
        return db.changesCount
    }
}

extension Turn {
    init?(_ row: Row) {
        guard let answer = Identifier(row["answer"] as String), let route = Route(rawValue: row["route"]) else {
            return nil
        }
        self.init(
            answer: answer,
            at: Timestamp(microseconds: row["at"]),
            text: (row["text"] as StoredText).text,
            reply: (row["reply"] as StoredText).text,
            route: route,
            intent: row["intent"]
        )
    }
}
