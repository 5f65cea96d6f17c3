import GRDB

// The tables. `events` is the heart: append-only, hash-chained. Which others are made from it, and which are not, stands
// in Schema+Tables.swift.
enum Schema {
    /// Step N brings a database of `user_version` N to N + 1. Steps are only ever added.
    private static let steps: [String] = [
        """
        CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID, STRICT;

        -- payload and salt of a person who asked to be forgotten become NULL; digest keeps the chain whole.
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

        CREATE TABLE feedback(
            id TEXT PRIMARY KEY,
            at INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            answer TEXT,
            text TEXT NOT NULL,
            intent TEXT,
            predicted TEXT,
            rating TEXT,
            comment TEXT,
            state TEXT NOT NULL,
            key TEXT,
            request TEXT NOT NULL,
            admin INTEGER NOT NULL,
            reviewer INTEGER
        ) WITHOUT ROWID, STRICT;
        CREATE UNIQUE INDEX feedback_key ON feedback(uid, key) WHERE key IS NOT NULL;
        CREATE INDEX feedback_state ON feedback(state, id);
        CREATE INDEX feedback_uid ON feedback(uid, id);

        CREATE TABLE versions(
            version INTEGER PRIMARY KEY,
            digest TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            snapshot TEXT NOT NULL,
            metrics TEXT NOT NULL,
            verdict TEXT
        ) STRICT;

        CREATE TABLE aliases(alias TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID, STRICT;

        CREATE TABLE moves(
            seq INTEGER PRIMARY KEY,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            alias TEXT NOT NULL,
            source INTEGER,
            target INTEGER,
            uid INTEGER NOT NULL,
            reason TEXT NOT NULL,
            verdict TEXT
        ) STRICT;

        CREATE TABLE jobs(
            id TEXT PRIMARY KEY,
            created_at INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            policy TEXT NOT NULL,
            state TEXT NOT NULL,
            step TEXT NOT NULL,
            fraction REAL NOT NULL,
            started_at INTEGER,
            finished_at INTEGER,
            candidate INTEGER,
            verdict TEXT,
            learned TEXT,
            error TEXT
        ) WITHOUT ROWID, STRICT;
        """,
        """
        -- What was said in conversations, redacted. seq gives the order within a session.
        CREATE TABLE turns(
            seq INTEGER PRIMARY KEY,
            uid INTEGER NOT NULL,
            session TEXT NOT NULL,
            at INTEGER NOT NULL,
            answer TEXT NOT NULL,
            text TEXT NOT NULL,
            reply TEXT NOT NULL,
            route TEXT NOT NULL,
            intent TEXT NOT NULL
        ) STRICT;
        CREATE INDEX turns_session ON turns(uid, session, seq);
        CREATE INDEX turns_at ON turns(at);
        """,
        """
        -- Who asked for a version, the SHA-256 of each of its files, and since when its folder is gone.
        ALTER TABLE versions ADD COLUMN uid INTEGER;
        ALTER TABLE versions ADD COLUMN files TEXT;
        ALTER TABLE versions ADD COLUMN collected_at INTEGER;
        UPDATE versions SET uid = (SELECT uid FROM jobs WHERE candidate = version ORDER BY id LIMIT 1);
        -- Where the audit trail ends: without it, a last record that is changed or cut off would not be missed.
        -- Empty until the next record.
        INSERT OR IGNORE INTO meta(key, value) VALUES ('events_head', '');
        """,
        """
        -- Why a job began, and which feedback a training has had before it, however that ended. What is said anew has to be
        -- trained on again.
        ALTER TABLE jobs ADD COLUMN cause TEXT;
        ALTER TABLE feedback ADD COLUMN tried INTEGER NOT NULL DEFAULT 0;
        UPDATE feedback SET tried = 1 WHERE state = 'accepted' AND at < (SELECT max(created_at) FROM jobs);
        CREATE INDEX feedback_untried ON feedback(id) WHERE state = 'accepted' AND tried = 0;
        CREATE TRIGGER feedback_said_anew AFTER UPDATE OF intent, text ON feedback
        WHEN new.intent IS NOT old.intent OR new.text IS NOT old.text
        BEGIN UPDATE feedback SET tried = 0 WHERE id = new.id; END;
        """,
        """
        -- Whom to forget: the row stays until no file holds a word of theirs, and names the data that have to go.
        CREATE TABLE forgotten(uid INTEGER PRIMARY KEY, at INTEGER NOT NULL, snapshots TEXT NOT NULL) STRICT;
        -- Since when a version should not be there: somebody on whose words it was trained is forgotten.
        ALTER TABLE versions ADD COLUMN forgotten_at INTEGER;
        """,
        """
        -- Where an event comes from is a part of its key, so that another host's can stand beside them. words are people's
        -- sentences in it, which go without the rest. A record of before has no words_digest, and the hash that it had.
        CREATE TABLE events_keyed(
            origin TEXT NOT NULL,
            seq INTEGER NOT NULL,
            id TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            uid INTEGER NOT NULL,
            digest BLOB NOT NULL,
            words_digest BLOB,
            prev_hash BLOB NOT NULL,
            salt BLOB,
            words_salt BLOB,
            payload TEXT,
            words TEXT,
            PRIMARY KEY(origin, seq)
        ) STRICT;
        INSERT INTO events_keyed(origin, seq, id, at, kind, uid, digest, prev_hash, salt, payload)
            SELECT origin, seq, id, at, kind, uid, digest, prev_hash, salt, payload FROM events ORDER BY seq;
        DROP TABLE events;
        ALTER TABLE events_keyed RENAME TO events;
        -- Whoever says something anew does so by an event, and what follows from it is written there.
        DROP TRIGGER feedback_said_anew;
        """,
        """
        -- When a training last made a version's bytes again, and which version a job made again.
        ALTER TABLE versions ADD COLUMN reproduced_at INTEGER;
        ALTER TABLE jobs ADD COLUMN same_as INTEGER;
        """,
        """
        -- Intents that were renamed, merged or removed. sources are read as target in versions up to through; a row that
        -- undoes another one renames back, or has no sources. plan is what it changes in the files.
        CREATE TABLE intent_moves(
            seq INTEGER PRIMARY KEY,
            move TEXT NOT NULL UNIQUE,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            sources TEXT NOT NULL,
            target TEXT,
            through INTEGER NOT NULL,
            undoes TEXT,
            plan TEXT NOT NULL,
            uid INTEGER NOT NULL,
            reason TEXT NOT NULL
        ) STRICT;
        -- The feedback that a move changed, as it was, so that the move can be undone.
        CREATE TABLE moved_feedback(
            item TEXT PRIMARY KEY,
            move TEXT NOT NULL,
            feedback TEXT NOT NULL,
            intent TEXT,
            predicted TEXT,
            state TEXT NOT NULL,
            reviewer INTEGER
        ) WITHOUT ROWID, STRICT;
        CREATE INDEX moved_feedback_move ON moved_feedback(move);
        CREATE INDEX moved_feedback_feedback ON moved_feedback(feedback);
        CREATE INDEX feedback_intent ON feedback(intent);
        """,
        """
        -- What each user has here, counted by the database whenever a row comes or goes: a request that asks must not cost
        -- more the more there is. bytes are those of texts, replies and comments.
        CREATE TABLE holdings(
            uid INTEGER PRIMARY KEY,
            turns INTEGER NOT NULL DEFAULT 0,
            pending INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        INSERT INTO holdings(uid, turns, pending, bytes)
            SELECT uid, sum(turns), sum(pending), sum(bytes) FROM (
                SELECT uid, 1 AS turns, 0 AS pending, octets_text + octets_reply AS bytes FROM (
                    SELECT uid, length(CAST(text AS BLOB)) AS octets_text, length(CAST(reply AS BLOB)) AS octets_reply
                    FROM turns)
                UNION ALL
                SELECT uid, 0, state = 'pending', length(CAST(text AS BLOB)) + ifnull(length(CAST(comment AS BLOB)), 0)
                FROM feedback)
            GROUP BY uid;
        CREATE TRIGGER turn_came AFTER INSERT ON turns BEGIN
            INSERT INTO holdings(uid, turns, bytes)
                VALUES (new.uid, 1, length(CAST(new.text AS BLOB)) + length(CAST(new.reply AS BLOB)))
                ON CONFLICT(uid) DO UPDATE SET turns = turns + 1, bytes = bytes + excluded.bytes;
        END;
        CREATE TRIGGER turn_went AFTER DELETE ON turns BEGIN
            UPDATE holdings SET turns = turns - 1,
                bytes = bytes - length(CAST(old.text AS BLOB)) - length(CAST(old.reply AS BLOB)) WHERE uid = old.uid;
            DELETE FROM holdings WHERE uid = old.uid AND turns = 0 AND pending = 0 AND bytes = 0;
        END;
        CREATE TRIGGER feedback_came AFTER INSERT ON feedback BEGIN
            INSERT INTO holdings(uid, pending, bytes)
                VALUES (new.uid, new.state = 'pending',
                    length(CAST(new.text AS BLOB)) + ifnull(length(CAST(new.comment AS BLOB)), 0))
                ON CONFLICT(uid) DO UPDATE SET pending = pending + excluded.pending, bytes = bytes + excluded.bytes;
        END;
        CREATE TRIGGER feedback_went AFTER DELETE ON feedback BEGIN
            UPDATE holdings SET pending = pending - (old.state = 'pending'), bytes = bytes
                - length(CAST(old.text AS BLOB)) - ifnull(length(CAST(old.comment AS BLOB)), 0) WHERE uid = old.uid;
            DELETE FROM holdings WHERE uid = old.uid AND turns = 0 AND pending = 0 AND bytes = 0;
        END;
        CREATE TRIGGER feedback_changed AFTER UPDATE OF state, comment ON feedback BEGIN
            UPDATE holdings SET pending = pending + (new.state = 'pending') - (old.state = 'pending'), bytes = bytes
                + ifnull(length(CAST(new.comment AS BLOB)), 0) - ifnull(length(CAST(old.comment AS BLOB)), 0)
                WHERE uid = new.uid;
        END;
        -- The oldest turns of a user, and the same words said again, are found without a look at the others.
        CREATE INDEX turns_uid ON turns(uid);
        CREATE INDEX feedback_text ON feedback(uid, text);
        """,
    ]

    /// From this version on every event tells all that the tables hold of it.
    private static let complete = 6

    static var current: Int { steps.count }

    /// Brings the database to the current schema in one transaction; refuses one from the future.
    ///
    /// - Parameter transaction: records the baseline.
    static func migrate(_ db: Database, recording transaction: Transaction) throws {
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if version > current { throw StorageError.newerSchema(version) }
        guard version >= 0 else { throw StorageError.damaged("its schema has the number \(version)") }
        guard version < current else { return }
        try db.inTransaction(.immediate) {
            for step in steps[version...] { try db.execute(sql: step) }
            if version < complete { try Baseline.record(in: transaction) }
            try db.execute(sql: "PRAGMA user_version = \(current)")
            return .commit
        }
    }
}
