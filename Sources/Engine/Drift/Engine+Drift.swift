import GRDB
import Logging
import Wire
import World

// Whether people ask what the champion was made for.
extension Engine {
    private static let driftKey = "drift"

    /// Due once a second.
    func lookForDrift() async {
        guard case .ready(let snapshot) = serving, let reign = watcher.reign, reign.version == snapshot.version
        else { return }
        let news = drift.look(snapshot, began: reign.began, shards, at: world.clock.now())
        switch news {
        case .nothing: break
        case .begun: degrade("drift", nil)
        case .alarm(let reasons):
            let sentence = Self.sentence(snapshot.version, reasons)
            degrade("drift", sentence)
            world.logger.warning(
                "People ask for other things: \(sentence).",
                metadata: Event.drift.metadata(["model_version": "\(snapshot.version)"])
            )
        }
        guard let json = drift.due(at: world.clock.monotonic(), isForced: news != .nothing) else { return }
        do {
            try await ledger.write { transaction in try Self.storeDrift(json, transaction.db) }
        } catch {
            world.logger.warning("What people ask could not be stored: \(error)")
        }
    }

    /// At a start, before anything serves.
    func recallDrift() async throws {
        let text = try await ledger.read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [Self.driftKey])
        }
        guard let drift = JSON(stored: text).flatMap({ Drift(stored: $0) }) else { return }
        self.drift.recall(drift)
        if drift.isAlarm { degrade("drift", Self.sentence(drift.version, drift.reasons)) }
    }

    /// For the end of the process; blocks.
    func storeDriftAtEnd() throws {
        guard let json = drift.due(at: world.clock.monotonic(), isForced: true) else { return }
        try ledger.writeAtEnd { try Self.storeDrift(json, $0) }
    }

    private static func sentence(_ version: Int, _ reasons: [String]) -> String {
        "what people ask has changed since version \(version) began to answer: \(reasons.joined(separator: "; "))"
    }

    private static func storeDrift(_ json: JSON, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)",
            arguments: [driftKey, json.description]
        )
    }
}
