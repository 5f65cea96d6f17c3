import ArgumentParser
import Terminal
import Wire

struct History: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show who moved which alias, when, why and on which verdict."
    )

    @Option(help: ArgumentHelp("Show the aliases as they stood then, and who put them there.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How many moves at most.", valueName: "n"))
    var limit = Limit(100)

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let at, Moment(argument: at) == nil { throw ValidationError("--at must be \(Moment.words).") }
    }

    func run(with client: inout Client) throws {
        let time = at.flatMap { Moment(argument: $0) }?.text
        let params = parameters(["at": time.map(JSON.string), "limit": limit.json])
        show(try client.call(.modelsHistory, params)) { result in
            let moves = result["moves"]?.array ?? []
            if let aliases = result["aliases"]?.object { return Self.standing(aliases, moves) }
            guard !moves.isEmpty else { return "No alias was moved yet.\n" }
            var table = Table(
                .left("AT (UTC)"),
                .left("WHAT"),
                .left("ALIAS"),
                .right("FROM"),
                .right("TO"),
                .left("WHO"),
                .left("VERDICT"),
                .text("REASON")
            )
            for move in moves {
                table.add(
                    move.moment("at"),
                    move.cell("kind"),
                    move.cell("alias"),
                    move.cell("from"),
                    move.cell("to"),
                    UserName.text(move["uid"]?.int),
                    move.cell("verdict"),
                    move.cell("reason")
                )
            }
            return table.text()
        }
    }

    /// - Parameter moves: the moves that put the aliases where they stood.
    private static func standing(_ aliases: [Member], _ moves: [JSON]) -> String {
        var table = Table(
            .left("ALIAS"),
            .right("VERSION"),
            .left("SINCE (UTC)"),
            .left("WHO"),
            .left("VERDICT"),
            .text("REASON")
        )
        for alias in aliases {
            let move = moves.first { $0["alias"]?.string == alias.name } ?? .null
            table.add(
                Printable.line(alias.name),
                alias.value.isNull ? "–" : "v\(alias.value.cell)",
                move.moment("at"),
                UserName.text(move["uid"]?.int),
                move.cell("verdict"),
                move.cell("reason")
            )
        }
        return table.text()
    }
}
