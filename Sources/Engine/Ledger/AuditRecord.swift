import Crypto
import FoundationEssentials
import GRDB
import Wire
import World

/// A row of `events`.
struct AuditRecord: Sendable {
    let seq: Int64
    let id: String
    let origin: String
    let at: Int64
    let kind: String
    let uid: Int64
    /// nil if it was erased.
    let payload: Sealed?
    let digest: Data
    /// nil if there are none, or if they were erased.
    let words: Sealed?
    /// nil if there never were words.
    let wordsDigest: Data?
    let previous: Data

    /// A text with the salt of its digest. Both are erased together, because with the salt anybody could test guesses of
    /// the text.
    struct Sealed: Sendable {
        let text: String?
        let salt: Data?

        init?(_ text: String?, _ salt: Data?) {
            if text == nil, salt == nil { return nil }
            (self.text, self.salt) = (text, salt)
        }

        init(_ text: String, _ randomness: Randomness) {
            self.text = text
            salt = Data((0..<2).flatMap { _ in withUnsafeBytes(of: randomness.next().littleEndian, Array.init) })
        }

        /// nil if only one of the two is there.
        var digest: Data? {
            guard let text, let salt else { return nil }
            return Data(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: salt)))
        }
    }

    /// SHA-256 over the fields, each led by its length in 8 little-endian bytes. A record without words
    /// has one field less, as every record had before there were words. The lengths keep the two forms apart.
    var hash: Data {
        var hasher = SHA256()
        func add(_ bytes: some Sequence<UInt8>) {
            let bytes = Array(bytes)
            withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { hasher.update(bufferPointer: $0) }
            hasher.update(data: bytes)
        }
        add(previous)
        for number in [seq, at, uid] { add(withUnsafeBytes(of: number.littleEndian, Array.init)) }
        for text in [id, origin, kind] { add(text.utf8) }
        add(digest)
        if let wordsDigest { add(wordsDigest) }
        return Data(hasher.finalize())
    }

    /// The end of the trail while this is the last record.
    var end: TrailEnd { TrailEnd(seq: seq, hash: hash) }

    /// nil if the payload was erased, or if only a newer intentd knows the kind.
    var fact: Fact? {
        get throws {
            guard let text = payload?.text, let kind = EventKind(rawValue: kind) else { return nil }
            guard let payload = JSON(stored: text) else { throw StorageError.damaged("event \(seq) is not JSON") }
            return Fact(
                kind: kind,
                uid: UInt32(truncatingIfNeeded: uid),
                at: Timestamp(microseconds: at),
                content: Sentences.join(payload, JSON(stored: words?.text))
            )
        }
    }

    func insert(_ db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO events(origin, seq, id, at, kind, uid, digest, words_digest, prev_hash, salt, words_salt,
                payload, words) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            origin, seq, id, at, kind, uid, digest, wordsDigest, previous, payload?.salt, words?.salt, payload?.text,
            words?.text,
        ])
    }
}

extension AuditRecord {
    init(_ row: Row) {
        (seq, id, origin, at) = (row["seq"], row["id"], row["origin"], row["at"])
        (kind, uid, digest, previous) = (row["kind"], row["uid"], row["digest"], row["prev_hash"])
        payload = Sealed(row["payload"], row["salt"])
        words = Sealed(row["words"], row["words_salt"])
        wordsDigest = row["words_digest"]
    }
}

/// Number and hash of the last record. A copy of it that is kept elsewhere fixes everything before it.
struct TrailEnd: Sendable, Equatable, CustomStringConvertible {
    /// The end of an empty trail.
    static let start = TrailEnd(seq: 0, hash: Data(count: 32))

    var seq: Int64
    var hash: Data

    var description: String { "\(seq) \(Digest.hexadecimal(hash))" }
}

extension TrailEnd {
    /// Reads ``description``.
    init?(_ text: String) {
        let parts = text.split(separator: " ")
        guard parts.count == 2, let seq = Int64(parts[0]), parts[1].utf8.count == 64 else { return nil }
        let digits = parts[1].compactMap(\.hexDigitValue)
        guard digits.count == 64 else { return nil }
        self.init(seq: seq, hash: Data(stride(from: 0, to: 64, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }))
    }

    /// The end after which the next record goes.
    ///
    /// The mark decides, not the last row. So records that somebody cut off stay missing, and a record that somebody
    /// appended stays wrong, whatever is recorded later.
    static func read(of origin: String, _ db: Database) throws -> TrailEnd {
        let last = try Row.fetchOne(
            db,
            sql: """
                SELECT seq, id, origin, at, kind, uid, digest, words_digest, prev_hash, NULL AS payload, NULL AS salt,
                NULL AS words, NULL AS words_salt FROM events WHERE origin = ? ORDER BY seq DESC LIMIT 1
                """,
            arguments: [origin]
        ).map(AuditRecord.init)
        guard var end = try mark(db) ?? last?.end else { return start }
        // Somebody may have appended a row; its number is taken.
        if let last { end.seq = max(end.seq, last.seq) }
        return end
    }

    /// nil if it was removed or is empty.
    static func mark(_ db: Database) throws -> TrailEnd? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'events_head'").flatMap { TrailEnd($0) }
    }

    func write(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO meta(key, value) VALUES ('events_head', ?)")
            .execute(arguments: [description])
    }
}
