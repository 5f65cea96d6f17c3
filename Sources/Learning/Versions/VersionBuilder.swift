package import Classifier
import Statistics
import Text
import Wire
package import World

/// Rows in, a finished and hashed version folder out: what `intentd train` does, by hand and as the daemon's child.
package struct VersionBuilder: Sendable {
    private let files: any FileSystem
    private let clock: Clock

    package init(files: any FileSystem, clock: Clock) { (self.files, self.clock) = (files, clock) }

    package struct Built: Sendable {
        package var digest: String
        package var model: Model
        /// The figures on the rows of split `test`; nil if there are none.
        package var evaluation: Evaluation?
        package var findings: [Finding]
        package var seconds: Double
    }

    package struct Progress: Sendable, Equatable {
        package var step: String
        /// 0…1
        package var fraction: Double

        package init(step: String, fraction: Double) { (self.step, self.fraction) = (step, fraction) }
    }

    package enum Failure: Error, Sendable, CustomStringConvertible {
        case outputNotEmpty(String)
        case unusable(String, [Finding])
        case training(TrainingError)
        case file(FileError)

        package var description: String {
            switch self {
            case .outputNotEmpty(let path): "\(path) is not empty; --out must name a new or an empty folder."
            case .unusable(let path, let findings):
                "\(path) cannot be trained on: "
                    + findings.filter { $0.severity == .error }.prefix(5)
                    .map { "\($0.line.map { "line \($0): " } ?? "")\($0.message) \($0.remedy)" }.joined(separator: " ")
            case .training(let error): String(describing: error)
            case .file(let error): error.description
            }
        }
    }

    /// - Parameters:
    ///   - data: a CSV or JSONL file with text, intent, and optionally split, weight, source; without a split a row is
    ///     `train`.
    ///   - out: a new or an empty folder.
    ///   - evidence: that of the file's rows, where it is at hand.
    ///   - withheld: intents whose answers are not given locally.
    ///   - labelErrors: the file for rows whose label looks wrong; it is not part of the version, for it holds texts.
    package func build(
        data path: String,
        evidence: consuming Evidence? = nil,
        out: String,
        settings: Settings,
        threads: Int,
        withheld: Set<String> = [],
        labelErrors: String? = nil,
        progress: @escaping @Sendable (Progress) -> Void
    ) async throws(Failure) -> Built {
        let began = clock.monotonic()
        var parsed: DataFile.Parsed
        var source: [UInt8]
        do {
            if files.status(out) != nil, try !files.list(out).isEmpty { throw Failure.outputNotEmpty(out) }
            source = try files.read(path, limit: FileLimit.data)
        } catch let error as Failure {
            throw error
        } catch let error as FileError {
            throw .file(error)
        } catch {
            throw .unusable(path, [])
        }
        parsed = DataFile.parse(source, format: DataFile.Format.of(path: path))
        guard parsed.usable else { throw .unusable(path, parsed.findings) }
        if !SnapshotFile.isSnapshot(source[...]) {
            let settled = parsed.settle(language: settings.features.text.language)
            guard settled.stops.isEmpty else { throw .unusable(path, settled.stops) }
            evidence = settled.evidence
        }

        let learnt: Trainer.Learnt
        let data = Self.description(of: parsed.rows, source)
        let test = Self.examples(parsed.rows, .test)
        let lesson = Self.lesson(of: parsed.rows, evidence)
        // The fits need the memory.
        (source, parsed.rows, evidence) = ([], [], nil)
        do throws(TrainingError) {
            learnt = try await Trainer.learn(
                lesson.train,
                validation: lesson.val,
                withheld: withheld,
                settings: settings,
                threads: threads,
                progress: { part in
                    // The version is not finished when its training is.
                    if part.fraction < 1 { progress(Progress(step: part.step, fraction: 0.95 * part.fraction)) }
                }
            )
        } catch {
            throw .training(error)
        }
        let model = learnt.model
        progress(Progress(step: "evaluate", fraction: 0.97))
        let evaluation = test.isEmpty ? nil : evaluate(model, on: test)
        let report = evaluation?.report(on: model.threshold)
        progress(Progress(step: "write", fraction: 0.99))
        let seconds = Double(clock.monotonic() - began) / 1e9
        do {
            if let labelErrors { try files.replace(labelErrors, with: LabelErrorFile.bytes(of: learnt.labelErrors)) }
            let digest = try VersionFolder(out, files: files).write(
                model: model.serialized(),
                evaluation: report?.json ?? .null,
                metadata: Self.metadata(
                    of: model,
                    evaluation: evaluation,
                    data: data,
                    seconds: seconds,
                    at: clock.now()
                )
            )
            var findings = (report?.findings ?? []) + parsed.findings
            if learnt.featuresLeftOut > 0 {
                let message =
                    "The rows are so many that \(learnt.featuresLeftOut) of the rarest features were left out to fit into memory."
                let remedy = "Nothing to do; with fewer rows of the frequent intents all of them are kept."
                findings.add(.rareFeaturesLeftOut, .warning, message: message, remedy: remedy)
            }
            return Built(digest: digest, model: model, evaluation: evaluation, findings: findings, seconds: seconds)
        } catch {
            throw .file(error)
        }
    }

    package static func examples(_ rows: [DataRow], _ split: Split) -> [Example] {
        rows.filter { ($0.split ?? .train) == split }
            .map { Example(text: $0.text, intent: $0.intent, weight: Float($0.weight ?? 1)) }
    }

    /// The rows that train and calibrate, with their groups.
    ///
    /// - Parameter evidence: that of the same rows, where it is at hand.
    package static func lesson(
        of rows: [DataRow],
        _ evidence: Evidence? = nil
    ) -> (train: [Example], val: [Example]) {
        let seen = evidence.flatMap { $0.isOf(rows) ? $0 : nil } ?? Evidence(rows)
        var (train, val): ([Example], [Example]) = ([], [])
        for (row, group) in zip(seen.rows, seen.leaders) {
            let example = Example(
                text: row.text,
                intent: row.intent,
                weight: Float(row.weight ?? 1),
                group: group,
                support: row.support
            )
            if row.split == .val { val.append(example) } else { train.append(example) }
        }
        return (train, val)
    }

    private static func description(of rows: [DataRow], _ source: [UInt8]) -> JSON {
        func count(_ split: Split) -> JSON { .integer(rows.count { ($0.split ?? .train) == split }) }
        return [
            "sha256": .string(Digest.hex(source)), "train": count(.train), "val": count(.val), "test": count(.test),
        ]
    }

    private static func metadata(
        of model: Model,
        evaluation: Evaluation?,
        data: JSON,
        seconds: Double,
        at now: Timestamp
    ) -> [Member] {
        [
            Member("schema", 1),
            Member("software", .string("intentd \(Software.version)")),
            Member("created_at", .string(now.rfc3339)),
            Member("training_seconds", .double(seconds.rounded(toPlaces: 3))),
            Member("data", data),
            Member("intents", .array(model.intents.map { .string($0) })),
            Member("threshold", model.threshold.json),
            Member("metrics", evaluation?.summary ?? .null),
        ]
    }
}

extension DataFile.Parsed {
    /// Deals the rows and merges them as the daemon would, in an order that does not depend on the file's.
    ///
    /// - Returns: the contradictions that leave too little to train on, and the rows' evidence.
    fileprivate mutating func settle(language: TextSettings.Language) -> (stops: [Finding], evidence: Evidence) {
        let dealt = SplitAssignment.assign(rows)
        findings += SplitAssignment.findings(rows, assigned: dealt)
        let rules = TrainingData.Rules(feedbackWeight: 1, maxSharePerUID: 1, maxShareUnreviewed: 1, language: language)
        let data = TrainingData(file: dealt, feedback: [], rules: rules)
        let evidence = Evidence(data.rows)
        let checks = data.checks(evidence)
        findings += data.findings + checks.filter { $0.severity != .error }
        rows = data.rows
        return (checks.filter { $0.code == Finding.Code.mostInConflict.rawValue }, evidence)
    }
}
