import Crypto
import FoundationEssentials
import GRDB
package import Wire
package import World

/// The audit trail, read again from its first record to its last, a page at a time: nobody waits for it, and it is
/// never in memory as a whole.
package struct AuditTrail: Sendable {
    /// The first record that is not what it was.
    package struct Break: Sendable, Equatable {
        package var seq: Int64
        package var problem: String
        /// nil for a record that is gone.
        package var id: String?
        package var kind: String?
        package var at: Timestamp?
    }

    package private(set) var records = 0
    /// Those whose payload was erased on purpose.
    package private(set) var erased = 0
    package private(set) var broken: Break?
    /// Model digests by version, as they were registered.
    package private(set) var registered: [Int: String] = [:]
    /// Where the aliases stand after the moves that can be read.
    package private(set) var aliases: [Alias: Int] = [:]
    /// Whether a payload that would say so was erased.
    package private(set) var isComplete = true

    /// Number and hash of the last record: who keeps it elsewhere has fixed everything before it.
    package var head: String? { last?.head }

    private var last: AuditRecord?
    private var hasEnded = false

    static let page = 512

    package static func read(_ ledger: Ledger) async throws -> AuditTrail {
        try await AuditTrail().continued(in: ledger)
    }

    /// The same with what was recorded since; as it is where a record was broken.
    package func continued(in ledger: Ledger) async throws -> AuditTrail {
        var trail = self
        trail.hasEnded = trail.broken != nil
        while !trail.hasEnded {
            trail = try await ledger.read { [trail] db in
                var trail = trail
                try trail.readPage(db)
                return trail
            }
            try Task.checkCancellation()
        }
        return trail
    }

    private mutating func readPage(_ db: Database) throws {
        let page = try Row.fetchAll(
            db,
            sql: "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT ?",
            arguments: [last?.seq ?? Int64.min, Self.page]
        ).map(AuditRecord.init)
        for record in page {
            if let found = try Self.problem(of: record, after: last, db) {
                (broken, hasEnded) = (found, true)
                return
            }
            records += 1
            note(record)
            last = record
        }
        guard page.count < Self.page else { return }
        hasEnded = true
        broken = try Self.problemAtEnd(last, db)
    }

    private static func problem(of record: AuditRecord, after last: AuditRecord?, _ db: Database) throws -> Break? {
        let expected = (last?.seq ?? 0) + 1
        if record.seq < expected { return Break(record, "nobody recorded it: the first one is 1") }
        guard record.seq == expected else { return Break(seq: expected, problem: "it is missing") }
        if let last {
            if record.previous != last.hash {
                // Either of the two was changed. Whoever fits what comes after is the one that was not.
                return try isConfirmed(record, db)
                    ? Break(last, "its fields were changed") : Break(record, "its fields were changed")
            }
        } else if record.previous.contains(where: { $0 != 0 }) {
            return Break(record, "it is the first one, and yet names one before it")
        }
        switch (record.payload, record.salt) {
        case (nil, nil):
            // What a person said may be forgotten; what happened to the models may not.
            let canGo = EventKind(rawValue: record.kind)?.isPersonal ?? true
            return canGo ? nil : Break(record, "its payload was erased, which happens to people's words alone")
        case (let payload?, let salt?):
            let isRight = HMAC<SHA256>.isValidAuthenticationCode(
                record.digest,
                authenticating: Array(payload.utf8),
                using: SymmetricKey(data: salt)
            )
            return isRight ? nil : Break(record, "its payload is not the one that was recorded")
        default: return Break(record, "of payload and salt only one is there; who erases a payload erases both")
        }
    }

    /// Whether what comes after a record says that it is as it was.
    private static func isConfirmed(_ record: AuditRecord, _ db: Database) throws -> Bool {
        let next = try Row.fetchOne(
            db,
            sql: "SELECT * FROM events WHERE seq > ? ORDER BY seq LIMIT 1",
            arguments: [record.seq]
        )
        guard let next else { return try head(db) == record.head }
        return AuditRecord(next).previous == record.hash
    }

    private static func head(_ db: Database) throws -> String? {
        try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = 'events_head'")
    }

    private static func problemAtEnd(_ last: AuditRecord?, _ db: Database) throws -> Break? {
        let seq = last?.seq ?? 0
        guard let head = try head(db) else {
            return Break(seq: seq + 1, problem: "the mark of where the trail ends was removed")
        }
        // Written by an intentd that kept no such mark, and nothing was recorded since.
        guard !head.isEmpty, last?.head != head else { return nil }
        let end = head.split(separator: " ").first.flatMap { Int64($0) } ?? 0
        if end > seq { return Break(seq: seq + 1, problem: "it is missing") }
        guard let last else { return nil }
        return Break(last, end < seq ? "nobody recorded it: the trail ends at \(end)" : "its fields were changed")
    }

    private mutating func note(_ record: AuditRecord) {
        guard let payload = record.payload else {
            erased += 1
            if record.kind == EventKind.move.rawValue { isComplete = false }
            return
        }
        switch EventKind(rawValue: record.kind) {
        case .version:
            let content = JSON(stored: payload)
            if let version = content?["version"]?.int { registered[version] = content?["digest"]?.string }
        case .move:
            let content = JSON(stored: payload)
            if let alias = content?["alias"]?.string.flatMap(Alias.init) { aliases[alias] = content?["to"]?.int }
        default: break
        }
    }
}

extension AuditTrail.Break {
    fileprivate init(_ record: AuditRecord, _ problem: String) {
        self.init(
            seq: record.seq,
            problem: problem,
            id: record.id,
            kind: record.kind,
            at: Timestamp(microseconds: record.at)
        )
    }

    package var json: JSON {
        [
            "seq": .integer(Int(seq)), "id": JSON(id), "kind": JSON(kind), "at": JSON(at), "problem": .string(problem),
        ]
    }
}
