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
        var words = Words()
        var others: Set<String> = []
        let rows = try Row.fetchCursor(db, sql: "SELECT * FROM feedback")
        while let row = try rows.next() {
            guard let item = FeedbackItem(row) else { continue }
            let said = [item.text, item.comment, item.intent].compactMap { $0 }
            guard item.uid == uid || item.answer.map(answers.contains) ?? false else {
                others.formUnion(said)
                continue
            }
            words.feedback.insert(item.id)
            if item.uid != uid { words.aboutTheirs.insert(item.id) }
            words.texts.insert(item.text)
            words.own.formUnion(said)
        }
        words.own.subtract(others)
        return words
    }

    /// Erases all of it, and writes down what is left to do.
    static func erase(
        _ uid: UInt32,
        _ answers: Set<String>,
        _ known: Words,
        _ data: ForgottenData.Change,
        by caller: UInt32,
        isCommon: (String) -> Bool,
        in transaction: Transaction
    ) throws -> Forgetting.Removed {
        let (db, now) = (transaction.db, transaction.now)
        var removed = Forgetting.Removed()
        // Somebody may have said something since the data was looked at.
        let words = try Self.words(of: uid, answers, db)
        removed.feedback = words.feedback.count
        removed.events = try eraseEvents(words, uid, isCommon, db)
        try blacken(words, isCommon, db)
        for id in words.feedback { try db.execute(sql: "DELETE FROM feedback WHERE id = ?", arguments: [id]) }
        for (old, new) in data.replaced {
            try db.execute(
                sql: "UPDATE versions SET snapshot = ? WHERE snapshot = ? AND collected_at IS NULL",
                arguments: [new, old]
            )
        }
        for version in data.versions {
            try db.execute(
                sql: "UPDATE versions SET forgotten_at = coalesce(forgotten_at, ?) WHERE version = ?",
                arguments: [now.microseconds, version]
            )
        }
        removed.snapshots = data.going.count
        removed.versions = data.versions
        // An earlier call may not have come to its end.
        let before = try String.fetchOne(
            db,
            sql: "SELECT snapshots FROM forgotten WHERE uid = ?",
            arguments: [Int64(uid)]
        )
        let going = Set((JSON(stored: before)?.array ?? []).compactMap(\.string) + data.going)
        try db.execute(
            sql: "INSERT OR REPLACE INTO forgotten(uid, at, snapshots) VALUES (?, ?, ?)",
            arguments: [Int64(uid), now.microseconds, JSON.array(going.sorted().map { .string($0) }).description]
        )
        try transaction.record(
            .forgetting,
            uid: caller,
            at: now,
            payload: [
                "uid": .integer(Int(uid)), "feedback": .integer(removed.feedback),
                "events": .integer(removed.events), "snapshots": .integer(removed.snapshots),
                "versions": .array(removed.versions.map { .integer($0) }),
            ]
        )
        return removed
    }

    /// Payload and salt go, the digest stays: the chain holds, and nobody can guess what it said.
    private static func eraseEvents(
        _ words: Words,
        _ uid: UInt32,
        _ isCommon: (String) -> Bool,
        _ db: Database
    ) throws -> Int {
        var going: [Int64] = []
        let own = words.own.filter { !isCommon($0) }
        let searches = Self.searches(own)
        let events = try Row.fetchCursor(
            db,
            sql: "SELECT seq, kind, uid, payload FROM events WHERE payload IS NOT NULL"
        )
        while let event = try events.next() {
            let payload: String = event["payload"]
            switch EventKind(rawValue: event["kind"]) {
            case .feedback, .review, .revision, .withdrawal:
                if JSON(stored: payload)?["feedback_id"]?.string.map(words.feedback.contains) ?? false {
                    going.append(event["seq"])
                }
            case .job:
                guard searches.contains(where: { $0.isFound(in: payload) }) else { break }
                if let content = JSON(stored: payload), content.mentions(own) { going.append(event["seq"]) }
            default: break
            }
        }
        for seq in going {
            try db.execute(sql: "UPDATE events SET payload = NULL, salt = NULL WHERE seq = ?", arguments: [seq])
        }
        return going.count
    }

    /// Finds words in stored JSON without parsing it, since most of a long history mentions none of them.
    private static func searches(_ words: Set<String>) -> [ByteSearch] {
        words.map { ByteSearch(String(JSON.string($0).description.dropFirst().dropLast())) }
    }

    /// Verdicts and figures name intents, and those that only they spoke of are theirs.
    private static func blacken(_ words: Words, _ isCommon: (String) -> Bool, _ db: Database) throws {
        let own = words.own.filter { !isCommon($0) }
        guard !own.isEmpty else { return }
        let searches = Self.searches(own)
        for (table, key, columns) in [
            ("jobs", "id", ["verdict", "learned"]), ("versions", "version", ["verdict", "metrics"]),
        ] {
            for row in try Row.fetchAll(db, sql: "SELECT \(key), \(columns.joined(separator: ", ")) FROM \(table)") {
                for column in columns {
                    guard let stored = row[column] as String?, searches.contains(where: { $0.isFound(in: stored) }),
                        let content = JSON(stored: stored), content.mentions(own)
                    else { continue }
                    try db.execute(
                        sql: "UPDATE \(table) SET \(column) = ? WHERE \(key) = ?",
                        arguments: [content.blackened(own).description, row[key] as DatabaseValue]
                    )
                }
            }
        }
    }
}

extension JSON {
    fileprivate func mentions(_ words: Set<String>) -> Bool {
        switch self {
        case .string(let text): text.mentions(words)
        case .array(let elements): elements.contains { $0.mentions(words) }
        case .object(let members): members.contains { $0.name.mentions(words) || $0.value.mentions(words) }
        default: false
        }
    }

    fileprivate func blackened(_ words: Set<String>) -> JSON {
        switch self {
        case .string(let text): text.mentions(words) ? "(forgotten)" : self
        case .array(let elements): .array(elements.map { $0.blackened(words) })
        case .object(let members):
            .object(members.filter { !$0.name.mentions(words) }.map { Member($0.name, $0.value.blackened(words)) })
        default: self
        }
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
