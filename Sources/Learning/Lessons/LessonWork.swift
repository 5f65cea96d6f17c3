import Classifier
import Wire
package import World

/// A lesson's way from rows to a verdict: the work of a process of its own, where it can neither slow down who answers nor
/// leave its marks on that process's memory.
package struct LessonWork: Sendable {
    private let lesson: Lesson
    private let files: any FileSystem
    private let clock: Clock

    package init(_ lesson: Lesson, files: any FileSystem, clock: Clock) {
        self.lesson = lesson
        self.files = files
        self.clock = clock
    }

    package func run(
        threads: Int,
        progress: @escaping @Sendable (VersionBuilder.Progress) -> Void
    ) async throws {
        var gathered = try gather()
        let withheld = Set(withheld(gathered).keys)
        // Whoever trains lets go of it, so nobody else may hold it.
        let evidence = gathered.evidence
        gathered.evidence = nil
        gathered.findings += try await train(
            on: lesson.snapshot,
            evidence,
            withheld: withheld,
            threads: threads,
            progress: progress
        )
        progress(VersionBuilder.Progress(step: "gate", fraction: 0.88))
        try judge(gathered)
    }

    /// The facts about the training data that the verdict needs. The rest is in the snapshot: a million rows leave no
    /// room for a second copy of them.
    package struct Gathered: Sendable {
        var tests: [DataRow]
        /// The rows of the data file, by intent.
        var file: [String: Int]
        /// How many groups each intent has.
        var groups: [String: Int]
        var findings: [Finding]
        var applied: [FeedbackItem]
        package var evidence: Evidence?
    }

    /// Makes what is trained on, and stores it.
    package func gather() throws -> Gathered {
        let source = TrainingSource(files: files, folders: folders)
        try source.prepareIfStale()
        var data = try source.load(feedback: lesson.feedback, rules: lesson.rules)
        let evidence = Evidence(data.rows)
        data = try data.checked(evidence)
        data.findings += source.responseFindings(beside: data.rows)
        try files.replace(lesson.snapshot, with: SnapshotFile.bytes(of: data))
        return Gathered(
            tests: data.rows(of: .test),
            file: Gate.FileRows.counts(data.claims),
            groups: evidence.groups(),
            findings: data.findings,
            applied: data.applied,
            evidence: evidence
        )
    }

    /// How few groups of rows an intent may have that the champion does not answer locally.
    package static let fewestGroups = 5

    /// The intents that are not answered locally yet, with the number of their groups: those that the champion does not
    /// know, or withholds itself, of which there is little but people's feedback. None of a first version, and none
    /// that stands in the data file, whose owner has decided.
    package func withheld(_ gathered: Gathered) -> [String: Int] {
        guard let champion = try? champion() else { return [:] }
        let answered = Set(zip(champion.intents, champion.withheld).filter { !$1 }.map(\.0))
        return gathered.groups.filter { intent, groups in
            groups < Self.fewestGroups && intent != outOfScopeIntent && !answered.contains(intent)
                && gathered.file[intent] == nil
        }
    }

    /// nil where there is none.
    ///
    /// - Throws: ``VersionError`` if it cannot be read.
    private func champion() throws(VersionError) -> Model? {
        guard let champion = lesson.champion else { return nil }
        let model = try VersionFolder(champion.folder, files: files).model(expecting: champion.digest).model
        return model.named(model.classes.map(champion.now))
    }

    /// - Parameters:
    ///   - evidence: that of the data, where it is at hand.
    ///   - withheld: intents that are not answered locally.
    /// - Returns: the findings that only a training can make: features that did not fit into memory.
    @discardableResult
    package func train(
        on data: String,
        _ evidence: consuming Evidence? = nil,
        withheld: Set<String> = [],
        threads: Int,
        progress: @escaping @Sendable (VersionBuilder.Progress) -> Void
    ) async throws -> [Finding] {
        try await VersionBuilder(files: files, clock: clock).build(
            data: data,
            evidence: evidence,
            out: lesson.version,
            settings: Settings(targetPrecision: lesson.targetPrecision, language: lesson.rules.language),
            threads: threads,
            withheld: withheld,
            labelErrors: lesson.labelErrors
        ) { step in
            progress(VersionBuilder.Progress(step: step.step, fraction: 0.05 + 0.8 * step.fraction))
        }.findings.filter { $0.code == Finding.Code.rareFeaturesLeftOut.rawValue }
    }

    /// Holds the trained version against the champion, and leaves the report.
    package func judge(_ gathered: Gathered) throws {
        let (challenger, digest) = try VersionFolder(lesson.version, files: files).model()
        var trouble: String?
        var champion: Model?
        do throws(VersionError) {
            champion = try self.champion()
        } catch {
            // A champion that cannot be read any more is no reason not to have a new one.
            trouble = error.description
        }
        let seen = champion == nil ? [] : rowsSeen()
        var key = WordKey(language: lesson.rules.language)
        var verdict = Gate(
            tests: gathered.tests,
            seen: Set(seen.map { key($0.text) }),
            taught: seen.isEmpty ? nil : Set(seen.compactMap { lesson.champion?.now($0.intent) }),
            language: lesson.rules.language,
            golden: GoldenFile(files: files, folders: folders),
            behaviour: BehaviourFile(files: files, folders: folders),
            file: fileRows(gathered),
            clock: clock
        ).verdict(challenger: challenger, champion: champion)
        verdict.findings = try told() + verdict.findings + gathered.findings.filter { $0.severity != .note }
        for (intent, groups) in withheld(gathered).sorted(by: { $0.key < $1.key }) {
            let missing = Self.fewestGroups - groups
            verdict.findings.add(
                .intentWithheld,
                .warning,
                message: "\(intent) is not answered locally yet: it is new, and has sentences of "
                    + "\(groups.counted("kind", "kinds")).",
                remedy: "Give \(missing.counted("more sentence in other words", "more sentences in other words")), "
                    + "or put the intent into the data file."
            )
        }
        try LessonReport(
            digest: digest,
            data: try Digest.hex(of: lesson.snapshot, in: files),
            findings: gathered.findings,
            outcome: verdict.outcome,
            verdict: verdict.json,
            learned: Learned(gathered.applied, challenger: challenger, champion: champion).json,
            championTrouble: trouble
        ).write(to: lesson.report, in: files)
    }

    /// What the version's own test rows say against its promises.
    private func told() throws -> [Finding] {
        try VersionFolder(lesson.version, files: files).evaluation()["findings"]?.array?.compactMap(Finding.init) ?? []
    }

    /// What the data file gives now and gave to the champion; nil where the champion's snapshot is gone.
    private func fileRows(_ gathered: Gathered) -> Gate.FileRows? {
        guard let champion = lesson.champion, let bytes = try? files.read(champion.snapshot, limit: FileLimit.data),
            let before = try? SnapshotFile.read(bytes)
        else { return nil }
        // Rows of an intent that was removed on purpose are not missed.
        let counts = Gate.FileRows.counts(before.claims).reduce(into: [String: Int]()) { counts, entry in
            if let name = champion.now(entry.key) { counts[name, default: 0] += entry.value }
        }
        return Gate.FileRows(now: gathered.file, before: counts)
    }

    private var folders: Folders { Folders(models: lesson.work, data: lesson.data, logs: lesson.work) }

    /// The rows that the champion was trained on; none where its snapshot is gone.
    private func rowsSeen() -> [DataRow] {
        guard let champion = lesson.champion, let bytes = try? files.read(champion.snapshot, limit: FileLimit.data)
        else { return [] }
        return DataFile.parse(bytes, format: .jsonl, isForTraining: false).rows.filter { $0.split != .test }
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
