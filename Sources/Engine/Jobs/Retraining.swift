import Classifier
import Learning
import Logging
package import Wire
import World

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
    let settings: Settings
    /// Who answers.
    let answering: Champion

    func run(_ job: JobRecord, _ update: @escaping Update) async throws -> Outcome {
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
        let configuration = self.settings.current
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

        // From here on the job can't be cancelled: alias and event loops must change together. An unreadable champion
        // is still serving from memory, so policy and gate still apply.
        let challenge = Challenge(
            staging: staging,
            job: job,
            snapshot: snapshot,
            verdict: verdict,
            learned: learned,
            model: challenger,
            champion: championVersion,
            hasChampion: championVersion != nil && (champion != nil || job.cause != Cause.noModel.words)
        )
        return try await Task { try await decide(challenge, update) }.value
    }

    /// A trained and measured version that wants to be the champion.
    private struct Challenge: Sendable {
        var staging: String
        var job: JobRecord
        var snapshot: String
        var verdict: Gate.Verdict
        var learned: Learned
        var model: Model
        /// The version that it was measured against; nil where there is none.
        var champion: Int?
        /// Whether gate and policy are in force.
        var hasChampion: Bool

        var outcome: String { verdict.outcome.rawValue }

        func told(_ message: JournalMessage, of version: Int) -> Logger.Metadata {
            message.metadata(["model_version": "\(version)", "job": .string(job.id), "uid": "\(job.uid)"])
        }
    }

    /// Registers the version and does with it as verdict and policy say.
    private func decide(_ challenge: Challenge, _ update: Update) async throws -> Outcome {
        update("register", 0.93)
        let (job, verdict) = (challenge.job, challenge.verdict)
        let version = try await registry.register(
            staged: challenge.staging,
            snapshot: challenge.snapshot,
            verdict: verdict.json,
            uid: job.uid
        )
        let number = version.version
        var outcome = Outcome(
            candidate: number,
            verdict: verdict.json,
            learned: challenge.learned.json,
            isRefused: false
        )
        if challenge.hasChampion {
            if verdict.outcome == .fail {
                outcome.isRefused = true
                logger.warning(
                    "The gate refused version \(number): \(verdict.names(of: .fail).joined(separator: ", ")).",
                    metadata: challenge.told(.gateRefused, of: number)
                )
                return outcome
            }
            // If training reproduced a version that people found bad, it is not promoted under a new number.
            let twin = try await registry.badTwin(of: version)
            if verdict.outcome == .borderline || job.policy == .hold || twin != nil {
                let doubts = verdict.names(of: .borderline) + (twin.map { ["same bytes as version \($0)"] } ?? [])
                try await nominate(number, challenge, doubts: doubts.joined(separator: ", "))
                return outcome
            }
        }
        update("promote", 0.96)
        try await registry.move(
            .promote,
            to: number,
            uid: job.uid,
            reason: challenge.champion == nil ? "first version" : job.reason,
            verdict: challenge.outcome,
            expected: challenge.champion
        )
        update("swap", 0.98)
        try await answering.settle(
            offering: LoadedModel(version: number, model: challenge.model, digest: version.digest)
        )
        logger.notice(
            "Version \(number) answers now (\(job.reason)).",
            metadata: challenge.told(.modelPromoted, of: number)
        )
        return outcome
    }

    /// Lets a version wait for an admin.
    private func nominate(_ version: Int, _ challenge: Challenge, doubts: String) async throws {
        let doubts = doubts.isEmpty ? "" : ": borderline \(doubts)"
        try await registry.nominate(
            version,
            uid: challenge.job.uid,
            reason: "waits for an admin\(doubts); \(challenge.job.reason)",
            verdict: challenge.outcome
        )
        logger.notice(
            "Version \(version) waits for an admin\(doubts).",
            metadata: challenge.told(.modelWaits, of: version)
        )
        // It scores along from now on.
        await answering.settleOrReport()
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
