import GRDB
import Learning
import Text
import Wire
import World

/// A person's words in the training data that is kept. Its name is its content's digest, so that data without them is
/// another file, which takes the place of the old one.
struct ForgottenData: Sendable {
    private let files: any FileSystem
    private let folders: Folders
    private let ledger: Ledger

    init(_ registry: Registry) {
        (files, folders, ledger) = (registry.files, registry.folders, registry.ledger)
    }

    struct Change: Sendable {
        /// The data without them by the name of the data with them.
        var replaced: [String: String] = [:]
        /// All that have to go.
        var going: [String] = []
        /// Versions that were trained on them.
        var versions: [Int] = []
    }

    /// Writes the data anew without them; nothing names it yet.
    ///
    /// - Parameter words: their feedback. Data of earlier versions does not say whose words it has.
    func prepare(for uid: UInt32, _ words: ForgottenRows.Words) async throws -> Change {
        let versions = try await ledger.read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT version, snapshot, ifnull(reproduced_at, created_at) AS trained_at FROM versions
                    WHERE collected_at IS NULL ORDER BY version
                    """
            ).map { (version: $0["version"] as Int, snapshot: $0["snapshot"] as String, at: $0["trained_at"] as Int64) }
        }
        let first = try await ledger.read { db in
            // What may have been trained on at some time.
            try Int64.fetchOne(
                db,
                sql: """
                    SELECT min(at) FROM feedback WHERE uid = ? AND state IN ('accepted', 'rejected', 'withdrawn')
                    """,
                arguments: [Int64(uid)]
            )
        }
        let named = Set(versions.map(\.snapshot))
        let source = TrainingSource(files: files, folders: folders)
        let present = try source.snapshots()
        var change = Change()
        for name in present {
            guard let data = try data(of: uid, words, in: name) else { continue }
            change.going.append(name)
            if named.contains(name) { change.replaced[name] = try source.store(data) }
        }
        change.versions = versions.filter { version in
            change.replaced[version.snapshot] != nil
                // Nobody can say any more what it was trained on.
                || !present.contains(version.snapshot) && first.map { $0 < version.at } ?? false
        }.map(\.version)
        return change
    }

    /// The data without their words; nil where there are none of theirs in it.
    private func data(of uid: UInt32, _ words: ForgottenRows.Words, in name: String) throws -> TrainingData? {
        let bytes = try files.read(folders.snapshot(name), limit: FileLimit.data)
        var key = WordKey()
        guard SnapshotFile.isSnapshot(bytes[...]) else {
            let texts = Set(words.texts.map { key($0) })
            return try SnapshotFile.read(bytes).without { $0.source == .feedback && texts.contains(key($0.text)) }
        }
        // Most data has none, and is not parsed.
        guard Self.mentions(uid, words, in: bytes) else { return nil }
        return try SnapshotFile.read(bytes).without { claim in
            claim.uid == uid || claim.item.map(words.aboutTheirs.contains) ?? false
        }
    }

    /// Whether a file of training data may hold words of theirs.
    ///
    /// - Parameter path: the file; one that is not there holds none.
    func mayHold(_ words: ForgottenRows.Words, of uid: UInt32, in path: String) throws -> Bool {
        guard files.status(path) != nil else { return false }
        let bytes = try files.read(path)
        // That of an earlier intentd does not say whose words it has.
        return SnapshotFile.isSnapshot(bytes[...]) ? Self.mentions(uid, words, in: bytes) : !words.feedback.isEmpty
    }

    private static func mentions(_ uid: UInt32, _ words: ForgottenRows.Words, in bytes: [UInt8]) -> Bool {
        let marks = ["\"uid\":\(uid),"] + words.aboutTheirs.map { "\"feedback\":\"\($0)\"" }
        return marks.contains { ByteSearch($0).isFound(in: bytes) }
    }

    func remove(_ names: [String]) throws {
        for name in names {
            try files.remove(folders.labelErrors(name))
            try files.remove(folders.snapshot(name))
        }
    }
}

extension TrainingData {
    /// nil where there is nothing to remove.
    fileprivate func without(_ isRemoved: (Claim) -> Bool) -> TrainingData? {
        claims.contains(where: isRemoved) ? removing(isRemoved) : nil
    }
}
