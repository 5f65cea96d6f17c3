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
            let parsed = DataFile.parse(try files.read(data), format: DataFile.Format.of(path: data))
            let examples = VersionBuilder.examples(SplitAssignment.assign(parsed.rows), split)
            guard !examples.isEmpty else {
                throw CommandFailure(message: "\(data) has no rows of split \(split.rawValue); choose another --split.")
            }
            let evaluation = evaluate(model, on: examples)
            let report = evaluation.report(on: model.threshold)
            Output.standard.write(
                json
                    ? report.json.description + "\n"
                    : Report.findings(report.findings, of: "what the version promises") + Report.evaluation(evaluation)
            )
        } catch {
            throw CommandFailure.of(error, isJSON: json)
        }
    }

    private func version(_ files: HostFileSystem) throws -> Model {
        do {
            return try VersionFolder(model, files: files).model().model
        } catch {
            throw CommandFailure(message: "\(model) is not a version that can be used: \(error).")
        }
    }
}
