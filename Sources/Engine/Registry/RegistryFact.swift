import GRDB
import Wire
import World

/// The events about versions and aliases: a version was registered or trained again, an alias moved, folders were removed.
enum RegistryFact {
    static let projection = Projection(kinds: [.version, .reproduction, .move, .collection]) { fact, db in
        switch fact.kind {
        case .version: try insertVersion(fact, db)
        case .reproduction: try reproduce(fact, db)
        case .move: try move(fact, db)
        default: try collect(fact, db)
        }
    }

    /// JSON pointers to what may be people's sentences in them.
    static let versionWords = ["/verdict"]
    static let moveWords = ["/reason"]

    static func version(_ version: Registry.Version, _ more: [Member] = []) -> JSON {
        let files = version.files.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) }
        let members: [Member] = [
            Member("version", .integer(version.version)), Member("digest", .string(version.digest)),
            Member("created_at", JSON(version.createdAt)), Member("snapshot", .string(version.snapshot)),
            Member("metrics", version.metrics), Member("verdict", version.verdict ?? .null),
            Member("asked_by", JSON(version.uid.map { Int($0) })),
            Member("files", files.isEmpty ? .null : .object(files)),
        ]
        return .object(members + more)
    }

    /// - Parameters:
    ///   - evaluation: the metrics of the new training.
    ///   - files: SHA-256 by file.
    static func reproduction(
        of version: Int,
        job: String,
        snapshot: String,
        evaluation: JSON,
        verdict: JSON?,
        files: [String: String]
    ) -> JSON {
        [
            "version": .integer(version), "job": .string(job), "snapshot": .string(snapshot), "evaluation": evaluation,
            "verdict": verdict ?? .null,
            "files": .object(files.sorted { $0.key < $1.key }.map { Member($0.key, .string($0.value)) }),
        ]
    }

    static func move(_ alias: Alias, from before: Int?, to version: Int?, _ entry: Move.Entry) -> JSON {
        [
            "kind": .string(entry.kind.rawValue), "alias": .string(alias.rawValue), "from": JSON(before),
            "to": JSON(version), "reason": .string(entry.reason), "verdict": JSON(entry.verdict),
        ]
    }

    private static func insertVersion(_ fact: Fact, _ db: Database) throws {
        let content = fact.content
        let (verdict, files) = (content["verdict"] ?? .null, content["files"] ?? .null)
        try db.execute(
            sql: """
                INSERT INTO versions(version, digest, created_at, snapshot, metrics, verdict, uid, files)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                try fact.number("version"), try fact.text("digest"), try fact.time("created_at")?.microseconds,
                try fact.text("snapshot"), (content["metrics"] ?? .null).description,
                verdict.isNull ? nil : verdict.description, content["asked_by"]?.int,
                files.isNull ? nil : files.description,
            ]
        )
    }

    /// The version is there, and what it was trained on is the new data: words that an unlearning was to take out of it
    /// are not in it.
    private static func reproduce(_ fact: Fact, _ db: Database) throws {
        let content = fact.content
        let verdict = content["verdict"] ?? .null
        try db.execute(
            sql: """
                UPDATE versions SET snapshot = ?, metrics = ?, verdict = ?, files = ?, reproduced_at = ?,
                collected_at = NULL, forgotten_at = NULL WHERE version = ?
                """,
            arguments: [
                try fact.text("snapshot"), (content["evaluation"] ?? .null).description,
                verdict.isNull ? nil : verdict.description, content["files"]?.description, fact.at.microseconds,
                try fact.number("version"),
            ]
        )
    }

    private static func move(_ fact: Fact, _ db: Database) throws {
        let alias = try fact.text("alias")
        let (source, target) = (fact.content["from"]?.int, fact.content["to"]?.int)
        if let target {
            try db.execute(
                sql: "INSERT OR REPLACE INTO aliases(alias, version) VALUES (?, ?)",
                arguments: [alias, target]
            )
        } else {
            try db.execute(sql: "DELETE FROM aliases WHERE alias = ?", arguments: [alias])
        }
        try db.execute(
            sql: """
                INSERT INTO moves(at, kind, alias, source, target, uid, reason, verdict) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                fact.at.microseconds, try fact.text("kind"), alias, source, target, Int64(fact.uid),
                try fact.text("reason"), fact.content["verdict"]?.string,
            ]
        )
    }

    private static func collect(_ fact: Fact, _ db: Database) throws {
        for version in try fact.elements("versions") {
            try db.execute(
                sql: "UPDATE versions SET collected_at = ? WHERE version = ?",
                arguments: [fact.at.microseconds, version["version"]?.int]
            )
        }
    }
}
