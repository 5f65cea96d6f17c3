import ArgumentParser
import Wire

struct History: DaemonCommand {
    static let configuration = CommandConfiguration(abstract: "Show who moved which alias, when and why.")

    @Option(help: ArgumentHelp("Show the aliases as they stood then.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How many moves at most.", valueName: "n"))
    var limit = Limit(100)

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let at, !Schema.Pattern.time.matches(at) {
            throw ValidationError("--at is \(Schema.Pattern.time.words) (UTC).")
        }
    }

    func run(with client: inout Client) throws {
        let params = parameters(["at": at.map(JSON.string), "limit": limit.json])
        show(try client.call(.modelsHistory, params)) { result in
            if let aliases = result["aliases"]?.object {
                let style = Style(for: .standard)
                return facts(
                    aliases.map { (Printable.line($0.name), $0.value.isNull ? "–" : "v\($0.value.cell)") },
                    style
                )
            }
            let moves = result["moves"]?.array ?? []
            guard !moves.isEmpty else { return "No alias was moved yet.\n" }
            var table = Table(
                .left("AT (UTC)"),
                .left("ALIAS"),
                .right("FROM"),
                .right("TO"),
                .right("UID"),
                .left("VERDICT"),
                .text("REASON")
            )
            for move in moves {
                table.add(
                    move.moment("at"),
                    move.cell("alias"),
                    move.cell("from"),
                    move.cell("to"),
                    move.cell("uid"),
                    move.cell("verdict"),
                    move.cell("reason")
                )
            }
            return table.text()
        }
    }
}
