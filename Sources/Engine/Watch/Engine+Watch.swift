import Classifier
import GRDB
import Logging
import Synchronization
import Wire
import World

// After a promotion the new champion is watched, and rolled back from if it is proven worse than the one before.
extension Engine {
    private static let reignKey = "reign"

    /// After what serves has changed: whose reign it is, who is to be watched, and who scores along.
    func noteReign() async {
        do {
            let moves = try await registry.history(limit: 1_000).filter { $0.alias == .champion }
            guard let move = moves.first, let version = move.to else { return }
            if let old = watcher.reign, old.version == version, old.began == move.at { return await refreshShadows() }
            var reign = Reign(version: version, began: move.at)
            if let old = watcher.reign {
                reign.past = old.past
                let rate = WatchRule.Corrections(
                    answers: watcher.answers,
                    corrections: try await feedback.corrections(since: old.began, before: move.at)
                )
                reign.past[old.version] = (old.past[old.version] ?? .init(answers: 0, corrections: 0)) + rate
            }
            if move.entry.kind == .promote, let previous = move.from, configuration.training.watch > 0,
                // One whose files are gone is none to go back to.
                try await registry.version(previous)?.collectedAt == nil
            {
                reign.watch = Reign.Watch(
                    previous: previous,
                    before: reign.past[previous] ?? .init(answers: 0, corrections: 0)
                )
                degrade("watch", nil)
            }
            watcher.begin(reign)
            await storeReign(isForced: true)
            await refreshShadows()
        } catch {
            world.logger.error("The champion cannot be watched: \(error)")
        }
    }

    /// Has exactly those versions score along that should: a candidate that waits, and during a watch the champion before.
    func refreshShadows() async {
        while case .ready(let snapshot) = serving {
            var wanted: [(version: Int, role: ShadowModel.Role)] = []
            if let candidate, candidate != snapshot.version { wanted.append((candidate, .candidate)) }
            if let watch = watcher.reign?.watch, watch.outcome == .watching, watcher.reign?.version == snapshot.version,
                watch.previous != candidate
            {
                wanted.append((watch.previous, .previous))
            }
            let isSame =
                snapshot.shadows.map(\.version) == wanted.map(\.version)
                && snapshot.shadows.map(\.role) == wanted.map(\.role) && snapshot.served === watcher.served
            if isSame { return }
            var shadows: [ShadowModel] = []
            for (version, role) in wanted {
                if let shadow = snapshot.shadows.first(where: { $0.version == version && $0.role == role }) {
                    shadows.append(shadow)
                } else if let shadow = await shadow(version, role, beside: snapshot) {
                    shadows.append(shadow)
                }
            }
            let next = Snapshot(snapshot, intents: intents, rules: snapshot.rules, shadows, watcher.served)
            // Somebody else has changed what serves: from the beginning.
            guard await publish(next, replacing: snapshot) else { continue }
            // One that could not be read is left out.
            return
        }
    }

    private func shadow(_ version: Int, _ role: ShadowModel.Role, beside champion: Snapshot) async -> ShadowModel? {
        do {
            let stored = watcher.reign?.version == champion.version ? watcher.reign?.tallies[version] : nil
            return ShadowModel(
                version: version,
                role: role,
                model: try await registry.model(version).model,
                champion: champion.model,
                threshold: champion.rules.threshold,
                tally: stored.flatMap { ShadowTally($0, intents: champion.model.intents) }
            )
        } catch {
            world.logger.warning("Version \(version) cannot score along: \(error)")
            return nil
        }
    }

    /// Nobody is compared with, or goes back to, a version that is gone.
    func endWatch(of gone: [Int]) {
        watcher.update { reign in
            if let watch = reign.watch, gone.contains(watch.previous) { reign.watch = nil }
        }
    }

    // MARK: Looking

    /// Due once a second.
    func watchOver() async {
        await watcher.once {
            do {
                try await look()
            } catch {
                world.logger.error("The champion could not be looked at: \(error)")
            }
            await storeReign(isForced: false)
        }
    }

    private func look() async throws {
        guard let reign = watcher.reign, let watch = reign.watch, watch.outcome == .watching,
            case .ready(let snapshot) = serving, snapshot.version == reign.version
        else { return }
        let rule = try await rule(reign, watch, snapshot)
        guard watcher.isNews(answers: rule.now.answers, corrections: rule.now.corrections) else { return }
        if let why = rule.alarm {
            try await rollBack(from: reign.version, to: watch.previous, why) { [watcher] in
                watcher.update { reign in
                    reign.watch?.outcome = .worse
                    reign.watch?.seen = rule.json
                }
            }
        } else if rule.now.answers >= configuration.training.watch {
            watcher.update {
                $0.watch?.outcome = .passed; $0.watch?.seen = rule.json
            }
            world.logger.notice(
                "Version \(reign.version) has been watched for \(rule.now.answers) answers and is no worse than version \(watch.previous).",
                metadata: Event.watchPassed.metadata([
                    "model_version": "\(reign.version)", "previous": "\(watch.previous)",
                ])
            )
            await refreshShadows()
        }
    }

