import Crypto
import FoundationEssentials
package import GRDB
package import Wire
package import World

/// One writer's part of a commit.
package struct Transaction {
    package let db: Database
    private let clock: Clock
    let randomness: Randomness
    private let log = Log()

    /// Shared by copies of one transaction, which belongs to the one thread that runs it.
    private final class Log { var kinds: [EventKind] = [] }

    init(db: Database, clock: Clock, randomness: Randomness) {
        self.db = db
        self.clock = clock
        self.randomness = randomness
    }

    /// What was recorded so far.
    var recorded: [EventKind] { log.kinds }

    package var now: Timestamp { clock.now() }

    package func makeIdentifier() -> String { Identifier(at: clock.now(), randomness: randomness).description }

    /// Appends to the audit trail.
    ///
    /// The chain: `prev_hash` is the hash over the previous record's fields, in which the payload stands as an HMAC
    /// under a salt of its own. Erasing payload and salt leaves the chain verifiable and the payload unguessable.
    package func record(_ kind: EventKind, uid: UInt32, at time: Timestamp? = nil, payload: JSON) throws {
        let last = try Row.fetchOne(db, sql: "SELECT * FROM events ORDER BY seq DESC LIMIT 1")
        let text = payload.description
        let salt = (0..<2).flatMap { _ in withUnsafeBytes(of: randomness.next().littleEndian, Array.init) }
        let digest = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: salt))
        try db.execute(
            sql: """
                INSERT INTO events(seq, id, origin, at, kind, uid, payload, salt, digest, prev_hash)
                VALUES (?, ?, (SELECT value FROM meta WHERE key = 'origin'), ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                (last?["seq"] ?? 0) + 1, makeIdentifier(), (time ?? now).microseconds, kind.rawValue, Int64(uid), text,
                Data(salt), Data(digest), Data(last.map(Transaction.hash) ?? [UInt8](repeating: 0, count: 32)),
            ]
        )
        if let head = try Row.fetchOne(db, sql: "SELECT * FROM events WHERE seq = last_insert_rowid()") {
            try db.execute(
                sql: "INSERT OR REPLACE INTO meta(key, value) VALUES ('events_head', ?)",
                arguments: [AuditRecord(head).head]
            )
        }
        log.kinds.append(kind)
    }

    static func hash(_ row: Row) -> [UInt8] { Array(AuditRecord(row).hash) }
}

/// What the audit trail knows.
package enum EventKind: String, Sendable {
    case feedback = "feedback.submitted"
    case review = "feedback.reviewed"
    case revision = "feedback.revised"
    case withdrawal = "feedback.withdrawn"
    case forgetting = "person.forgotten"
    case job = "job.finished"
    case jobRequest = "job.requested"
    case version = "model.registered"
    case move = "alias.moved"
    case approval = "model.approved"
    case collection = "model.collected"

    /// Whether it may hold a person's words, which go when the person is forgotten.
    package var isPersonal: Bool {
        switch self {
        case .feedback, .review, .revision, .withdrawal, .job: true
        case .forgetting, .jobRequest, .version, .move, .approval, .collection: false
        }
    }
}
