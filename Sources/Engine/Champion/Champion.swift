import Classifier
import Logging
import Synchronization
package import Wire
import World

/// Keeps the models that answer in agreement with the ledger.
///
/// An alias is moved by a commit of the ledger. After it the mover calls ``settle(offering:)``: one read of the facts,
/// a pure ``Lineup``, one publication to the event loops, and then the observers are told. So no mover needs to know
/// who depends on the alias. A chore settles again while ledger and event loops differ, so that a failed read heals by
/// itself.
///
///     try await registry.move(.promote, to: 8, uid: uid, reason: "by an admin")
///     try await champion.settle()    // returns when every event loop answers from version 8
package final class Champion: Sendable {
    /// One publication: what served before it and what serves after it.
    package struct Change: Sendable {
        package var before: (lineup: Lineup, serving: Serving)
        package var after: (lineup: Lineup, serving: Serving)
    }

    /// Is told of every change before the next one can begin; returns whether it has moved an alias itself.
    package typealias Observer = @Sendable (Change) async -> Bool

    private struct State {
        var serving = Serving.noModel("the daemon is starting")
        /// The lineup in force.
        var lineup = Lineup()
        /// The lineup according to the ledger, even if its models could not be read.
        var wanted = Lineup()
        var watching: Lineup.Watching?
        /// Stored counts of shadows by version, for the reign that an earlier process watched.
        var recalled: [Int: JSON] = [:]
        var lanes = 0
        var loops: EventLoops?
        var observers: [Observer] = []
        /// The number of the ledger's commits when the lineup was read; nil if it could not be put in force.
        var settledAt: Int?
        /// When the chore may settle, in nanoseconds of the monotonic clock: not until a start has chosen, which would
        /// read the same model at the same time, and not soon after a failure.
        var notBefore = UInt64.max
    }

    let registry: Registry
    /// Its rows are read again where they may have changed, whether or not the champion does.
    let dataset: Dataset
    let ground: Ground
    private let experimentSalt: String
    private let hasLLM: Bool
    private let turn = Serial()
    private let state = Mutex(State())

    init(registry: Registry, dataset: Dataset, ground: Ground, experimentSalt: String, hasLLM: Bool) {
        (self.registry, self.dataset, self.ground) = (registry, dataset, ground)
        (self.experimentSalt, self.hasLLM) = (experimentSalt, hasLLM)
    }

    /// The model from which every event loop answers, now or as soon as its turn comes.
    package var serving: Serving { state.withLock { $0.serving } }

    package var lineup: Lineup { state.withLock { $0.lineup } }

    /// The champion that the ledger names.
    package var version: Int? { state.withLock { $0.wanted.champion } }

    package var candidate: Int? { state.withLock { $0.wanted.candidate } }

    package func observe(_ observer: @escaping Observer) { state.withLock { $0.observers.append(observer) } }

    package func attach(_ loops: EventLoops) { state.withLock { $0.loops = loops } }

    /// The number of one more event loop.
    func nextLane() -> Int {
        state.withLock { state in
            defer { state.lanes += 1 }
            return state.lanes
        }
    }

    /// Takes over what an earlier process knew about the present reign. It must be called before a model serves.
    func recall(_ watching: Lineup.Watching, tallies: [Int: JSON]) {
        state.withLock { state in
            state.watching = watching
            state.recalled = tallies
        }
    }

    /// Ends the watch: the champion before need not score messages any more.
    func endWatch() async {
        state.withLock { $0.watching?.previous = nil }
        await settleOrReport()
    }

    /// From now on the chore may settle.
    func endStart() { state.withLock { $0.notBefore = 0 } }

    // MARK: Reconciling

    /// Makes the event loops answer as the ledger says; returns when every event loop has swapped.
    ///
    /// - Parameter loaded: a model that the caller has read already.
    /// - Throws: ``StorageError`` if the ledger cannot be read, ``VersionError`` if the champion cannot. The model that
    ///   served before goes on, and the chore tries again.
    package func settle(offering loaded: LoadedModel? = nil) async throws {
        try await turn.take { [self] in
            do {
                var loaded = loaded
                while try await step(loaded, isForced: false) { loaded = nil }
            } catch {
                state.withLock { $0.settledAt = nil }
                throw error
            }
        }
    }

    /// Settles for a caller that cannot handle a failure: it is logged instead.
    ///
    /// - Returns: whether it went well.
    @discardableResult
    func settleOrReport() async -> Bool {
        do {
            try await settle()
            return true
        } catch {
            ground.logger.error("The serving model could not be brought in line with the ledger: \(error)")
            return false
        }
    }

    /// Makes the serving model again after a reload, with the new rules, responses and policies.
    func refresh() async throws {
        try await turn.take { [self] in
            var isForced = true
            while try await step(nil, isForced: isForced) { isForced = false }
        }
    }

    /// Settles again while ledger and event loops may differ.
    var chore: Chore {
        Chore("champion") { [self] in
            let isDue = state.withLock { state in
                state.settledAt != registry.commits && ground.clock.monotonic() >= state.notBefore
            }
            guard isDue else { return }
            if await settleOrReport() { return }
            state.withLock { $0.notBefore = ground.clock.monotonic() + 10_000_000_000 }
        }
    }

    /// - Returns: whether an observer has moved an alias again.
    private func step(_ loaded: LoadedModel?, isForced: Bool) async throws -> Bool {
        // Counted before the read, so that a later commit is a reason to settle again.
        let commits = registry.commits
        let facts = try await registry.facts()
        let (before, serving, watching) = state.withLock { ($0.lineup, $0.serving, $0.watching) }
        let wanted = Lineup(facts, watch: ground.settings.current.training.watch, remembered: watching)
        state.withLock { $0.wanted = wanted }
        guard let champion = wanted.champion, wanted != before || isForced else {
            state.withLock { $0.settledAt = commits }
            return false
        }
        if champion != serving.model?.version { dataset.readAgain() }
        let next: Serving
        do {
            next = try await assemble(wanted, champion: champion, offered: loaded, now: serving)
        } catch {
            if let model = serving.model {
                let why = "version \(champion) could not be read (\(error)); version \(model.version) serves"
                ground.health.set(.model, why)
                // A reload must reach the serving model all the same.
                if isForced { await publish(try await assemble(before, champion: model.version, now: serving), before) }
            }
            throw error
        }
        if champion != serving.model?.version { ground.health.set(.model, nil) }
        await publish(next, wanted)
        state.withLock { $0.settledAt = commits }
        let change = Change(before: (before, serving), after: (wanted, next))
        var hasMoved = false
        for observer in state.withLock({ $0.observers }) {
            if await observer(change) { hasMoved = true }
        }
        return hasMoved
    }

    private func publish(_ next: Serving, _ lineup: Lineup) async {
        let loops = state.withLock { state in
            state.serving = next
            state.lineup = lineup
            state.watching = lineup.watching
            return state.loops
        }
        await loops?.onEach { $0.refresh() }
        reportThreshold(next)
    }

    /// Serves a version that a start has chosen, even if the ledger does not name it champion.
    func serve(_ loaded: LoadedModel) async {
        try? await settle(offering: loaded)
        guard serving.model?.version != loaded.version else { return }
        do {
            try await turn.take { [self] in
                var lineup = Lineup()
                lineup.reign = Lineup.Reign(version: loaded.version, began: nil)
                let next = try await assemble(lineup, champion: loaded.version, offered: loaded, now: serving)
                await publish(next, lineup)
            }
        } catch {
            ground.logger.error("Version \(loaded.version) cannot be served: \(error)")
        }
    }

    /// Makes every request fail with `no_model` and this reason.
    func fail(_ why: String) async {
        let loops = state.withLock { state in
            state.serving = .noModel(why)
            return state.loops
        }
        await loops?.onEach { $0.refresh() }
    }

    private var rules: AnswerRules {
        AnswerRules(ground.settings.current, experimentSalt: experimentSalt, hasLLM: hasLLM)
    }

    /// Makes what serves a lineup. Models and counts that are in memory are used again.
    private func assemble(
        _ lineup: Lineup,
        champion: Int,
        offered: LoadedModel? = nil,
        now: Serving
    ) async throws -> Serving {
        let names = registry.naming.current
        var known: [LoadedModel] = []
        if let offered { known.append(offered) }
        if case .ready(let model, _) = now {
            known.append(LoadedModel(version: model.version, model: model.model, digest: model.digest))
            known += model.shadows.map { LoadedModel(version: $0.version, model: $0.model, digest: $0.digest) }
        }
        func load(_ version: Int) async throws -> LoadedModel {
            if let loaded = known.first(where: { $0.version == version }) { return loaded.named(by: names) }
            return try await registry.model(version)
        }
        let own = try await load(champion)
        let intents = own.model.intents
        let rules = rules
        let (old, oldTally): (ServingModel?, ServingTally?) =
            if case .ready(let model, let tally) = now { (model, tally) } else { (nil, nil) }
        let (isSameReign, lanes, recalled) = state.withLock { state in
            (state.lineup.reign == lineup.reign && old?.version == champion, state.lanes, state.recalled)
        }
        let isRecalled = state.withLock { $0.watching?.reign == lineup.reign }
        var shadows: [ShadowModel] = []
        var counts: [ShadowCount] = []
        for wanted in lineup.shadows {
            let place = old?.shadows.firstIndex { Lineup.Shadow($0.version, $0.role) == wanted }
            let counted = isSameReign ? place.flatMap { oldTally?.shadows[$0] } : nil
            if let counted, let place, let model = old?.shadows[place], old?.model === own.model {
                shadows.append(model)
                counts.append(counted)
                continue
            }
            do {
                let loaded = try await load(wanted.version)
                let threshold = rules.threshold(of: loaded.model)?.value
                shadows.append(ShadowModel(wanted, loaded, beside: own.model, threshold: threshold))
                if let counted {
                    // The same versions under other names.
                    let sum = counted.sum.named(intents)
                    counts.append(ShadowCount(intents: intents, lanes: lanes, recalled: sum))
                    continue
                }
                let stored = isRecalled ? recalled[wanted.version].flatMap { ShadowTally($0, intents: intents) } : nil
                counts.append(ShadowCount(intents: intents, lanes: lanes, recalled: stored))
            } catch {
                ground.logger.warning("Version \(wanted.version) cannot score along: \(error)")
            }
        }
        state.withLock { $0.recalled = [:] }
        let model = ServingModel(own, treatments: dataset.treatments, rules: rules, shadows: shadows)
        let tally = ServingTally(
            accounts: isSameReign ? oldTally?.accounts ?? AccountTally(lanes: lanes) : AccountTally(lanes: lanes),
            previous: shadows.firstIndex { $0.role == .previous },
            shadows: counts
        )
        return .ready(model, tally)
    }

    private func reportThreshold(_ serving: Serving) {
        ground.health.set(.local, serving.model.flatMap(Self.trouble))
        ground.health.set(.promise, serving.model.flatMap { registry.contradiction(of: $0.version) })
    }

    /// The sentence about a threshold that is neither proven nor asked for; nil for any other.
    private static func trouble(_ model: ServingModel) -> String? {
        guard model.rules.fixedThreshold == nil else { return nil }
        let sentences = "more templates, or sentences in other words"
        switch model.model.threshold {
        case .proven where model.model.groups.isEmpty:
            return "threshold_estimated: this version counted every row of a template as evidence, which proves too "
                + "much: retrain"
        case .proven, .fixed: return nil
        case .estimated(_, _, _, let missing) where model.rules.unproven == .ask:
            return "threshold_unproven: in mode auto nothing is answered locally, since the threshold is only "
                + "estimated and local.unproven is ask; about \(missing) \(sentences), would prove one"
        case .estimated(_, _, _, let missing):
            return "threshold_estimated: the precision of local answers is estimated, not proven; "
                + "about \(missing) \(sentences), would prove one"
        case .unproven(.some(let missing)):
            return "threshold_unproven: in mode auto nothing is answered locally; "
                + "about \(missing) \(sentences), would do"
        case .unproven(nil):
            return "threshold_unproven: in mode auto nothing is answered locally; this version was trained before "
                + "thresholds were estimated: retrain"
        }
    }
}
