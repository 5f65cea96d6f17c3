import Classifier
import Logging
package import Wire

/// One turn of the loop that learns: snapshot, child process, gate, register, promote, swap.
package struct Retraining: Sendable {
    package typealias Update = @Sendable (_ step: String, _ fraction: Double) -> Void

    package struct Outcome: Sendable {
        package var candidate: Int?
        package var verdict: JSON?
        package var learned: JSON?
        /// The gate said no.
        package var isRefused: Bool
    }

    let files: any FileSystem
    let folders: Folders
    let registry: Registry
    let feedback: FeedbackStore
    let process: TrainingProcess
    let clock: Clock
    let logger: Logger
    let configuration: @Sendable () -> Configuration
    /// Makes a registered version answer on every event loop; returns when all have swapped.
    let serve: @Sendable (_ version: Int) async throws -> Void

    func run(_ job: JobRecord, _ update: @escaping Update) async throws -> Outcome {
        let result: Result<Outcome, any Error>
        do {
            result = .success(try await train(job, update))
        } catch {
            result = .failure(error)
        }
        await registry.endTraining()
        return try result.get()
    }

    private func train(_ job: JobRecord, _ update: @escaping Update) async throws -> Outcome {
        update("snapshot", 0.01)
        let staging = folders.staging(job.id)
        // What only looks works on copies, which go with everything else that it made.
        let dryRun = job.isDryRun ? DryRun(files: files, folders: folders, job: job.id) : nil
        defer {
            try? files.remove(staging)
            dryRun?.clear()
        }
        try files.makeDirectory(folders.staging)
        try dryRun?.copySources()
        let folders = dryRun?.copies ?? folders
        let source = TrainingSource(files: files, folders: folders)
        try source.prepareIfStale()
        let configuration = configuration()
        let settings = configuration.training
        let data = try source.load(feedback: try await feedback.accepted(), rules: TrainingData.Rules(settings))
            .checked()
        let snapshot = try await registry.storing { try source.store(data) }
        // Their words may be people's words: by name here, in full only for who debugs.
        for (code, count) in Dictionary(data.findings.map { ($0.code, 1) }, uniquingKeysWith: +).sorted(by: <) {
            logger.notice("The training data has \(count) \(code).", metadata: ["job": .string(job.id)])
        }
        for finding in data.findings.prefix(20) { logger.debug("\(finding)") }

        try await process.run(
            TrainingProcess.Order(
                data: folders.snapshot(snapshot),
                out: staging,
                nice: 19,
                memory: settings.memory,
                targetPrecision: configuration.local.targetPrecision,
                labelErrors: folders.labelErrors(snapshot)
            )
        ) { progress in
            update(progress.step, 0.05 + 0.8 * progress.fraction)
        }
        try Task.checkCancellation()

        update("gate", 0.88)
        let challenger = try VersionFolder(staging, files: files).model().model
        let championVersion = try await registry.aliases()[.champion]
        let champion = try await championModel(championVersion)
        var verdict = Gate(
            tests: data.rows(of: .test),
            seen: await wordsSeen(by: champion == nil ? nil : championVersion),
            golden: GoldenFile(files: files, folders: folders),
            behaviour: BehaviourFile(files: files, folders: folders),
            clock: clock
        ).verdict(challenger: challenger, champion: champion)
        verdict.findings += data.findings.filter { $0.severity != .note }
        let learned = Learned(data.applied, challenger: challenger, champion: champion)
        try Task.checkCancellation()
        if job.isDryRun {
            let isRefused = champion != nil && verdict.outcome == .fail
            return Outcome(candidate: nil, verdict: verdict.json, learned: learned.json, isRefused: isRefused)
        }

        // From here on a cancel comes too late: between the alias and the event loops there is no half.
        // One that cannot be read still answers from memory: what hold and gate say is in force, until nothing answers.
        let hasChampion = championVersion != nil && (champion != nil || job.cause != Cause.noModel.words)
        return try await Task { [verdict] in
            try await bringIn(staging, job, snapshot, verdict, learned, championVersion, hasChampion, update)
        }.value
    }

    /// Registers the version and does with it what verdict and policy say.
    private func bringIn(
        _ staging: String,
        _ job: JobRecord,
        _ snapshot: String,
        _ verdict: Gate.Verdict,
        _ learned: Learned,
        _ championVersion: Int?,
        _ hasChampion: Bool,
        _ update: Update
    ) async throws -> Outcome {
        update("register", 0.93)
        func told(_ event: Event, _ version: Int) -> Logger.Metadata {
            event.metadata(["model_version": "\(version)", "job": .string(job.id), "uid": "\(job.uid)"])
        }
        let version = try await registry.register(
            staged: staging,
            snapshot: snapshot,
            verdict: verdict.json,
            uid: job.uid
        )
        var outcome = Outcome(
            candidate: version.version,
            verdict: verdict.json,
            learned: learned.json,
            isRefused: false
        )
        if hasChampion {
            if verdict.outcome == .fail {
                outcome.isRefused = true
                logger.warning(
                    "The gate refused version \(version.version): \(verdict.names(of: .fail).joined(separator: ", ")).",
                    metadata: told(.gateRefused, version.version)
                )
                return outcome
            }
            // Nothing new was learnt: what was found bad by people does not come back with another number.
            let twin = try await registry.badTwin(of: version)
            if verdict.outcome == .borderline || job.policy == .hold || twin != nil {
                let doubts = (verdict.names(of: .borderline) + (twin.map { ["same bytes as version \($0)"] } ?? []))
                    .joined(separator: ", ")
                try await registry.nominate(
                    version.version,
                    uid: job.uid,
                    reason: "waits for an admin\(doubts.isEmpty ? "" : ": borderline \(doubts)"); \(job.reason)",
                    verdict: verdict.outcome.rawValue
                )
                logger.notice(
                    "Version \(version.version) waits for an admin\(doubts.isEmpty ? "" : ": borderline \(doubts)").",
                    metadata: told(.modelWaits, version.version)
                )
                return outcome
            }
        }
        update("promote", 0.96)
        try await registry.move(
            .promote,
            to: version.version,
            uid: job.uid,
            reason: championVersion == nil ? "first version" : job.reason,
            verdict: verdict.outcome.rawValue,
            expected: championVersion
        )
        update("swap", 0.98)
        try await serve(version.version)
        logger.notice(
            "Version \(version.version) answers now (\(job.reason)).",
            metadata: told(.modelPromoted, version.version)
        )
        return outcome
    }

    /// The words of the rows that a version was trained on; none where its snapshot is gone.
    private func wordsSeen(by version: Int?) async -> Set<String> {
        guard let version, let snapshot = try? await registry.version(version)?.snapshot,
            let bytes = try? files.read(folders.snapshot(snapshot))
        else { return [] }
        var key = WordKey()
        return Set(
            DataFile.parse(bytes, format: .jsonl, isForTraining: false).rows.filter { $0.split != .test }
                .map { key($0.text) }
        )
    }

    /// A champion that cannot be read any more is no reason not to have a new one.
    private func championModel(_ version: Int?) async throws -> Model? {
        guard let version else { return nil }
        do {
            return try await registry.model(version).model
        } catch let error as VersionError {
            logger.error("Version \(version), the champion, cannot be compared with: \(error)")
            return nil
        }
    }
}

/// Whether people's feedback is right now that it has been trained on.
struct Learned: Sendable {
    var applied = 0
    var fixed = 0
    var stillWrong: [String] = []

    init(_ items: [FeedbackItem], challenger: Model, champion: Model?) {
        applied = items.count
        var challengerWorkspace = Workspace()
        var championWorkspace = champion.map { _ in Workspace() }
        for item in items where item.intent != outOfScopeIntent {
            let now = challenger.predict(item.text, top: 1, workspace: &challengerWorkspace).intent
            guard challenger.intents[now] == item.intent else {
                stillWrong.append(item.id)
                continue
            }
            if let champion, var workspace = championWorkspace {
                let before = champion.predict(item.text, top: 1, workspace: &workspace).intent
                if champion.intents[before] != item.intent { fixed += 1 }
                championWorkspace = workspace
            }
        }
    }

    var json: JSON {
        [
            "applied": .integer(applied), "fixed": .integer(fixed),
            "still_wrong": .array(stillWrong.map { .string($0) }),
        ]
    }
}
