import FoundationEssentials
package import GRDB
import Wire
package import World

/// One writer's part of a commit.
package struct Transaction {
    package let db: Database
    let clock: Clock
    let randomness: Randomness
    let projections: Projections
    private let log = Log()

    /// Shared by copies of one transaction, which belongs to the one thread that runs it.
    private final class Log { var kinds: [EventKind] = [] }

    /// The kinds of the events recorded so far.
    var recorded: [EventKind] { log.kinds }

    package var now: Timestamp { clock.now() }

    package func makeIdentifier() -> String { Identifier(at: clock.now(), randomness: randomness).description }

    /// Appends an event to the audit trail, and makes the tables follow it.
    ///
    /// The chain: `prev_hash` is the hash over the previous record's fields, in which payload and words each stand as an
    /// HMAC under a salt of their own. Erasing one of them with its salt leaves the chain verifiable and what it said
    /// unguessable.
    ///
    /// - Parameters:
    ///   - payload: tells all that the tables hold of it.
    ///   - words: JSON pointers to the parts that may hold people's sentences.
    func record(_ kind: EventKind, uid: UInt32, at time: Timestamp? = nil, payload: JSON, words: [String] = []) throws {
        let record = try append(kind, uid: uid, at: time, payload: payload, words: words)
        try projections.apply(record, db)
        log.kinds.append(kind)
    }

    /// Appends an event that the tables need not follow.
    @discardableResult
    func append(_ kind: EventKind, uid: UInt32, at: Timestamp?, payload: JSON, words: [String]) throws -> AuditRecord {
        let origin = try origin()
        let (time, id) = (at ?? now, makeIdentifier())
        let end = try TrailEnd.read(of: origin, db)
        let (rest, sentences) = Sentences.part(payload, below: words)
        let payload = AuditRecord.Sealed(rest.description, randomness)
        let words = sentences.map { AuditRecord.Sealed($0.description, randomness) }
        let record = AuditRecord(
            seq: end.seq + 1,
            id: id,
            origin: origin,
            at: time.microseconds,
            kind: kind.rawValue,
            uid: Int64(uid),
            payload: payload,
            digest: payload.digest ?? Data(),
            words: words,
            wordsDigest: words?.digest,
            previous: end.hash
        )
        try record.insert(db)
        try record.end.write(db)
        return record
    }

    /// 256 random bits of this database, in hexadecimal digits; made once.
    func secret() throws -> String {
        let sql = "SELECT value FROM meta WHERE key = 'name_secret'"
        if let secret = try String.fetchOne(db, sql: sql) { return secret }
        let bytes = (0..<4).flatMap { _ in withUnsafeBytes(of: randomness.next().littleEndian, Array.init) }
        let secret = Digest.hexadecimal(bytes)
        try db.execute(sql: "INSERT INTO meta(key, value) VALUES ('name_secret', ?)", arguments: [secret])
        return secret
    }

    /// The name of this database in the keys of its events; made once.
    func origin() throws -> String {
        let sql = "SELECT value FROM meta WHERE key = 'origin'"
        if let origin = try String.fetchOne(db, sql: sql) { return origin }
        let origin = makeIdentifier()
        try db.execute(sql: "INSERT INTO meta(key, value) VALUES ('origin', ?)", arguments: [origin])
        return origin
    }
}
