import Crypto
import FoundationEssentials
package import GRDB
package import Wire

/// One writer's part of a commit.
package struct Transaction {
    package let db: Database
    private let clock: Clock
    let randomness: Randomness

    init(db: Database, clock: Clock, randomness: Randomness) {
        self.db = db
        self.clock = clock
        self.randomness = randomness
    }

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
    }

    /// SHA-256 over a record's fields, each led by its length in 8 little-endian bytes.
    static func hash(_ row: Row) -> [UInt8] {
        var hasher = SHA256()
        func add(_ bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
            hasher.update(data: bytes)
        }
        let (seq, at, uid): (Int64, Int64, Int64) = (row["seq"], row["at"], row["uid"])
        let (previous, digest): (Data, Data) = (row["prev_hash"], row["digest"])
        add(previous)
        for number in [seq, at, uid] { add(withUnsafeBytes(of: number.littleEndian, Array.init)) }
        for column in ["id", "origin", "kind"] {
            let text: String = row[column]
            add(text.utf8)
        }
        add(digest)
        return Array(hasher.finalize())
    }
}

/// What the audit trail knows.
package enum EventKind: String, Sendable {
    case feedback = "feedback.submitted"
    case review = "feedback.reviewed"
    case job = "job.finished"
    case jobRequest = "job.requested"
    case version = "model.registered"
    case move = "alias.moved"
}
