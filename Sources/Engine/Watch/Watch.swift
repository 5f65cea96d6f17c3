import Logging
import Synchronization
import Wire
import World

/// Watches a new champion, and rolls it back if it is proven worse than the one before.
///
/// The counts are kept in the ledger, at most some seconds old, and go on after a restart.
final class Watch: Sendable {
    private struct State {
        var reign: Reign?
        /// The counts of this process for the reign.
        var tally: ServingTally?
        /// The figures at the last look.
        var looked: WatchRule?
        /// Whether the journal has been told that too few accounts ask for the watch to end.
        var isTold = false
    }

    private let champion: Champion
    private let registry: Registry
    private let corrections: CorrectionCount
    private let ground: Ground
    private let kept: Kept
    private let state = Mutex(State())

    init(champion: Champion, registry: Registry, ledger: Ledger, ground: Ground) {
        (self.champion, self.registry, self.ground) = (champion, registry, ground)
        corrections = CorrectionCount(ledger: ledger)
        kept = Kept("reign", ledger: ledger, clock: ground.clock, logger: ground.logger)
    }

    var reign: Reign? { state.withLock { $0.reign } }

    /// The counts since the reign began.
    private var counts: AccountCounts {
        let (reign, tally) = state.withLock { ($0.reign, $0.tally) }
        var counts = reign?.counted ?? AccountCounts()
        if let tally { counts.add(tally.accounts.sum) }
        return counts
    }

    private func end(_ outcome: Reign.Watch.Outcome, seen: JSON) {
        state.withLock { state in
            state.reign?.watch?.outcome = outcome
            state.reign?.watch?.seen = seen
        }
    }

    // MARK: Reigns

    /// Takes up the stored reign. It must be called before a model serves.
    func recall() async throws {
        guard let reign = try await kept.recall().flatMap({ Reign($0) }) else { return }
        state.withLock { $0.reign = reign }
        let previous = reign.watch.flatMap { $0.outcome == .watching ? $0.previous : nil }
        champion.recall(
            Lineup.Watching(reign: Lineup.Reign(version: reign.version, began: reign.began), previous: previous),
            tallies: reign.tallies
        )
    }

    /// Follows a change of the lineup: begins a reign, or goes on with the present one.
    func follow(_ change: Champion.Change) async -> Bool {
        guard case .ready(_, let tally) = change.after.serving, let next = change.after.lineup.reign,
            let began = next.began
        else { return false }
        let watched = change.after.lineup.watched
        if let old = reign, old.version == next.version, old.began == began {
            state.withLock { state in
                state.tally = tally
                // A comparison with a version whose files are gone cannot end in a rollback.
                if watched == nil, state.reign?.watch?.outcome == .watching { state.reign?.watch = nil }
            }
            return false
        }
        var reign = Reign(version: next.version, began: began)
        do {
            if let old = self.reign {
                reign.past = old.past
                let rate = counts.corrections(try await corrections.given(since: old.began, before: began))
                reign.past[old.version] = (old.past[old.version] ?? .init()) + rate
            }
        } catch {
            ground.logger.error("The corrections of version \(self.reign?.version ?? 0) could not be counted: \(error)")
        }
        if let watched {
            reign.watch = Reign.Watch(previous: watched, before: reign.past[watched] ?? .init())
            ground.health.set(.watch, nil)
        }
        state.withLock { $0 = State(reign: reign, tally: tally) }
        await store(isForced: true)
        return false
    }

    // MARK: Looking

    var chore: Chore { Chore("watch") { [self] in await look() } }

    func look() async {
        do {
            try await judge()
        } catch {
            ground.logger.error("The champion could not be looked at: \(error)")
        }
        await store(isForced: false)
    }

    private func judge() async throws {
        guard let reign, let watch = reign.watch, watch.outcome == .watching,
            case .ready(let model, _) = champion.serving, model.version == reign.version
        else { return }
        let counts = counts
        let rule = try await rule(for: reign, watch, counts)
        guard isNews(rule) else { return tell(counts, of: reign) }
        if let why = rule.alarm {
            try await rollBack(from: reign.version, to: watch.previous, because: why, seen: rule.json)
        } else if rule.now.answers >= ground.settings.current.training.watch {
            end(.passed, seen: rule.json)
            ground.logger.notice(
                "Version \(reign.version) has been watched for \(rule.now.answers) answers and is no worse than version \(watch.previous).",
                metadata: JournalMessage.watchPassed.metadata([
                    "model_version": "\(reign.version)", "previous": "\(watch.previous)",
                ])
            )
            await champion.endWatch()
        } else {
            tell(counts, of: reign)
        }
    }

