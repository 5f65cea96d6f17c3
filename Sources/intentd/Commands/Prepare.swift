import ArgumentParser
import Learning
import Terminal
import Wire
import World

struct Prepare: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Makes data/intents.csv of data/intents.yaml, or brings your own file in."
    )

    @OptionGroup var root: RootOptions

    @Option(help: "The same seed gives the same rows.")
    var seed: UInt64 = PreparedFile.defaultSeed

    @Flag(help: "Overwrite a data file that was edited or is your own.")
    var force = false

    @Option(help: "A CSV or JSON lines file with text, intent and optionally split: it is checked and brought in.")
    var from: String?

    @Flag(help: "Print the findings as JSON.")
    var json = false

    mutating func run() async throws {
        let files = HostFileSystem()
        let folders = root.folders
        do {
            try files.makeDirectory(folders.data)
            if let from { try importFile(from, files: files, folders: folders) } else { try prepare(files, folders) }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.of(error, isJSON: json)
        }
    }

    private func prepare(_ files: HostFileSystem, _ folders: Folders) throws {
        let data = try TrainingSource(files: files, folders: folders).prepare(seed: seed, force: force)
        let text = Report.preparation(data.report) + "\n\(data.rows.count) rows are in \(folders.dataFile).\n"
        Output.standard.write(json ? Report.prepared(data, folders.dataFile).description + "\n" : text)
    }

    private func importFile(_ path: String, files: HostFileSystem, folders: Folders) throws {
        var parsed = DataFile.parse(try files.read(path), format: DataFile.Format.of(path: path))
        let prepared = PreparedFile(files: files, folders: folders)
        let isTheirs = try prepared.state() == .theirs
        if parsed.usable, isTheirs, !force { throw TrainingSource.Failure.theirs(folders.dataFile) }
        let rows = SplitAssignment.assign(parsed.rows)
        parsed.findings += SplitAssignment.findings(parsed.rows, assigned: rows) + TrainingData.nearTestRows(rows)
        let result = Report.brought(parsed, rows: rows, from: path, to: folders.dataFile)
        Output.standard.write(json ? result.description + "\n" : Report.findings(parsed.findings, of: path))
        guard parsed.usable else { throw CommandFailure(message: Report.unusable(path)) }
        try prepared.importFile(DataFile.csv(rows))
        if !json { Output.standard.write("\(rows.count) rows of \(path) are in \(folders.dataFile).\n") }
    }
}
