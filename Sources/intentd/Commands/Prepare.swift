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

    @Option(
        help: ArgumentHelp(
            "A CSV or JSON lines file with text, intent and optionally split: it is checked and brought in. - is standard input.",
            valueName: "file"
        )
    )
    var from: String?

    @OptionGroup var reading: ReadingOptions

    @Flag(help: "Bring in the rows that can be read where others cannot; without it nothing is written then.")
    var partial = false

    @Flag(help: "Print every finding, not only the first ones of a kind.")
    var all = false

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
        let now = Clock.host.now()
        let data = try TrainingSource(files: files, folders: folders).prepare(seed: seed, force: force, at: now)
        let aside = folders.replacedData(now)
        let kept = files.status(aside) == nil ? "" : "The file before is \(aside).\n"
        let text = Report.preparation(data.report) + "\n\(data.rows.count) rows are in \(folders.dataFile).\n" + kept
        Output.standard.write(json ? Report.prepared(data, folders.dataFile).description + "\n" : text)
    }

    private func importFile(_ path: String, files: HostFileSystem, folders: Folders) throws {
        let bytes = try HostFileSystem.readToEnd(path)
        let name = path == "-" ? "standard input" : path
        var parsed = DataFile.parse(bytes, format: reading.format(of: path, bytes), reading: try reading.reading())
        let isTheirs = try PreparedFile(files: files, folders: folders).state() == .theirs
        if parsed.usable, isTheirs, !force { throw TrainingSource.Failure.theirs(folders.dataFile) }
        let rows = SplitAssignment.assign(parsed.rows)
        parsed.findings +=
            SplitAssignment.findings(parsed.rows, assigned: rows) + TrainingData.nearTestRows(Evidence(rows))
            + TrainingData.outOfScope(rows)
        let trouble =
            !parsed.usable
            ? Report.unusable(name) : parsed.leftOut > 0 && !partial ? Report.leftOut(parsed, name) : nil
        if !json { Output.standard.write(Report.findings(parsed.findings, of: name, showsAll: all)) }
        let source = TrainingSource(files: files, folders: folders)
        let aside = trouble == nil ? try source.importRows(rows, at: Clock.host.now()) : nil
        if json {
            let result = Report.brought(parsed, rows: rows, to: folders.dataFile, keptAside: aside, error: trouble)
            Output.standard.write(result.description + "\n")
        }
        if let trouble { throw CommandFailure(message: trouble) }
        guard !json else { return }
        let missing = parsed.leftOut > 0 ? "; \(parsed.leftOut) \(parsed.leftOut == 1 ? "was" : "were") left out" : ""
        let kept = aside.map { "The file before is \($0).\n" } ?? ""
        Output.standard.write(kept + "\(rows.count) rows of \(name) are in \(folders.dataFile)\(missing).\n")
    }
}

/// How a data file is to be read where it does not say so itself.
struct ReadingOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The column with the texts, if it has an unusual name.", valueName: "column"))
    var text: String?

    @Option(help: ArgumentHelp("The column with the intents.", valueName: "column"))
    var intent: String?

    @Option(help: ArgumentHelp("The column with the splits.", valueName: "column"))
    var split: String?

    @Option(help: "utf-8, utf-16, cp1252 or latin1; by default the file is looked at.")
    var encoding: String?

    @Option(help: "csv or jsonl; by default what the name says.")
    var format: String?

    func validate() throws {
        _ = try reading()
        guard format == nil || format.flatMap(DataFile.Format.init(rawValue:)) != nil else {
            throw ValidationError("--format must be csv or jsonl")
        }
    }

    func reading() throws -> DataFile.Reading {
        let known = try encoding.map { name in
            guard let known = TextEncoding(rawValue: name.lowercased()) else {
                throw ValidationError("--encoding must be utf-8, utf-16, cp1252 or latin1")
            }
            return known
        }
        return DataFile.Reading(columns: Columns(text: text, intent: intent, split: split), encoding: known)
    }

    /// Data that comes through a pipe has no name; JSON lines begin with a brace.
    func format(of path: String, _ bytes: [UInt8]) -> DataFile.Format {
        if let format = format.flatMap(DataFile.Format.init(rawValue:)) { return format }
        let isNamed = DataFile.Format.of(path: path) == .jsonl
        let isPipe = path == "-" || path.hasPrefix("/dev/")
        return isNamed || isPipe && bytes.first == UInt8(ascii: "{") ? .jsonl : .csv
    }
}
