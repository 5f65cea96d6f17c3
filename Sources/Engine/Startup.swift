import Logging
import Wire

// From folders to an engine that answers. Bad data never keeps the daemon from starting: it is put aside, the next best
// thing serves, and `status.degraded` says so.
extension Engine {
    /// - Throws: ``StorageError`` for a database of a newer intentd; ``FileError`` where the folders cannot be used.
    package static func open(world: World, configuration: Configuration) async throws -> Engine {
        let (files, folders, logger) = (world.files, world.folders, world.logger)
        for folder in [folders.models, folders.data, folders.logs, folders.versions, folders.aliases] {
            try files.makeDirectory(folder)
        }
        try files.remove(folders.staging)
        var degraded: [Degradation] = []
        let ledger = try openLedger(world, &degraded)
        let log = try ChatLog(files: files, folders: folders, clock: world.clock, logger: logger)
        let registry = Registry(ledger: ledger, files: files, folders: folders, logger: logger)
        let engine = Engine(
            world: world,
            configuration: configuration,
            ledger: ledger,
            registry: registry,
            log: log,
            degraded: degraded,
            experimentSalt: try await ledger.salt()
        )
        engine.install(
            Jobs(ledger: ledger, clock: world.clock, logger: logger) { [weak engine] job, update in
                guard let engine else { throw CancellationError() }
                let outcome = try await engine.retraining.run(job, update)
                // A candidate that waits for an admin moves an alias too.
                await engine.refreshAliases()
                await engine.collect()
                return outcome
            }
        )
        try await engine.jobs?.recover()
        await engine.resumeForgetting()
        engine.readIntents()
        try await engine.recallReign()
        try await engine.recallDrift()
        let adopted = try await registry.adoptFolders(uid: world.uid)
        if adopted > 0 {
            logger.notice("The ledger knew no version; \(adopted) that lie in \(folders.versions) are known again.")
        }
        await registry.remakeLinks()
        return engine
    }

    /// Makes something serve: the champion, else the last good version, else another that has served and was
    /// not found bad, else a new one.
    ///
    /// - Parameter progress: called while the first model is being trained.
    package func bringUp(progress: @escaping @Sendable (_ step: String, _ fraction: Double) -> Void = { _, _ in }) async
    {
        if await serveBestVersion() == false { await trainFirst(progress) }
        readData()
        await refreshAliases()
        await letGoOverdue()
        await noteReign()
        await collect()
        await unlearnIfDue()
    }

    private func serveBestVersion() async -> Bool {
        let logger = world.logger
        do {
            let aliases = try await registry.aliases()
            // What nobody let answer does not begin to now, and what was found bad does not come back on its own.
            let (served, bad) = try await (registry.served(), registry.rolledBack().union(registry.rejected()))
            let known = try await registry.versions().map(\.version).filter { served.contains($0) && !bad.contains($0) }
                .reversed()
            var candidates = [aliases[.champion], aliases[.lastGood]].compactMap { $0 }
            if aliases[.champion] != nil { candidates += known.filter { !candidates.contains($0) } }
            for version in candidates {
                do {
                    try await serve(version)
                    if version != aliases[.champion] { await recordFallback(to: version, from: aliases[.champion]) }
                    return true
                } catch let error as VersionError {
                    logger.error(
                        "Version \(version) cannot be served: \(error)",
                        metadata: Event.modelDamaged.metadata(["model_version": "\(version)"])
                    )
                    degrade("model", "version \(version) could not be read (\(error)); another one serves")
                }
            }
        } catch {
            logger.error("The registry could not be read: \(error)")
            degrade("registry", "\(error)")
        }
        return false
    }

    /// What serves, serves, also when the ledger takes no writes: the next start tries again.
    private func recordFallback(to version: Int, from champion: Int?) async {
        world.logger.warning(
            "Version \(version) serves instead of version \(champion ?? 0).",
            metadata: Event.modelFellBack.metadata(["model_version": "\(version)", "previous": "\(champion ?? 0)"])
        )
        do {
            let reason = "version \(champion ?? 0) could not be read"
            try await registry.move(.rollback, to: version, uid: world.uid, reason: reason)
        } catch {
            world.logger.error("The fallback to version \(version) could not be recorded: \(error)")
            degrade("registry", "the fallback to version \(version) could not be recorded: \(error)")
        }
    }

    private func trainFirst(_ progress: @escaping @Sendable (String, Double) -> Void) async {
        let logger = world.logger
        logger.notice("No model is there yet; training the first one.")
        do {
            guard let jobs else { return }
            let record = try await jobs.runToEnd(uid: world.uid, policy: .gate, cause: .noModel) { record, _ in
                progress(record.step, record.fraction)
            }
            if record.state == .done {
                logger.notice(
                    "Version \(record.candidate ?? 0) is trained and serves.",
                    metadata: Event.firstModelTrained.metadata([
                        "model_version": "\(record.candidate ?? 0)", "job": .string(record.id),
                    ])
                )
                return
            }
            await publish(.noModel(record.error ?? "the first training ended as \(record.state.rawValue)"))
        } catch {
            await publish(.noModel("\(error)"))
        }
        if case .noModel(let why) = serving {
            logger.error(
                "The first model could not be trained: \(why)",
                metadata: Event.firstTrainingFailed.metadata()
            )
            degrade("model", why)
        }
    }

    private static func openLedger(_ world: World, _ degraded: inout [Degradation]) throws -> Ledger {
        let (files, folders) = (world.files, world.folders)
        do throws(StorageError) {
            return try Ledger(
                path: folders.database,
                clock: world.clock,
                randomness: world.randomness,
                projections: .all
            )
        } catch {
            // A full disk or a missing right is no reason to part with a database that is whole.
            guard case .damaged = error else { throw error }
            world.logger.error(
                "The database cannot be opened (\(error)); it is put aside and a new one begun.",
                metadata: Event.databaseQuarantined.metadata()
            )
            let stamp = world.clock.now().microseconds
            try files.makeDirectory(folders.quarantine)
            for suffix in ["", "-wal", "-shm"] where files.status(folders.database + suffix) != nil {
                try files.rename(
                    folders.database + suffix,
                    to: "\(folders.quarantine)/intentd.sqlite.\(stamp)\(suffix)"
                )
            }
            degraded.append(
                Degradation(
                    feature: "database",
                    reason:
                        "the database was unreadable and lies in \(folders.quarantine); feedback and history begin anew"
                )
            )
            return try Ledger(
                path: folders.database,
                clock: world.clock,
                randomness: world.randomness,
                projections: .all
            )
        }
    }
}
