import GRDB
import Wire
import World

/// The events about jobs: one tells that a job was asked for, the other how it ended. No event tells its progress.
enum JobFact {
    static let projection = Projection(kinds: [.jobRequest, .job]) { fact, db in
        if fact.kind == .jobRequest { try insert(fact, db) } else { try finish(fact, db) }
    }

    /// JSON pointers to the parts of a job's end that may hold people's sentences.
    static let words = ["/verdict", "/learned", "/error"]

    static func request(_ record: JobRecord) -> JSON {
        [
            "job": .string(record.id), "promote": .string(record.policy.rawValue), "dry_run": .bool(record.isDryRun),
            "cause": JSON(record.cause),
        ]
    }

    private static func insert(_ fact: Fact, _ db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO jobs(id, created_at, uid, policy, state, step, fraction, cause)
                VALUES (?, ?, ?, ?, 'queued', 'queued', 0, ?)
                """,
            arguments: [
                try fact.text("job"), fact.at.microseconds, Int64(fact.uid), try fact.text("promote"),
                fact.content["cause"]?.string,
            ]
        )
        if try !fact.flag("dry_run") { try FeedbackStore.markTried(db) }
    }

    private static func finish(_ fact: Fact, _ db: Database) throws {
        let content = fact.content
        func text(_ name: String) -> String? { content[name].flatMap { $0.isNull ? nil : $0.description } }
        try db.execute(
            sql: """
                UPDATE jobs SET state = ?, step = ?, fraction = ?, started_at = ?, finished_at = ?, candidate = ?,
                verdict = ?, learned = ?, error = ?, same_as = ? WHERE id = ?
                """,
            arguments: [
                try fact.text("state"), try fact.text("step"), content["fraction"]?.double,
                try fact.time("started_at")?.microseconds, try fact.time("finished_at")?.microseconds,
                content["candidate"]?.int, text("verdict"), text("learned"), content["error"]?.string,
                content["same_as"]?.int, try fact.text("job"),
            ]
        )
    }
}
