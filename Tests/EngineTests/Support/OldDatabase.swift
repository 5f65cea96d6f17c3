import FoundationEssentials
import GRDB
import Learning
import TestSupport
import Wire
import World

@testable import Engine

extension Database {
    /// Makes of this database what an intentd of schema 1 or 2 had written, with the same events and rows.
    func downgrade(to version: Int) throws {
        try downgradeEvents()
        try execute(
            sql: """
                DROP TABLE holdings;
                DROP TRIGGER turn_came;
                DROP TRIGGER turn_went;
                DROP TRIGGER feedback_came;
                DROP TRIGGER feedback_went;
                DROP TRIGGER feedback_changed;
                DROP INDEX turns_uid;
                DROP INDEX feedback_text;
                DROP TABLE moved_feedback;
                DROP TABLE intent_moves;
                DROP INDEX feedback_intent;
                DROP TABLE forgotten;
                ALTER TABLE versions DROP COLUMN reproduced_at;
                ALTER TABLE jobs DROP COLUMN same_as;
                ALTER TABLE versions DROP COLUMN forgotten_at;
                ALTER TABLE versions DROP COLUMN uid;
                ALTER TABLE versions DROP COLUMN files;
                ALTER TABLE versions DROP COLUMN collected_at;
                DELETE FROM meta WHERE key = 'events_head';
                ALTER TABLE jobs DROP COLUMN cause;
                DROP INDEX feedback_untried;
                ALTER TABLE feedback DROP COLUMN tried;
                """
        )
        if version < 2 { try execute(sql: "DROP TABLE turns") }
        try execute(sql: "PRAGMA user_version = \(version)")
    }

    /// Records that have their words in the payload, chained as they were then.
    private func downgradeEvents() throws {
        let records = try Row.fetchAll(self, sql: "SELECT * FROM events ORDER BY seq").map(AuditRecord.init)
        try execute(
            sql: """
                DROP TABLE events;
                CREATE TABLE events(
                    seq INTEGER PRIMARY KEY,
                    id TEXT NOT NULL UNIQUE,
                    origin TEXT NOT NULL,
                    at INTEGER NOT NULL,
                    kind TEXT NOT NULL,
                    uid INTEGER NOT NULL,
                    payload TEXT,
                    salt BLOB,
                    digest BLOB NOT NULL,
                    prev_hash BLOB NOT NULL
                ) STRICT;
                """
        )
        var end = TrailEnd.start
        for record in records {
            let kind = EventKind(rawValue: record.kind) ?? .approval
            let text = try record.fact?.content.description ?? ""
            let payload = AuditRecord.Sealed(text, .seeded(UInt64(record.seq)))
            let old = AuditRecord(
                seq: end.seq + 1,
                id: record.id,
                origin: record.origin,
                at: record.at,
                kind: kind.rawValue,
                uid: record.uid,
                payload: payload,
                digest: payload.digest ?? Data(),
                words: nil,
                wordsDigest: nil,
                previous: end.hash
            )
            try execute(
                sql: "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    old.seq, old.id, old.origin, old.at, old.kind, old.uid, old.payload?.text, old.payload?.salt,
                    old.digest, old.previous,
                ]
            )
            end = old.end
        }
    }
}

extension Ledger {
    /// Where the tables say something else than the events, after a look at the whole trail.
    func differences() async throws -> [Rebuild.Difference] {
        let rebuild = try await Rebuild(of: self)
        var trail = AuditTrail()
        try await trail.follow(self) { try rebuild.follow($0) }
        if let broken = trail.broken {
            return [Rebuild.Difference(table: "events", key: .integer(Int(broken.seq)), problem: broken.problem)]
        }
        return try await read { try rebuild.differences(from: $0) }
    }
}
