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
    let logger: Logger
    let configuration: @Sendable () -> Configuration
    /// Makes a registered version answer on every event loop; returns when all have swapped.
    let serve: @Sendable (_ version: Int, _ loaded: (model: Model, digest: String)) async throws -> Void

    func run(_ job: JobRecord, _ update: @escaping Update) async throws -> Outcome {
        update("snapshot", 0.01)
        let work = folders.staging(job.id)
        // What only looks works on copies, which go with everything else that it made.
        let dryRun = job.isDryRun ? DryRun(files: files, folders: folders, job: job.id) : nil
        defer {
            try? files.remove(work)
            dryRun?.clear()
        }
        try files.makeDirectory(work)
        try dryRun?.copySources()
        let configuration = configuration()
        let champion = try await champion()
        let lesson = Lesson(
            work: work,
            data: (dryRun?.copies ?? folders).data,
            rules: TrainingData.Rules(configuration.training),
            targetPrecision: configuration.local.targetPrecision,
            feedback: try await feedback.accepted(),
            champion: champion
        )
        try lesson.write(to: files)
        try await process.run(
            TrainingProcess.Order(lesson: lesson, nice: 19, memory: configuration.training.memory)
        ) { update($0.step, $0.fraction) }
        try Task.checkCancellation()

        let report = try LessonReport(of: lesson, in: files)
        tell(report, job, champion)
        if job.isDryRun {
            let isRefused = champion != nil && report.championTrouble == nil && report.outcome == .fail
            return Outcome(candidate: nil, verdict: report.verdict, learned: report.learned, isRefused: isRefused)
        }

        // From here on a cancel comes too late: between the alias and the event loops there is no half.
        return try await Task { try await bringIn(lesson, report, job, update) }.value
    }

    private func champion() async throws -> Lesson.Champion? {
        guard let number = try await registry.aliases()[.champion], let version = try await registry.version(number)
        else { return nil }
        return Lesson.Champion(
            version: number,
            digest: version.digest,
            folder: folders.version(number),
            snapshot: folders.snapshot(version.snapshot)
        )
    }

    private func tell(_ report: LessonReport, _ job: JobRecord, _ champion: Lesson.Champion?) {
        // Their words may be people's words: by name here, in full only for who debugs.
        let counts = Dictionary(report.findings.map { ($0.code, 1) }, uniquingKeysWith: +)
        for (code, count) in counts.sorted(by: <) {
            logger.notice("The training data has \(count) \(code).", metadata: ["job": .string(job.id)])
        }
        for finding in report.findings.prefix(20) { logger.debug("\(finding)") }
        if let champion, let trouble = report.championTrouble {
            logger.error("Version \(champion.version), the champion, cannot be compared with: \(trouble)")
        }
    }

    /// Registers the version and does with it what verdict and policy say.
    private func bringIn(
        _ lesson: Lesson,
        _ report: LessonReport,
        _ job: JobRecord,
        _ update: Update
    ) async throws -> Outcome {
        update("register", 0.93)
        func told(_ event: Event, _ version: Int) -> Logger.Metadata {
            event.metadata(["model_version": "\(version)", "job": .string(job.id), "uid": "\(job.uid)"])
        }
        let snapshot = try await registry.storing { [files, folders] in
            try files.makeDirectory(folders.snapshots)
            try files.rename(lesson.snapshot, to: folders.snapshot(report.data))
            try files.rename(lesson.labelErrors, to: folders.labelErrors(report.data))
            return report.data
        }
        let version = try await registry.register(
            staged: lesson.version,
            snapshot: snapshot,
            verdict: report.verdict,
            uid: job.uid
        )
        var outcome = Outcome(
            candidate: version.version,
            verdict: report.verdict,
            learned: report.learned,
            isRefused: false
        )
        // An unreadable champion still answers from memory: policy and gate apply, until nothing answers.
        if lesson.champion != nil, report.championTrouble == nil || job.cause != Cause.noModel.words {
            if report.outcome == .fail {
                outcome.isRefused = true
                logger.warning(
                    "The gate refused version \(version.version): \(report.names(of: .fail).joined(separator: ", ")).",
                    metadata: told(.gateRefused, version.version)
                )
                return outcome
            }
            // Nothing new was learnt: what was found bad by people does not come back with another number.
            let twin = try await registry.badTwin(of: version)
            if report.outcome == .borderline || job.policy == .hold || twin != nil {
                let doubts = (report.names(of: .borderline) + (twin.map { ["same bytes as version \($0)"] } ?? []))
                    .joined(separator: ", ")
                try await registry.nominate(
                    version.version,
                    uid: job.uid,
                    reason: "waits for an admin\(doubts.isEmpty ? "" : ": borderline \(doubts)"); \(job.reason)",
                    verdict: report.outcome?.rawValue
                )
                logger.notice(
                    "Version \(version.version) waits for an admin\(doubts.isEmpty ? "" : ": borderline \(doubts)").",
                    metadata: told(.modelWaits, version.version)
                )
                return outcome
            }
        }
        update("promote", 0.96)
        // Before the alias moves: a version that cannot be read must not become what the ledger names.
        let loaded = try await registry.model(version.version)
        try await registry.move(
            .promote,
            to: version.version,
            uid: job.uid,
            reason: lesson.champion == nil ? "first version" : job.reason,
            verdict: report.outcome?.rawValue,
            expected: lesson.champion?.version
        )
        update("swap", 0.98)
        try await serve(version.version, loaded)
        logger.notice(
            "Version \(version.version) answers now (\(job.reason)).",
            metadata: told(.modelPromoted, version.version)
        )
        return outcome
    }
}
