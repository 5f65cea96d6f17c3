import GRDB
import Learning
import Text
import Wire
import World

/// A person's rows of the database, and what others' rows say in their words.
enum ForgottenRows {
    struct Words: Sendable {
        /// The feedback that they gave, and what others said about their answers.
        var feedback: Set<String> = []
        /// The latter of the two.
        var aboutTheirs: Set<String> = []
        var texts: Set<String> = []
        /// Texts, comments and names of intents that nobody else used.
        var own: Set<String> = []
    }

    static func words(of uid: UInt32, _ answers: Set<String>, _ db: Database) throws -> Words {
        var said = Said()
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM feedback")
        while let row = try rows.next() { said.take(row, of: uid, answers) }
        return said.words
    }

    /// Removes the person's feedback, and changes the versions that were trained on it.
    static let projection = Projection(kinds: [.forgetting]) { fact, db in
        for id in try fact.elements("removed") {
            try db.execute(sql: "DELETE FROM feedback WHERE id = ?", arguments: [id.string])
            try db.execute(sql: "DELETE FROM moved_feedback WHERE feedback = ?", arguments: [id.string])
        }
        for version in try fact.elements("restated") {
            try db.execute(
                sql: "UPDATE versions SET snapshot = ?, forgotten_at = ? WHERE version = ?",
                arguments: [version["snapshot"]?.string, version["forgotten_at"]?.int, version["version"]?.int]
            )
        }
    }

    /// Erases all of it, records events that say how the rows are now, and writes down the work that is left.
    ///
    /// - Parameter survey: what a reader has found, so that only what came after it has to be looked at here.
    static func erase(
        _ uid: UInt32,
        _ data: ForgottenData.Change,
        answers: Set<String>,
        by caller: UInt32,
        isCommon: @escaping @Sendable (String) -> Bool,
        after survey: Survey? = nil,
        in transaction: Transaction
    ) throws -> Forgetting.Removed {
        let (db, now) = (transaction.db, transaction.now)
        var survey = try survey ?? Survey(of: uid, answers, isCommon: isCommon, db)
        // Somebody may have said something since the data was looked at.
        try survey.follow(db)
        let (words, own) = (survey.words, survey.own)
        let erased = try eraseEvents(survey, db)
        var removed = Forgetting.Removed(feedback: words.feedback.count, events: erased.count)
        (removed.snapshots, removed.versions) = (data.going.count, data.versions)
        try transaction.record(
            .forgetting,
            uid: caller,
            at: now,
            payload: [
                "uid": .integer(Int(uid)), "feedback": .integer(removed.feedback),
                "events": .integer(removed.events), "snapshots": .integer(removed.snapshots),
                "versions": .array(removed.versions.map { .integer($0) }),
                "erased": .array(erased.map { .integer(Int($0)) }),
                "removed": .array(words.feedback.sorted().map { .string($0) }),
                "restated": .array(try restated(data, at: now, db)),
            ]
        )
        for table in Schema.projections where !table.words.isEmpty {
            try blacken(own, of: table, rows: survey.rows(of: table, db), by: caller, in: transaction)
        }
        // An earlier call may not have come to its end.
        let going = Set(try Self.going(uid, db) + data.going)
        try db.execute(
            sql: "INSERT OR REPLACE INTO forgotten(uid, at, snapshots) VALUES (?, ?, ?)",
            arguments: [Int64(uid), now.microseconds, JSON.array(going.sorted().map { .string($0) }).description]
        )
        return removed
    }

    /// The training data that has to go yet.
    static func going(_ uid: UInt32, _ db: Database) throws -> [String] {
        let sql = "SELECT snapshots FROM forgotten WHERE uid = ?"
        let stored = try String.fetchOne(db, sql: sql, arguments: [Int64(uid)])
        return (JSON(stored: stored)?.array ?? []).compactMap(\.string)
    }

    /// The new values of versions whose data was replaced or that have to go.
    private static func restated(_ data: ForgottenData.Change, at now: Timestamp, _ db: Database) throws -> [JSON] {
        let sql = "SELECT version, snapshot, forgotten_at, collected_at FROM versions ORDER BY version"
        return try Row.fetchAll(db, sql: sql).compactMap { row in
            let (version, old): (Int, String) = (row["version"], row["snapshot"])
            let isCollected = (row["collected_at"] as Int64?) != nil
            let snapshot = isCollected ? old : data.replaced[old] ?? old
            let before: Int64? = row["forgotten_at"]
            let forgotten = before ?? (data.versions.contains(version) ? now.microseconds : nil)
            guard snapshot != old || forgotten != before else { return nil }
            return [
                "version": .integer(version), "snapshot": .string(snapshot),
                "forgotten_at": JSON(forgotten.map { Int($0) }),
            ]
        }
    }

    /// Erases payloads or words together with their salts. The digests stay, so that the chain holds and nobody can guess
    /// the erased text.
    ///
    /// - Returns: the numbers of the events.
    private static func eraseEvents(_ survey: Survey, _ db: Database) throws -> [Int64] {
        let parts = [(survey.payloads, "payload = NULL, salt"), (survey.sentences, "words = NULL, words_salt")]
        for (seqs, columns) in parts {
            let sql = "UPDATE events SET \(columns) = NULL WHERE origin = ? AND seq = ?"
            let origin = try Survey.origin(db)
            for seq in seqs { try db.execute(sql: sql, arguments: [origin, seq]) }
        }
        return Set(survey.payloads + survey.sentences).sorted()
    }

    /// Verdicts, errors and reasons may mention intents and sentences that only this person used. An event restates each
    /// such row without them.
    private static func blacken(
        _ own: Set<String>,
        of table: Schema.Table,
        rows: [Row],
        by caller: UInt32,
        in transaction: Transaction
    ) throws {
        guard !own.isEmpty else { return }
        for row in rows {
            let pointers = StatedRow.words(of: table)
            let (payload, words) = Sentences.part(try StatedRow.content(row, of: table), below: pointers)
            guard let words, words.mentions(own) else { continue }
            let restated = Sentences.join(payload, words.blackened(own))
            try transaction.record(.statement, uid: caller, payload: restated, words: pointers)
        }
    }
}

extension JSON {
    /// Names of members are never people's.
    func mentions(_ words: Set<String>) -> Bool {
        switch self {
        case .string(let text): text.mentions(words)
        case .array(let elements): elements.contains { $0.mentions(words) }
        case .object(let members): members.contains { $0.value.mentions(words) }
        default: false
        }
    }

    /// The same sentences, with a mark in place of each one that mentions one of the words.
    fileprivate func blackened(_ words: Set<String>) -> JSON {
        .object((object ?? []).map { Member($0.name, $0.value.mentions(words) ? "(forgotten)" : $0.value) })
    }
}

extension String {
    /// Whether one of the words stands in it, and not just as a part of another one.
    fileprivate func mentions(_ words: Set<String>) -> Bool {
        words.contains { word in
            guard !word.isEmpty else { return false }
            var rest = self[...]
            while let found = rest.firstRange(of: word) {
                let before = found.lowerBound > startIndex ? self[index(before: found.lowerBound)] : " "
                let after = found.upperBound < endIndex ? self[found.upperBound] : " "
                if !(before.isLetter || before.isNumber || after.isLetter || after.isNumber) { return true }
                rest = self[index(after: found.lowerBound)...]
            }
            return false
        }
    }
}
