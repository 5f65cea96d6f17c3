import ArgumentParser
import Terminal
import Wire

struct Export: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the data file, or the feedback that trains, in the shape of a data file.",
        discussion: """
            In CSV an apostrophe stands before what a spreadsheet would run as a formula; reading the file takes it off \
            again.
            """
    )

    enum What: String, ExpressibleByArgument, CaseIterable { case data, feedback }
    enum Format: String, ExpressibleByArgument, CaseIterable { case csv, jsonl }

    @Argument(help: "data or feedback.")
    var what: What

    @Option(help: "csv or jsonl.")
    var format = Format.csv

    @Option(help: ArgumentHelp("Write here instead of to standard output: a file, or a folder.", valueName: "path"))
    var out: String?

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        var content = ""
        var offset = 0
        var digest: JSON?
        var result: JSON
        repeat {
            let page: JSON? = offset == 0 ? .none : .some(.integer(offset))
            let (what, format) = (JSON.string(self.what.rawValue), JSON.string(self.format.rawValue))
            result = try client.call(.export, ["what": what, "format": format, "offset": page])
            guard digest == nil || digest == result["sha256"] else {
                throw Failure.failed("The data changed meanwhile; run the command again.")
            }
            digest = result["sha256"]
            content += result["content"]?.string ?? ""
            offset = result["next"]?.int ?? 0
        } while offset > 0
        guard let path = out.map(target) else {
            let members = (result.object ?? []).map { $0.name == "content" ? Member("content", .string(content)) : $0 }
            // In a pipe the content is a file, not a message, so it stays as it is.
            return show(.object(members)) { _ in Output.standard.isTerminal ? Printable.lines(content) : content }
        }
        try LocalFile.write(content, to: path)
        let kept = (result.object ?? []).filter { $0.name != "content" } + [Member("out", .string(path))]
        show(.object(kept)) { "\($0.cell("rows")) rows are in \(Printable.line(path)).\n" }
    }

    private func target(_ path: String) -> String {
        guard LocalFile.isFolder(path) else { return path }
        return path + (path.hasSuffix("/") ? "" : "/") + (what == .feedback ? "new_user_data." : "intents.")
            + format.rawValue
    }
}
