import Learning
import Logging

// The first model of a process. It is the champion; else the last good version; else the newest other version that has
// served before and was never rejected or rolled back. A start never lets a version answer that did not answer before.

extension Champion {
    /// - Returns: whether a model serves.
    func bringUp(uid: UInt32) async -> Bool {
        var damaged: String?
        defer {
            if let damaged { ground.health.set(.model, damaged) }
            endStart()
        }
        do {
            let aliases = try await registry.aliases()
            for version in try await candidates(aliases) {
                do {
                    let loaded = try await registry.model(version)
                    let champion = aliases[.champion]
                    if version != champion { await recordFallback(to: version, from: champion, uid: uid) }
                    await serve(loaded)
                    return true
                } catch let error as VersionError {
                    ground.logger.error(
                        "Version \(version) cannot be served: \(error)",
                        metadata: JournalMessage.modelDamaged.metadata(["model_version": "\(version)"])
                    )
                    damaged = "version \(version) could not be read (\(error)); another one serves"
                }
            }
        } catch {
            ground.logger.error("The registry could not be read: \(error)")
            ground.health.set(.registry, "\(error)")
        }
        return false
    }

    private func candidates(_ aliases: [Alias: Int]) async throws -> [Int] {
        let (served, bad) = try await (registry.served(), registry.rolledBack().union(registry.rejected()))
        var candidates = [aliases[.champion], aliases[.lastGood]].compactMap { $0 }
        guard aliases[.champion] != nil else { return candidates }
        let known = try await registry.numbers().filter { served.contains($0) && !bad.contains($0) }
        candidates += known.reversed().filter { !candidates.contains($0) }
        return candidates
    }

    /// Records that a version serves instead of the champion. It serves even if the ledger takes no writes; then the
    /// next start tries again to record it.
    private func recordFallback(to version: Int, from champion: Int?, uid: UInt32) async {
        ground.logger.warning(
            "Version \(version) serves instead of version \(champion ?? 0).",
            metadata: JournalMessage.modelFellBack.metadata([
                "model_version": "\(version)", "previous": "\(champion ?? 0)",
            ])
        )
        do {
            let reason = "version \(champion ?? 0) could not be read"
            try await registry.move(.rollback, to: version, uid: uid, reason: reason)
        } catch {
            ground.logger.error("The fallback to version \(version) could not be recorded: \(error)")
            ground.health.set(.registry, "the fallback to version \(version) could not be recorded: \(error)")
        }
    }
}
