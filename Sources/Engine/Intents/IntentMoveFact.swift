import GRDB
import Learning
import Text
import Wire
import World

/// The events about names of intents: one tells that intents were renamed, merged or removed, the other that this was
/// undone. Both change the feedback that names the intents.
enum IntentMoveFact {
    static let projection = Projection(kinds: [.intentMove, .intentRestoration]) { fact, db in
        if fact.kind == .intentMove { try move(fact, db) } else { try restore(fact, db) }
    }

    /// JSON pointers to what may be people's sentences in them. The names of the intents stay, whoever made them up: an
    /// admin has said them here, and without them nobody could follow the event.
    static let words = ["/reason"]

    /// The kind of the row that undoes a move.
    static let undo = "undo"

    /// - Parameters:
    ///   - through: the newest version that there is.
    ///   - plan: what the move changes in the files.
    static func move(_ id: String, _ move: IntentMove, through: Int, plan: JSON, reason: String) -> JSON {
        [
            "move": .string(id), "kind": .string(move.kind.rawValue),
            "intents": .array(move.sources.map { .string($0) }), "to": JSON(move.target),
            "through": .integer(through), "plan": plan, "reason": .string(Redactor.redact(reason)),
        ]
    }

    /// - Parameters:
    ///   - id: of the undoing, which is a move itself.
    ///   - move: the one that is undone.
    static func restoration(_ id: String, of move: StoredMove, through: Int, reason: String) -> JSON {
        // A renaming is undone by another one: versions that were trained in between know the new name.
        let back = move.move.kind == .rename ? move.move.target : nil
        return [
            "move": .string(id), "undoes": .string(move.id),
            "intents": .array(back.map { [.string($0)] } ?? []),
            "to": back == nil ? .null : .string(move.move.sources[0]),
            "through": .integer(through), "plan": move.plan, "reason": .string(Redactor.redact(reason)),
        ]
    }

    private static func insert(_ fact: Fact, kind: String, undoes: String?, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO intent_moves(move, at, kind, sources, target, through, undoes, plan, uid, reason)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try fact.text("move"), fact.at.microseconds, kind, sources(fact), fact.content["to"]?.string,
                try fact.number("through"), undoes, (fact.content["plan"] ?? .null).description,
                Int64(fact.uid), try fact.text("reason"),
            ]
        )
    }

    private static func sources(_ fact: Fact) -> String { (fact.content["intents"] ?? .array([])).description }

    private static func move(_ fact: Fact, _ db: Database) throws {
        let (move, sources) = (try fact.text("move"), sources(fact))
        try insert(fact, kind: try fact.text("kind"), undoes: nil, db)
        try db.execute(
            sql: """
                INSERT INTO moved_feedback(item, move, feedback, intent, predicted, state, reviewer)
                SELECT ?1 || ' ' || id, ?1, id, intent, predicted, state, reviewer FROM feedback
                WHERE intent IN (SELECT value FROM json_each(?2)) OR predicted IN (SELECT value FROM json_each(?2))
                """,
            arguments: [move, sources]
        )
        guard let target = fact.content["to"]?.string else {
            // Nobody should be taught it any more.
            return try db.execute(
                sql: """
                    UPDATE feedback SET state = 'rejected', reviewer = ?2
                    WHERE state IN ('pending', 'accepted') AND intent IN (SELECT value FROM json_each(?1))
                    """,
                arguments: [sources, Int64(fact.uid)]
            )
        }
        for column in ["intent", "predicted"] {
            try db.execute(
                sql: "UPDATE feedback SET \(column) = ?2 WHERE \(column) IN (SELECT value FROM json_each(?1))",
                arguments: [sources, target]
            )
        }
    }

    private static func restore(_ fact: Fact, _ db: Database) throws {
        let undoes = try fact.text("undoes")
        try insert(fact, kind: undo, undoes: undoes, db)
        guard let moved = try Row.fetchOne(db, sql: "SELECT * FROM intent_moves WHERE move = ?", arguments: [undoes])
        else { throw Fact.Incomplete(kind: fact.kind, name: "a move that there is") }
        let target: String? = moved["target"]
        if target == nil {
            try db.execute(
                sql: """
                    UPDATE feedback SET state = was.state, reviewer = was.reviewer FROM moved_feedback AS was
                    WHERE was.move = ? AND was.feedback = feedback.id AND feedback.state = 'rejected'
                    AND feedback.intent IS was.intent AND was.state IN ('pending', 'accepted')
                    """,
                arguments: [undoes]
            )
        }
        for column in ["intent", "predicted"] where target != nil {
            // Only items that still have the move's name go back: a later revision by a person stays.
            try db.execute(
                sql: """
                    UPDATE feedback SET \(column) = was.\(column) FROM moved_feedback AS was
                    WHERE was.move = ?1 AND was.feedback = feedback.id AND feedback.\(column) IS ?2
                    AND was.\(column) IN (SELECT value FROM json_each(?3))
                    """,
                arguments: [undoes, target, moved["sources"] as String]
            )
            guard let back = fact.content["to"]?.string else { continue }
            // Feedback that people gave since the renaming names the same intent by its new name.
            try db.execute(
                sql: "UPDATE feedback SET \(column) = ?1 WHERE \(column) IS ?2",
                arguments: [back, target]
            )
        }
        try db.execute(sql: "DELETE FROM moved_feedback WHERE move = ?", arguments: [undoes])
    }
}

/// A move as the ledger has it.
struct StoredMove: Sendable {
    var id: String
    var at: Timestamp
    var move: IntentMove
    /// The changes in the files.
    var plan: JSON
    var isUndone: Bool
}

extension StoredMove {
    /// nil if there is no such move; an undoing is none.
    static func fetch(_ id: String, _ db: Database) throws -> StoredMove? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM intent_moves WHERE move = ?", arguments: [id]),
            let kind = IntentMove.Kind(rawValue: row["kind"])
        else { return nil }
        let sources = (JSON(stored: row["sources"])?.array ?? []).compactMap(\.string)
        let undone = try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM intent_moves WHERE undoes = ?)",
            arguments: [id]
        )
        return StoredMove(
            id: id,
            at: Timestamp(microseconds: row["at"]),
            move: IntentMove(kind: kind, sources: sources, target: row["target"]),
            plan: JSON(stored: row["plan"]) ?? .null,
            isUndone: undone ?? false
        )
    }
}

// The form in which an event tells the plan.
extension MovePlan {
    var json: JSON {
        [
            "files": files.json, "rows": .integer(rows), "responses": .integer(responses), "cases": .integer(cases),
        ]
    }

    /// nil if it was not made by ``json``.
    init?(_ json: JSON) {
        guard let files = json["files"].flatMap([File].init(json:)), let rows = json["rows"]?.quantity,
            let responses = json["responses"]?.quantity, let cases = json["cases"]?.quantity
        else { return nil }
        self.init()
        (self.files, self.rows, self.responses, self.cases) = (files, rows, responses, cases)
    }
}
