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
    /// How many of them lost payload or words on purpose.
    package private(set) var erased = 0
    package private(set) var broken: Break?

    /// Number and hash of the last record: who keeps it elsewhere has fixed everything before it.
    package var head: String? { last?.end.description }

    private var last: AuditRecord?
    private var hasEnded = false
    /// Records that lost something, by number, while no later record has named them yet.
    private var unexplained: [Int64: Break] = [:]
    /// How many such records forgetting told of without naming them.
    private var forgotten = 0

    static let page = 512

    package static func read(_ ledger: Ledger) async throws -> AuditTrail {
        var trail = AuditTrail()
        try await trail.follow(ledger) { _ in }
        return trail
    }

    /// Reads everything that was recorded since the last call; nothing after a broken record.
    ///
    /// - Parameter visit: is given the sound records of each page, in their order.
    mutating func follow(_ ledger: Ledger, _ visit: @Sendable (_ records: [AuditRecord]) throws -> Void) async throws {
        hasEnded = broken != nil
        while !hasEnded {
            let (trail, records) = try await ledger.read { [self] db in
                var trail = self
                let records = try trail.readPage(db)
                return (trail, records)
            }
            self = trail
            try visit(records)
            try Task.checkCancellation()
        }
    }

    /// Does the same within one read.
    mutating func follow(_ db: Database, _ visit: (_ records: [AuditRecord]) throws -> Void) throws {
        hasEnded = broken != nil
        while !hasEnded { try visit(try readPage(db)) }
    }

    private mutating func readPage(_ db: Database) throws -> [AuditRecord] {
        let page = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM events WHERE origin = (SELECT value FROM meta WHERE key = 'origin') AND seq > ?
                ORDER BY seq LIMIT ?
                """,
            arguments: [last?.seq ?? Int64.min, Self.page]
        ).map(AuditRecord.init)
        for (place, record) in page.enumerated() {
            if let found = try Self.problem(of: record, after: last, db) {
                (broken, hasEnded) = (found, true)
                return Array(page[..<place])
            }
            records += 1
            explain(record)
            last = record
        }
        guard page.count < Self.page else { return page }
        hasEnded = true
        broken = try Self.problemAtEnd(last, db) ?? unexplained.min { $0.key < $1.key }?.value
        return page
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
        } else if record.previous != TrailEnd.start.hash {
            return Break(record, "it is the first one, and yet names one before it")
        }
        if record.payload == nil, let kind = EventKind(rawValue: record.kind), !kind.isPersonal {
            // A person's words may be erased; a record of what happened to the models may not.
            return Break(record, "its payload was erased, which happens to people's words alone")
        }
        for (part, digest) in [(record.payload, record.digest), (record.words, record.wordsDigest)] {
            guard let part else { continue }
            guard let found = part.digest else {
                return Break(record, "only one of a text and its salt is there; who erases one erases both")
            }
            if found != digest { return Break(record, "what it says is not what was recorded") }
        }
        return nil
    }

    /// Whether what comes after a record says that it is as it was.
    private static func isConfirmed(_ record: AuditRecord, _ db: Database) throws -> Bool {
        let sql = "SELECT * FROM events WHERE origin = ? AND seq > ? ORDER BY seq LIMIT 1"
        let next = try Row.fetchOne(db, sql: sql, arguments: [record.origin, record.seq])
        guard let next else { return try TrailEnd.mark(db) == record.end }
        return AuditRecord(next).previous == record.hash
    }

    private static func problemAtEnd(_ last: AuditRecord?, _ db: Database) throws -> Break? {
        let seq = last?.seq ?? 0
        if let end = try TrailEnd.mark(db) {
            if end.seq > seq { return Break(seq: seq + 1, problem: "it is missing") }
            if let last, end.seq < seq { return Break(last, "nobody recorded it: the trail ends at \(end.seq)") }
            if let last, end != last.end { return Break(last, "its fields were changed") }
        } else if last != nil {
            return Break(seq: seq + 1, problem: "the mark of where the trail ends was removed")
        }
        let sql = "SELECT * FROM events WHERE origin <> (SELECT value FROM meta WHERE key = 'origin') LIMIT 1"
        let stranger = try Row.fetchOne(db, sql: sql).map(AuditRecord.init)
        return stranger.map { Break($0, "nobody recorded it here: it names another origin") }
    }

    /// A later record has to name every record that lost something.
    private mutating func explain(_ record: AuditRecord) {
        if record.payload == nil || record.words == nil && record.wordsDigest != nil {
            erased += 1
            unexplained[record.seq] = Break(record, "something of it was erased, and no record of forgetting names it")
        }
        let kind = EventKind(rawValue: record.kind)
        guard kind == .forgetting || kind == .baseline, let content = JSON(stored: record.payload?.text) else { return }
        guard let named = content["erased"]?.array else { return forgotten += content["events"]?.int ?? 0 }
        let seqs = named.compactMap { $0.int.map(Int64.init) }.filter { unexplained[$0] != nil }
        // Before the baseline, forgetting only told how many there were.
        if kind == .baseline, seqs.count > forgotten { return }
        for seq in seqs { unexplained[seq] = nil }
    }
}

extension AuditTrail.Break {
    fileprivate init(_ record: AuditRecord, _ problem: String) {
        let at = Timestamp(microseconds: record.at)
        self.init(seq: record.seq, problem: problem, id: record.id, kind: record.kind, at: at)
    }

    package var json: JSON {
        ["seq": .integer(Int(seq)), "id": JSON(id), "kind": JSON(kind), "at": JSON(at), "problem": .string(problem)]
    }
}
