import Classifier
import Learning
import Logging
import Synchronization
import Wire

extension Engine {
    var retraining: Retraining {
        Retraining(
            files: world.files,
            folders: world.folders,
            registry: registry,
            feedback: feedback,
            process: world.process,
            logger: world.logger,
            configuration: { [weak self] in self?.configuration ?? Configuration() },
            serve: { [weak self] version, loaded in try await self?.follow(version, loaded) }
        )
    }

    /// Loads a registered version, verifies it and makes every event loop answer from it.
    ///
    /// - Parameter loaded: what the registry gave of it, where that has been asked already.
    func serve(_ version: Int, _ loaded: (model: Model, digest: String)? = nil) async throws {
        let (model, digest) = if let loaded { loaded } else { try await registry.model(version) }
        readIntents()
        readData()
        let snapshot = Snapshot(version: version, digest: digest, model: model, intents: intents, rules: rules)
        await publish(.ready(snapshot))
        noteThreshold(snapshot)
        await refreshAliases()
    }

    /// After a move to `version`: what answers is what the ledger says, also where two moves overtook each other.
    func follow(_ version: Int, _ loaded: (model: Model, digest: String)? = nil) async throws {
        var (version, loaded) = (version, loaded)
        while true {
            try await serve(version, loaded)
            degrade("model", nil)
            guard let champion, champion != version else {
                await letGoOverdue()
                return await noteReign()
            }
            (version, loaded) = (champion, nil)
        }
    }

    /// The same model with what a reload brought.
    func republish() async {
        while case .ready(let old) = serving {
            let snapshot = Snapshot(old, intents: intents, rules: rules, old.shadows, old.served)
            guard await publish(snapshot, replacing: old) else { continue }
            return noteThreshold(snapshot)
        }
    }

    private var rules: Rules { Rules(configuration, experimentSalt: experimentSalt, hasLLM: world.llm != nil) }

    private func noteThreshold(_ snapshot: Snapshot) {
        guard snapshot.threshold == nil else { return degrade("local", nil) }
        if case .unproven(rowsNeeded: let rows) = snapshot.model.threshold {
            degrade(
                "local",
                "threshold_unproven: in mode auto nothing is answered locally; about \(rows) more rows would do"
            )
        }
    }

    var source: TrainingSource { TrainingSource(files: world.files, folders: world.folders) }

    /// Responses and policies; a file that cannot be read leaves the ones that are in force.
    func readIntents() {
        do {
            // A promotion reads it too: what has not changed is not parsed again.
            if let fresh = try source.intents(unless: digests.intents) {
                update(intents: fresh.intents, digest: fresh.digest)
            }
            degrade("responses", nil)
        } catch {
            world.logger.error("The responses could not be read: \(error)")
            degrade("responses", "\(error)")
        }
    }

    /// Reads the data file beside the answering, which does not need it.
    func readData() {
        reading.withLock { last in
            last = Task.detached(priority: .utility) { [self, last] in
                await last?.value
                refreshData()
            }
        }
    }

    /// For those who need to know what the data file says.
    func dataIsRead() async { await reading.withLock { $0 }?.value }

    /// What the data file says about neighbours and locked texts.
    private func refreshData() {
        do {
            guard let fresh = try source.rows(unless: digests.data) else { return }
            let all = fresh.rows
            var key = WordKey()
            var locked: Set<String> = []
            for row in all where row.split == .test { locked.insert(key(row.text)) }
            update(rows: all.filter { $0.split != .test }, lockedTexts: locked, digest: fresh.digest)
        } catch {
            world.logger.error("The data file could not be read: \(error)")
        }
    }

    func refreshAliases() async {
        // Two of these may overtake each other: whoever wrote looks once more.
        var known: [Alias: Int]?
        while let aliases = try? await registry.aliases(), aliases != known {
            update(champion: aliases[.champion], candidate: aliases[.candidate])
            known = aliases
        }
        await refreshShadows()
    }

    /// Due once a second.
    package func maintain() {
        noteHeldBack()
        Task(priority: .utility) {
            await watchOver()
            await lookForDrift()
            await retrainIfDue()
        }
        log.maintain(configuration.telemetry)
        sessions.maintain(configuration.sessions)
        degrade("llm", llmTrouble)
        collectIfDue()
        degrade("sessions", sessions.trouble.map { "conversations are kept in memory only: \($0)" })
    }

    /// For the end of the process: nothing is left to the kernel's good will.
    package func finish() {
        do {
            try log.synchronize()
            try sessions.saveAtEnd()
            try storeReignAtEnd()
            try storeDriftAtEnd()
            try ledger.close()
        } catch {
            world.logger.error("The files could not be closed cleanly: \(error)")
        }
    }
}
