import Learning
import Wire
import World

// With four eyes, the words that a version has learnt from and the one who lets it serve should not be one person's.
extension Registry {
    /// The feedback that a version has learnt from and the champion has not, by the account that gave it.
    struct Authors: Sendable {
        var items: [UInt32: Int] = [:]

        /// Whether more than half of the items are this account's.
        func isMost(_ uid: UInt32) -> Bool {
            2 * items[uid, default: 0] > items.values.reduce(0, +)
        }
    }

    /// Reads the authors from the snapshots of both versions.
    ///
    /// - Throws: `RPCError` `conflict` if a snapshot cannot be read: nobody can say then whose words they are.
    func authors(of number: Int) async throws -> Authors {
        guard let version = try await version(number) else { return Authors() }
        var known: [String: UInt32] = [:]
        if let champion = try await aliases()[.champion], champion != number,
            let serving = try await self.version(champion)
        {
            known = try items(serving)
        }
        var authors = Authors()
        for (item, uid) in try items(version) where known[item] == nil { authors.items[uid, default: 0] += 1 }
        return authors
    }

    /// The uid of the author of each item of feedback in a version's snapshot.
    private func items(_ version: Version) throws -> [String: UInt32] {
        let data: TrainingData
        do {
            data = try SnapshotFile.read(try files.read(folders.snapshot(version.snapshot), limit: FileLimit.data))
        } catch {
            throw RPCError.conflict(
                "Whose feedback version \(version.version) has learnt from cannot be read: \(error)",
                hint: "retrain and promote the new version, or turn training.four_eyes off"
            )
        }
        return Dictionary(
            data.claims.compactMap { claim in claim.item.flatMap { item in claim.uid.map { (item, $0) } } },
            uniquingKeysWith: { first, _ in first }
        )
    }
}
