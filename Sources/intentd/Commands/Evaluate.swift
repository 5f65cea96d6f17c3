import ArgumentParser
import Classifier
import Learning
import Terminal
import Wire

struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measures a version on labelled rows, offline.")

    @Option(help: "The folder of a version.")
    var model: String

    @Option(help: "The data file: CSV or JSON lines.")
    var data: String

    @Option(help: "Which rows: train, val or test; a file without splits is dealt as for training.")
    var split = "test"

    @Flag(help: "Print the result as JSON.")
    var json = false

    mutating func run() async throws {
        guard let split = Split(rawValue: split) else { throw ValidationError("--split must be train, val or test") }
        do {
            let files = HostFileSystem()
            let model = try version(files)
            var parsed = DataFile.parse(
                try HostFileSystem.readToEnd(data),
                format: DataFile.Format.of(path: data),
                isForTraining: false
            )
            guard parsed.usable else {
                Output.standard.write(json ? "" : Report.findings(parsed.findings, of: data))
                throw CommandFailure(message: Report.unusable(data))
            }
            parsed.findings += unknownIntents(parsed.rows, model)
            let examples = VersionBuilder.examples(SplitAssignment.assign(parsed.rows), split)
            guard !examples.isEmpty else {
                throw CommandFailure(message: "\(data) has no rows of split \(split.rawValue); choose another --split.")
            }
            let evaluation = evaluate(model, on: examples)
            let report = evaluation.report(on: model.threshold)
            let unread = parsed.findings.filter { $0.severity != .note }
            if json {
                let findings = Member("findings", .array((report.findings + unread).map(\.json)))
                let result = JSON.object(
                    (evaluation.json.object ?? []) + [findings, Member("left_out", .integer(parsed.leftOut))]
                )
                return Output.standard.write(result.description + "\n")
            }
            Output.standard.write(
                Report.findings(report.findings, of: "what the version promises") + Report.findings(unread, of: data)
                    + Report.evaluation(evaluation)
            )
            if parsed.leftOut > 0 {
                Output.standard.write("\n\(parsed.leftOut) rows of \(data) could not be read and are not measured.\n")
            }
        } catch {
            throw CommandFailure.of(error, isJSON: json)
        }
    }

    /// Intents that the version knows and the file has no row of, or the other way about.
    private func unknownIntents(_ rows: [DataRow], _ model: Model) -> [Finding] {
        let (named, known) = (Set(rows.map(\.intent)), Set(model.intents))
        let absent = known.subtracting(named).sorted()
        guard !absent.isEmpty else { return [] }
        let names = absent.prefix(5).joined(separator: ", ") + (absent.count > 5 ? " and \(absent.count - 5) more" : "")
        let message = "The file has no rows of \(names), which the version knows: nothing is measured of them."
        return [Finding(.noRows, .warning, message: message, remedy: "Add rows of them, if the file should have some.")]
    }

    private func version(_ files: HostFileSystem) throws -> Model {
        do {
            return try VersionFolder(model, files: files).model().model
        } catch {
            throw CommandFailure(message: "\(model) is not a version that can be used: \(error).")
        }
    }
}