    private func rule(_ reign: Reign, _ watch: Reign.Watch, _ snapshot: Snapshot) async throws -> WatchRule {
        let tally = snapshot.shadows.first { $0.version == watch.previous }?.tally.withLock { $0 }
        return WatchRule(
            now: WatchRule.Corrections(
                answers: watcher.answers,
                corrections: try await feedback.corrections(since: reign.began, before: nil)
            ),
            before: watch.before,
            scored: tally?.answers ?? 0,
            lost: tally?.shadowSure ?? 0,
            gained: tally?.championSure ?? 0
        )
    }

    /// Until it is done, the watch goes on, and the next look tries again.
    ///
    /// - Parameter settle: called as soon as the ledger has it.
    private func rollBack(from version: Int, to previous: Int, _ why: String, _ settle: () -> Void) async throws {
        let loaded: (model: Model, digest: String)
        do {
            // What cannot answer is not named champion.
            loaded = try await registry.model(previous)
            try await registry.move(
                .rollback,
                to: previous,
                uid: world.uid,
                reason: "watch: \(why)",
                expected: version
            )
        } catch {
            degrade("watch", "version \(version) should be rolled back from, and cannot be: \(error); \(why)")
            throw error
        }
        settle()
        degrade("watch", "version \(version) was rolled back from on its own: \(why)")
        world.logger.warning(
            "Version \(previous) answers again, on its own account: \(why).",
            metadata: Event.modelRolledBack.metadata([
                "model_version": "\(previous)", "previous": "\(version)", "uid": "\(world.uid)",
            ])
        )
        try await follow(previous, loaded)
    }

    // MARK: What others see

    /// The members `shadow` and `watch` of `models.show`; null where there is nothing to say of this version.
    func observed(_ version: Int) async throws -> (shadow: JSON, watch: JSON) {
        guard case .ready(let snapshot) = serving, let reign = watcher.reign, reign.version == snapshot.version
        else { return (.null, .null) }
        var shown = JSON.null
        if let shadow = snapshot.shadows.first(where: { $0.version == version }) {
            shown = .object(
                [Member("as", .string(shadow.role.rawValue)), Member("champion", .integer(snapshot.version))]
                    + (shadow.tally.withLock { $0.json }.object ?? [])
            )
        }
        guard version == reign.version, let watch = reign.watch else { return (shown, .null) }
        let seen = try await {
            if let seen = watch.seen { seen } else { try await rule(reign, watch, snapshot).json }
        }()
        let members: [Member] = [
            Member("state", .string(watch.outcome.rawValue)), Member("previous", .integer(watch.previous)),
            Member("answers", .integer(watcher.answers)), Member("until", .integer(configuration.training.watch)),
        ]
        return (shown, .object(members + (seen.object ?? [])))
    }

    // MARK: Keeping

    /// At a start, before anything serves.
    func recallReign() async throws {
        let stored = try await ledger.read { db in
            try String.fetchOne(db, sql: "SELECT value FROM meta WHERE key = ?", arguments: [Self.reignKey])
        }
        if let reign = JSON(stored: stored).flatMap({ Reign($0) }) { watcher.begin(reign) }
    }

    private func storeReign(isForced: Bool) async {
        guard let json = reignDue(isForced: isForced) else { return }
        do {
            try await ledger.write { transaction in try Self.store(json, transaction.db) }
        } catch {
            world.logger.warning("What the champion's watch has counted could not be stored: \(error)")
        }
    }

    /// For the end of the process; blocks.
    func storeReignAtEnd() throws {
        guard let json = reignDue(isForced: true) else { return }
        try ledger.writeAtEnd { try Self.store(json, $0) }
    }

    private func reignDue(isForced: Bool) -> JSON? {
        var tallies: [Int: JSON] = [:]
        if case .ready(let snapshot) = serving, snapshot.version == watcher.reign?.version {
            for shadow in snapshot.shadows { tallies[shadow.version] = shadow.tally.withLock { $0.json } }
        }
        return watcher.due(tallies, at: world.clock.monotonic(), isForced: isForced)
    }

    private static func store(_ json: JSON, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO meta(key, value) VALUES (?, ?)",
            arguments: [reignKey, json.description]
        )
    }
}
