import Classifier
import Learning
import Logging
package import Wire
import World

/// One retraining: snapshot, child process, gate, register, promote, swap.
package struct Retraining: Sendable {
    package typealias Update = @Sendable (_ step: String, _ fraction: Double) -> Void

    package struct Outcome: Sendable {
        package var candidate: Int?
        package var verdict: JSON?
        package var learned: JSON?
        /// Whether the gate refused the version, or people did whose version has the same bytes.
        package var isRefused: Bool
        /// The version that was known before, and has these bytes.
        package var sameAs: Int?
        /// Why these bytes are refused, where that is not the gate's doing.
        package var refusal: String?
    }

    let files: any FileSystem
    let folders: Folders
    let registry: Registry
    let feedback: FeedbackStore
    let process: TrainingProcess
    let logger: Logger
    let settings: Settings
    let answering: Champion

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
        let work = folders.staging(job.id)
        // A dry run works on copies, which are removed with everything else that it made.
        let dryRun = job.isDryRun ? DryRun(files: files, folders: folders, job: job.id) : nil
        defer {
            try? files.remove(work)
            dryRun?.clear()
        }
        try files.makeDirectory(work)
        try dryRun?.copySources()
        let configuration = settings.current
        let lesson = Lesson(
            work: work,
            data: (dryRun?.copies ?? folders).data,
            rules: TrainingData.Rules(configuration),
            targetPrecision: configuration.local.targetPrecision,
            feedback: try await feedback.accepted(),
            champion: try await champion()
        )
        try lesson.write(to: files)
        let order = TrainingProcess.Order(lesson: lesson, nice: 19, memory: configuration.training.memory)
        try await process.run(order) { update($0.step, $0.fraction) }
        try Task.checkCancellation()

        // From here on the job can't be cancelled: alias and event loops must change together.
        let challenge = Challenge(job: job, lesson: lesson, report: try LessonReport(of: lesson, in: files))
        tell(challenge)
        answering.dataset.readRows()
        return job.isDryRun ? challenge.outcome() : try await Task { try await decide(challenge, update) }.value
    }

    /// A trained and measured version that wants to be the champion.
    private struct Challenge: Sendable {
        var job: JobRecord
        var lesson: Lesson
        var report: LessonReport

        /// The version that it should be measured against; nil if there is none.
        var champion: Int? { lesson.champion?.version }

        /// Whether it could be measured against that version.
        var isCompared: Bool { champion != nil && report.championTrouble == nil }

        /// Whether gate and policy are in force. An unreadable champion may still be serving from memory, and then they
        /// are.
        var hasChampion: Bool { isCompared || champion != nil && job.cause != Cause.noModel.words }

        func outcome(_ candidate: Int? = nil) -> Outcome {
            Outcome(
                candidate: candidate,
                verdict: report.verdict,
                learned: report.learned,
                isRefused: (candidate == nil ? isCompared : hasChampion) && report.outcome == .fail
            )
        }

        func told(_ message: JournalMessage, of version: Int) -> Logger.Metadata {
            message.metadata(["model_version": "\(version)", "job": .string(job.id), "uid": "\(job.uid)"])
        }
    }

    private func champion() async throws -> Lesson.Champion? {
        guard let number = try await registry.aliases()[.champion], let version = try await registry.version(number)
        else { return nil }
        return Lesson.Champion(
            version: number,
            digest: version.digest,
            folder: folders.version(number),
            snapshot: folders.snapshot(version.snapshot),
            names: registry.naming.current.changed(of: number)
        )
    }

    private func tell(_ challenge: Challenge) {
        // Findings may quote people's words: only their codes are logged, except at debug level.
        let findings = challenge.report.findings
        for (code, count) in Dictionary(findings.map { ($0.code, 1) }, uniquingKeysWith: +).sorted(by: <) {
            logger.notice("The training data has \(count) \(code).", metadata: ["job": .string(challenge.job.id)])
        }
        for finding in findings.prefix(20) { logger.debug("\(finding)") }
        if let champion = challenge.champion, let trouble = challenge.report.championTrouble {
            logger.error("Version \(champion), the champion, cannot be compared with: \(trouble)")
        }
    }

    /// Registers the version and does with it as verdict and policy say.
    private func decide(_ challenge: Challenge, _ update: Update) async throws -> Outcome {
        update("register", 0.93)
        let (job, report) = (challenge.job, challenge.report)
        let snapshot = try await keepData(challenge)
        if let known = try await registry.version(digest: report.digest) {
            return try await reproduce(known.version, challenge, snapshot: snapshot, update: update)
        }
        let number = try await registry.register(
            staged: challenge.lesson.version,
            snapshot: snapshot,
            verdict: report.verdict,
            uid: job.uid
        ).version
        return try await admit(number, challenge, outcome: challenge.outcome(number), update: update)
    }

    /// Binds a known version, whose bytes these are, to the new data. It is judged anew unless it serves already, or people
    /// found it bad.
    private func reproduce(
        _ number: Int,
        _ challenge: Challenge,
        snapshot: String,
        update: Update
    ) async throws -> Outcome {
        let standing = try await registry.reproduce(
            number,
            staged: challenge.lesson.version,
            snapshot: snapshot,
            verdict: challenge.report.verdict,
            job: challenge.job.id,
            uid: challenge.job.uid
        )
        logger.notice(
            "Nothing new: these are the bytes of version \(number).",
            metadata: ["model_version": "\(number)", "job": .string(challenge.job.id)]
        )
        var outcome = challenge.outcome()
        outcome.sameAs = number
        outcome.isRefused = challenge.hasChampion && challenge.report.outcome == .fail
        switch standing {
        case .champion:
            outcome.isRefused = false
            // Its file may have been broken, and an unlearning that waited for it is done.
            try await answering.settle()
            return outcome
        case .rolledBack, .rejected:
            guard challenge.hasChampion else { break }
            let what = standing == .rejected ? "rejected" : "rolled back from"
            outcome.isRefused = true
            outcome.refusal =
                "These are the bytes of version \(number), which was \(what). "
                + "If it should serve after all: `intentctl promote \(number)\(standing == .rejected ? " --force" : "")`."
            await answering.settleOrReport()
            return outcome
        case .other: break
        }
        return try await admit(number, challenge, outcome: outcome, update: update)
    }

    /// Promotes a version, lets it wait, or leaves it, as verdict and policy say.
    private func admit(
        _ number: Int,
        _ challenge: Challenge,
        outcome: Outcome,
        update: Update
    ) async throws -> Outcome {
        let (job, report) = (challenge.job, challenge.report)
        if challenge.hasChampion {
            if report.outcome == .fail {
                logger.warning(
                    "The gate refused version \(number): \(report.names(of: .fail).joined(separator: ", ")).",
                    metadata: challenge.told(.gateRefused, of: number)
                )
                return outcome
            }
            if report.outcome == .borderline || job.policy == .hold {
                try await nominate(number, challenge, doubts: report.names(of: .borderline).joined(separator: ", "))
                return outcome
            }
        }
        update("promote", 0.96)
        // Read before the alias moves: a version that cannot be read must not become the champion.
        let loaded = try await registry.model(number)
        try await registry.move(
            .promote,
            to: number,
            uid: job.uid,
            reason: challenge.champion == nil ? "first version" : job.reason,
            verdict: report.outcome.rawValue,
            expected: challenge.champion
        )
        update("swap", 0.98)
        try await answering.settle(offering: loaded)
        logger.notice(
            "Version \(number) answers now (\(job.reason)).",
            metadata: challenge.told(.modelPromoted, of: number)
        )
        return outcome
    }

    /// Moves the training data of the version to the file that is named by its digest.
    private func keepData(_ challenge: Challenge) async throws -> String {
        try await registry.storing { [files, folders] in
            let (lesson, data) = (challenge.lesson, challenge.report.data)
            try files.makeDirectory(folders.snapshots)
            try files.rename(lesson.snapshot, to: folders.snapshot(data))
            try files.rename(lesson.labelErrors, to: folders.labelErrors(data))
            return data
        }
    }

    /// Lets a version wait for an admin.
    private func nominate(_ version: Int, _ challenge: Challenge, doubts: String) async throws {
        let doubts = doubts.isEmpty ? "" : ": borderline \(doubts)"
        try await registry.nominate(
            version,
            uid: challenge.job.uid,
            reason: "waits for an admin\(doubts); \(challenge.job.reason)",
            verdict: challenge.report.outcome.rawValue
        )
        logger.notice(
            "Version \(version) waits for an admin\(doubts).",
            metadata: challenge.told(.modelWaits, of: version)
        )
        // It scores along from now on.
        await answering.settleOrReport()
    }
}
