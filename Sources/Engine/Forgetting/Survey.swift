import GRDB
import Learning
import Text
import Wire

// To find a person's words takes a look at all that is stored, and every other write would wait for that. So a reader
// looks, and the writer looks only at what came since.

extension ForgottenRows {
    /// The words that a person said in feedback, and those that others said.
    struct Said: Sendable {
        private var found = Words()
        private var others: Set<String> = []

        /// Those of the person, and of them those that nobody else used.
        var words: Words {
            var words = found
            words.own.subtract(others)
            return words
        }

        mutating func take(_ row: Row, of uid: UInt32, _ answers: Set<String>) {
            guard let item = FeedbackItem(row) else { return }
            let said = [item.text, item.comment, item.intent].compactMap { $0 }
            guard item.uid == uid || item.answer.map(answers.contains) ?? false else {
                others.formUnion(said)
                return
            }
            found.feedback.insert(item.id)
            if item.uid != uid { found.aboutTheirs.insert(item.id) }
            found.texts.insert(item.text)
            found.own.formUnion(said)
        }
    }

    /// Where a person's words stand in the database.
    struct Survey: Sendable {
        /// Their words that nobody else used. A word stays one if somebody else says it later: what was found by it goes.
        private(set) var own: Set<String> = []
        /// Events whose payload, or whose sentences, go.
        private(set) var payloads: [Int64] = []
        private(set) var sentences: [Int64] = []
        private let uid: UInt32
        private let answers: Set<String>
        private let isCommon: @Sendable (String) -> Bool
        private var said = Said()
        /// The last event that was looked at.
        private var last: Int64
        /// The keys of rows that mention their own words, by table; nil if all rows have to be looked at.
        private var keys: [String: [DatabaseValue]]? = [:]

        /// Looks at everything.
        init(
            of uid: UInt32,
            _ answers: Set<String>,
            isCommon: @escaping @Sendable (String) -> Bool,
            _ db: Database
        ) throws {
            (self.uid, self.answers, self.isCommon) = (uid, answers, isCommon)
            last = try Self.last(db)
            let rows = try Row.fetchCursor(db, sql: "SELECT * FROM feedback")
            while let row = try rows.next() { said.take(row, of: uid, answers) }
            own = fresh
            try look(after: 0, db)
            guard !own.isEmpty else { return }
            for table in Schema.projections where !table.words.isEmpty {
                let rows = try Self.all(table, db).filter { try mentionsOwn($0, of: table) }
                keys?[table.name] = rows.map { $0[table.key] as DatabaseValue }
            }
        }

        /// Their feedback, and what others said about their answers.
        var words: Words { said.words }

        private var fresh: Set<String> { said.words.own.filter { !isCommon($0) && !$0.isEmpty } }

        /// Looks at what has come since.
        mutating func follow(_ db: Database) throws {
            let (before, now) = (last, try Self.last(db))
            guard now > before else { return }
            let changed = try String.fetchSet(
                db,
                sql: """
                    SELECT json_extract(payload, '$.feedback_id') FROM events
                    WHERE origin = ? AND seq > ? AND kind LIKE 'feedback.%' AND payload IS NOT NULL
                    """,
                arguments: [try Self.origin(db), before]
            )
            for id in changed {
                let row = try Row.fetchOne(db, sql: "SELECT * FROM feedback WHERE id = ?", arguments: [id])
                if let row { said.take(row, of: uid, answers) }
            }
            own.formUnion(fresh)
            try look(after: before, db)
            let others = try Int.fetchOne(
                db,
                sql: "SELECT count(*) FROM events WHERE origin = ? AND seq > ? AND kind NOT LIKE 'feedback.%'",
                arguments: [try Self.origin(db), before]
            )
            // Rows of these tables have changed, which are few.
            if others ?? 0 > 0 { keys = nil }
            last = now
        }

        /// The rows of a table that may mention their own words.
        func rows(of table: Schema.Table, _ db: Database) throws -> [Row] {
            guard let keys else { return try Self.all(table, db) }
            let sql = "SELECT * FROM \(table.name) WHERE \(table.key) = ?"
            return try (keys[table.name] ?? []).compactMap { try Row.fetchOne(db, sql: sql, arguments: [$0]) }
        }

        private static func all(_ table: Schema.Table, _ db: Database) throws -> [Row] {
            try Row.fetchAll(db, sql: "SELECT * FROM \(table.name) ORDER BY \(table.key)")
        }

        private func mentionsOwn(_ row: Row, of table: Schema.Table) throws -> Bool {
            let content = try StatedRow.content(row, of: table)
            return Sentences.part(content, below: StatedRow.words(of: table)).words?.mentions(own) ?? false
        }

        static func origin(_ db: Database) throws -> String? {
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'origin'")
        }

        private static func last(_ db: Database) throws -> Int64 {
            let sql = "SELECT max(seq) FROM events WHERE origin = ?"
            return try Int64.fetchOne(db, sql: sql, arguments: [try origin(db)]) ?? 0
        }

        private mutating func look(after seq: Int64, _ db: Database) throws {
            let feedback = said.words.feedback
            // Most of a long history mentions none of them, and need not be parsed.
            let searches = own.map { ByteSearch(String(JSON.string($0).description.dropFirst().dropLast())) }
            func mentionsOwn(_ text: String) -> Bool {
                searches.contains { $0.isFound(in: text) } && JSON(stored: text)?.mentions(own) == true
            }
            let baseline = try Int64.fetchOne(
                db,
                sql: "SELECT max(seq) FROM events WHERE kind = ?",
                arguments: [EventKind.baseline.rawValue]
            )
            let events = try Row.fetchCursor(
                db,
                sql: """
                    SELECT seq, kind, payload, words FROM events WHERE origin = ? AND seq > ? AND payload IS NOT NULL
                    ORDER BY seq
                    """,
                arguments: [try Self.origin(db), seq]
            )
            while let event = try events.next() {
                let (seq, payload, words): (Int64, String, String?) = (event["seq"], event["payload"], event["words"])
                if let words, mentionsOwn(words) { sentences.append(seq) }
                switch EventKind(rawValue: event["kind"]) {
                case .feedback, .review, .revision, .withdrawal:
                    if JSON(stored: payload)?["feedback_id"]?.string.map(feedback.contains) ?? false {
                        payloads.append(seq)
                    }
                case .statement:
                    guard let content = JSON(stored: payload), content["table"]?.string == "feedback" else { break }
                    if content["row"]?["id"]?.string.map(feedback.contains) ?? false { payloads.append(seq) }
                case .job:
                    // Jobs from before the baseline have their words in the payload.
                    guard let baseline, seq < baseline else { break }
                    if mentionsOwn(payload) { payloads.append(seq) }
                default: break
                }
            }
        }
    }
}
