import Classifier
import Learning
import Logging
import Synchronization
package import Wire
import World

// The composition root: it makes the rooms in order, opens them and closes them. It has no logic, and no state but
// them.
//
// A room is a type that owns its state; its init lists what it needs. The methods that clients may call stand in a
// struct `…Methods` beside it. Nobody extends Engine: a function that needs three rooms would otherwise find all
// thirty here, and soon every room would know every other.

/// The daemon without its process: it takes lines and gives answers. Everything that touches the world is handed in,
/// and it does not know of sockets.
package final class Engine: Sendable {
    package let settings: Settings
    package let health = Health()
    package let ledger: Ledger
    package let registry: Registry
    package let feedback: FeedbackStore
    package let telemetry: Telemetry
    package let sessions: SessionMemory
    package let dataset: Dataset
    package let champion: Champion
    package let jobs: Jobs
    package let reload: Reload
    package let door: Door
    package let chores: Chores
    let watch: Watch
    let drift: Drift
    let triggers: Triggers
    let collection: Collection
    let forgetting: Forgetting
    let unlearning: Unlearning
    let moves: IntentMoves
    private let environment: Environment

    /// Opens the folders and makes the rooms; no model serves yet.
    ///
    /// - Throws: ``StorageError`` if the database is of a newer intentd; ``FileError`` if the folders cannot be used.
    package init(_ environment: Environment, _ configuration: Configuration) async throws {
        let (files, folders) = (environment.files, environment.folders)
        let (clock, logger, uid) = (environment.clock, environment.logger, environment.uid)
        let early = Registry.readEarly(files, folders)
        for folder in [folders.models, folders.data, folders.versions, folders.aliases] {
            try files.makeDirectory(folder)
        }
        do {
            try files.remove(folders.staging)
        } catch {
            logger.warning("What a training left could not be removed: \(error)")
        }
        self.environment = environment
        let settings = Settings(configuration)
        let ground = Ground(settings: settings, health: health, clock: clock, logger: logger, uid: uid)
        let (ledger, refusal) = try await Ledger.openWhenFree(environment, health, projections: .all)
        let naming = Naming(ledger: ledger)
        let time = PlausibleTime(clock: clock)
        if let last = try await ledger.lastRecord() { time.recall(last) }
        let log = try ChatLog(files: files, folders: folders, clock: clock, logger: logger, time: time) {
            naming.current
        }
        let registry = Registry(
            ledger: ledger,
            naming: naming,
            files: files,
            folders: folders,
            logger: logger,
            early: early
        )
        let feedback = FeedbackStore(ledger: ledger, naming: naming) { settings.current.language }
        let telemetry = Telemetry(log: log, windowAnswers: DriftFigures.windowAnswers)
        let sessions = SessionMemory(
            ledger: ledger,
            clock: clock,
            logger: logger,
            settings: configuration.sessions,
            time: time
        )
        let source = TrainingSource(files: files, folders: folders)
        let dataset = Dataset(source: source, health: health, settings: settings, logger: logger)
        let champion = Champion(
            registry: registry,
            dataset: dataset,
            ground: ground,
            experimentSalt: try await ledger.salt(),
            hasLLM: environment.llm != nil
        )
        let watch = Watch(champion: champion, registry: registry, ledger: ledger, ground: ground)
        let drift = Drift(champion: champion, telemetry: telemetry, ledger: ledger, ground: ground)
        let collection = Collection(
            registry: registry,
            settings: settings,
            time: time,
            logger: logger,
            uid: uid,
            answering: { champion.serving.model?.version }
        )
        let retraining = Retraining(
            files: files,
            folders: folders,
            registry: registry,
            feedback: feedback,
            process: environment.process,
            logger: logger,
            settings: settings,
            answering: champion
        )
        let jobs = Jobs(ledger: ledger, clock: clock, logger: logger) { job, update in
            let outcome = try await retraining.run(job, update)
            await collection.collect()
            return outcome
        }
        let triggers = Triggers(
            jobs: jobs,
            ledger: ledger,
            settings: settings,
            clock: clock,
            time: time,
            logger: logger,
            uid: uid,
            isAfterDrift: { drift.wantsTraining },
            hasTrained: { drift.markTrained() }
        )
        let quotes = Quotes(dataset: dataset, feedback: feedback)
        let forgetting = Forgetting(ledger: ledger, registry: registry, log: log, sessions: sessions)
        let moves = IntentMoves(
            ledger: ledger,
            naming: naming,
            files: IntentFiles(files: files, folders: folders),
            champion: champion,
            jobs: jobs,
            ground: ground
        )
        let unlearning = Unlearning(registry: registry, champion: champion, jobs: jobs, ground: ground)
        let reload = Reload(environment: environment, ground: ground, log: log, dataset: dataset, champion: champion)
        let workers = Workers(processors: environment.processors, threads: environment.threads)
        let llm = LLMStatus(llm: environment.llm, settings: settings, clock: clock)
        let methods = Methods(
            chat: ChatMethods(
                local: LocalTiers(clock: clock, randomness: environment.randomness, log: log, seal: ledger.seal),
                llm: environment.llm.map { LLMTier(llm: $0, sessions: sessions, ground: ground) },
                delivery: Delivery(log: log, sessions: sessions, logger: logger),
                settings: settings
            ),
            predict: PredictMethods(),
            explain: ExplainMethods(
                registry: registry,
                feedback: feedback,
                log: log,
                dataset: dataset,
                scarceFeatures: ScarceFeatures(dataset: dataset)
            ),
            feedback: FeedbackMethods(
                store: feedback,
                log: log,
                dataset: dataset,
                champion: champion,
                settings: settings
            ),
            forget: ForgetMethods(
                forgetting: forgetting,
                unlearning: unlearning,
                registry: registry,
                champion: champion,
                dataset: dataset,
                jobs: jobs,
                clock: clock,
                logger: logger
            ),
            jobs: JobMethods(jobs: jobs, quotes: quotes, settings: settings, uid: uid),
            models: ModelMethods(
                registry: registry,
                champion: champion,
                watch: watch,
                source: source,
                quotes: quotes,
                settings: settings,
                workers: workers,
                logger: logger
            ),
            metrics: MetricsMethods(
                telemetry: telemetry,
                feedback: feedback,
                drift: drift,
                llm: llm,
                champion: champion,
                naming: naming
            ),
            experiment: ExperimentMethods(log: log, feedback: feedback, settings: settings, workers: workers),
            status: StatusMethods(
                champion: champion,
                jobs: jobs,
                llm: llm,
                ground: ground,
                workers: workers,
                began: clock.monotonic(),
                place: environment.place
            ),
            reload: reload,
            sessions: SessionMethods(sessions: sessions, seal: ledger.seal, logger: logger),
            data: DataMethods(
                dataset: dataset,
                feedback: feedback,
                registry: registry,
                settings: settings,
                clock: clock,
                randomness: environment.randomness
            ),
            intents: IntentMethods(
                dataset: dataset,
                feedback: feedback,
                registry: registry,
                champion: champion,
                moves: moves
            )
        )
        let door = Door(methods: methods, ground: ground, workers: workers)
        champion.observe { await watch.follow($0) }
        champion.observe { _ in await unlearning.letGo() }
        chores = Chores([
            time.chore(health, logger), ledger.chore(health, logger), door.notices.chore,
            champion.chore, watch.chore, drift.chore, triggers.chore, collection.chore,
            telemetry.chore(settings, health), sessions.chore(settings, health), llm.chore(health),
        ])
        (self.settings, self.ledger, self.registry, self.feedback) = (settings, ledger, registry, feedback)
        (self.telemetry, self.sessions, self.dataset, self.champion) = (telemetry, sessions, dataset, champion)
        (self.jobs, self.reload, self.door, self.watch, self.drift) = (jobs, reload, door, watch, drift)
        (self.triggers, self.collection) = (triggers, collection)
        (self.forgetting, self.unlearning, self.moves) = (forgetting, unlearning, moves)
        try await recall()
        // The start itself may write to a ledger in memory. From here on it refuses, because people's words would be lost with it.
        if let refusal { ledger.refuse(refusal) }
    }

    /// Takes up what earlier processes left: interrupted jobs, unfinished forgetting, counts that go on.
    private func recall() async throws {
        try await sessions.sealNames()
        try await jobs.recover()
        await moves.resume()
        await forgetting.resume(health, environment.logger)
        dataset.readIntents()
        try await watch.recall()
        try await drift.recall()
        let adopted = try await registry.adoptFolders(uid: environment.uid)
        if adopted > 0 {
            let words =
                "the ledger knew no version; \(adopted) that lie in \(environment.folders.versions) are known again"
            environment.logger.notice("Versions are adopted: \(words).")
            ledger.remark.withLock { $0 = $0 ?? words + ", and feedback and history begin anew" }
            health.set(.database, ledger.remark.withLock { $0 })
        }
        await registry.finishReproductions()
        await registry.remakeLinks()
    }

    /// Makes a model serve: the one that served before, or else a new one.
    ///
    /// - Parameter progress: called while the first model is being trained.
    package func bringUp(progress: @escaping @Sendable (_ step: String, _ fraction: Double) -> Void = { _, _ in }) async
    {
        if await champion.bringUp(uid: environment.uid) == false {
            let first = FirstTraining(jobs: jobs, champion: champion, health: health, logger: environment.logger)
            await first.run(uid: environment.uid, progress: progress)
        }
        dataset.readRows()
        if await unlearning.letGo() { await champion.settleOrReport() }
        await collection.collect()
        await unlearning.trainIfDue()
    }

    /// Makes the lane of one more event loop; it serves the same model as all others.
    package func makeLane() -> Lane {
        let (counters, turns) = (telemetry.makeShard(), sessions.makeInbox())
        let tallies = LaneTallies(number: champion.nextLane(), counters: counters, turns: turns)
        return Lane(champion: champion, tallies: tallies, log: telemetry.log)
    }

    /// Everything that a socket server needs of the engine.
    package var service: LineService {
        LineService(
            makeHandler: { [self] in
                let lane = makeLane()
                return LineHandler(
                    handle: { [door] line, caller, output in
                        door.handle(line, caller: &caller, lane: lane, output: &output)
                    },
                    flush: { lane.flush() },
                    pulse: { lane.pulse() },
                    refresh: { lane.refresh() }
                )
            },
            refused: { [door] what, uid in door.notices.overLimit(what, uid: uid) },
            held: door.held
        )
    }

    package var condition: Condition {
        Condition(
            champion: champion.version,
            job: jobs.current.map { Condition.Job(step: $0.step, fraction: $0.fraction) },
            degraded: health.degraded
        )
    }

    /// Begins the chores that are due. The process calls it once a second.
    @discardableResult
    package func tick() -> Task<Void, Never> { chores.tick(at: environment.clock.monotonic()) }

    /// Writes everything to stable storage at the end of the process; blocks.
    package func finish() {
        do {
            try telemetry.log.synchronize()
            try sessions.saveAtEnd()
            try watch.storeAtEnd()
            try drift.storeAtEnd()
            try ledger.close()
        } catch {
            environment.logger.error("The files could not be closed cleanly: \(error)")
        }
    }
}
