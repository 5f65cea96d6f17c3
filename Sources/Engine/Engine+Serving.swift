import Classifier
import Logging
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
            serve: { [weak self] version in try await self?.serve(version) }
        )
    }

    /// Loads a registered version, verifies it and makes every event loop answer from it.
    func serve(_ version: Int) async throws {
        let (model, digest) = try await registry.model(version)
        readIntents()
        refreshLockedTexts()
        let snapshot = Snapshot(version: version, digest: digest, model: model, intents: intents, rules: rules)
        await publish(.ready(snapshot))
        noteThreshold(snapshot)
        await refreshAliases()
    }

    /// The same model with what a reload brought.
    func republish() async {
        guard case .ready(let old) = serving else { return }
        let snapshot = Snapshot(
            version: old.version,
            digest: old.digest,
            model: old.model,
            intents: intents,
            rules: rules
        )
        await publish(.ready(snapshot))
        noteThreshold(snapshot)
    }

    private var rules: Rules { Rules(configuration, experimentSalt: experimentSalt) }

    private func noteThreshold(_ snapshot: Snapshot) {
        guard snapshot.threshold == nil else { return degrade("local", nil) }
        if case .unproven(rowsNeeded: let rows) = snapshot.model.threshold {
            degrade(
                "local",
                "threshold_unproven: in mode auto nothing is answered locally; about \(rows) more rows would do"
            )
        }
    }

    /// Responses and policies; a file that cannot be read leaves the ones that are in force.
    func readIntents() {
        do {
            update(intents: try TrainingSource(files: world.files, folders: world.folders).intents())
            degrade("responses", nil)
        } catch {
            world.logger.error("The responses could not be read: \(error)")
            degrade("responses", "\(error)")
        }
    }

    func refreshLockedTexts() {
        do {
            update(lockedTexts: try TrainingSource(files: world.files, folders: world.folders).lockedTexts())
        } catch {
            world.logger.error("The locked test rows could not be read: \(error)")
        }
    }

    func refreshAliases() async {
        if let aliases = try? await registry.aliases() {
            update(champion: aliases[.champion], candidate: aliases[.candidate])
        }
    }

    /// Due once a second.
    package func maintain() { log.maintain(configuration.telemetry) }

    /// For the end of the process: nothing is left to the kernel's good will.
    package func finish() {
        do {
            try log.synchronize()
            try ledger.close()
        } catch {
            world.logger.error("The files could not be closed cleanly: \(error)")
        }
    }
}