    /// Returns whether the figures have changed since the last look. The same figures need not be judged again.
    private func isNews(_ rule: WatchRule) -> Bool {
        state.withLock { state in
            defer { state.looked = rule }
            return state.looked != rule
        }
    }

    /// Tells the journal once when a watch would have ended, did not so few accounts ask.
    private func tell(_ counts: AccountCounts, of reign: Reign) {
        guard counts.total >= ground.settings.current.training.watch, counts.answers < counts.total else { return }
        let isTold = state.withLock { state in
            defer { state.isTold = true }
            return state.isTold
        }
        guard !isTold else { return }
        ground.logger.notice(
            "Version \(reign.version) stays watched: of its \(counts.total) answers \(counts.answers) count, because one account counts for at most a tenth. If an account passes on many people's messages, name it in access.services.",
            metadata: ["model_version": "\(reign.version)"]
        )
    }

    private func rule(for reign: Reign, _ watch: Reign.Watch, _ counts: AccountCounts) async throws -> WatchRule {
        let compared = counts.compared
        return WatchRule(
            now: counts.corrections(try await corrections.given(since: reign.began, before: nil)),
            before: watch.before,
            scored: compared.scored,
            lost: compared.lost,
            gained: compared.gained
        )
    }

    /// Rolls back. If that fails, the watch goes on and the next look tries again.
    private func rollBack(from version: Int, to previous: Int, because why: String, seen: JSON) async throws {
        let uid = ground.uid
        let loaded: LoadedModel
        do {
            // A version that cannot answer must not be named champion.
            loaded = try await registry.model(previous)
            try await registry.move(.rollback, to: previous, uid: uid, reason: "watch: \(why)", expected: version)
        } catch {
            ground.health.set(.watch, "version \(version) should be rolled back but cannot be: \(error); \(why)")
            throw error
        }
        end(.worse, seen: seen)
        ground.health.set(.watch, "version \(version) was rolled back automatically: \(why)")
        ground.logger.warning(
            "Version \(previous) answers again after an automatic rollback: \(why).",
            metadata: JournalMessage.modelRolledBack.metadata([
                "model_version": "\(previous)", "previous": "\(version)", "uid": "\(uid)",
            ])
        )
        try await champion.settle(offering: loaded)
    }

    // MARK: Shown

    /// Returns the members `shadow` and `watch` of `models.show`; null if the version has none.
    ///
    /// - Parameter isAdmin: whether the caller sees of how many messages each version was sure. With these figures, a user
    ///   could find messages that press for a rollback.
    func observed(_ version: Int, isAdmin: Bool) async throws -> (shadow: JSON, watch: JSON) {
        guard case .ready(let model, let tally) = champion.serving, let reign, reign.version == model.version
        else { return (.null, .null) }
        var shown = JSON.null
        if let place = model.shadows.firstIndex(where: { $0.version == version }) {
            shown = .object(
                [
                    Member("as", .string(model.shadows[place].role.rawValue)),
                    Member("champion", .integer(model.version)),
                ] + (tally.shadows[place].sum.json.object ?? []).filter { isAdmin || !Self.isPressing($0) }
            )
        }
        guard version == reign.version, let watch = reign.watch else { return (shown, .null) }
        var seen = watch.seen
        let counts = counts
        if seen == nil { seen = try await rule(for: reign, watch, counts).json }
        let members: [Member] = [
            Member("state", .string(watch.outcome.rawValue)), Member("previous", .integer(watch.previous)),
            Member("answers", .integer(counts.answers)), Member("total", .integer(counts.total)),
            Member("until", .integer(ground.settings.current.training.watch)),
        ]
        return (shown, .object(members + (seen?.object ?? []).filter { isAdmin || $0.name != "sureness" }))
    }

    /// Whether a member of a shadow's figures moves with how sure the versions are of a message.
    private static func isPressing(_ member: Member) -> Bool {
        member.name.hasSuffix("_sure") || member.name.hasSuffix("_confidence")
    }

    // MARK: Keeping

    private func store(isForced: Bool) async { if let stored { await kept.store(stored, now: isForced) } }

    /// Stores the figures at the end of the process; blocks.
    func storeAtEnd() throws { if let stored { try kept.storeAtEnd(stored) } }

    private var stored: JSON? {
        guard var reign else { return nil }
        reign.counted = counts
        reign.tallies = [:]
        if case .ready(let model, let tally) = champion.serving, model.version == reign.version {
            for (shadow, count) in zip(model.shadows, tally.shadows) { reign.tallies[shadow.version] = count.sum.json }
        }
        return reign.json
    }
}
