import ArgumentParser
import Glibc
import Terminal
import Wire

struct History: Question {
    static let configuration = CommandConfiguration(
        abstract: "Show who promoted, rolled back or rejected which version, when, why and on which verdict.",
        discussion: "One line stands for all aliases that were moved at once; --json has each move."
    )

    @Option(help: ArgumentHelp("Show the aliases as they stood then, and who put them there.", valueName: "time"))
    var at: String?

    @Option(help: ArgumentHelp("How many lines at most; with --json, how many moves.", valueName: "n"))
    var limit = Limit(100)

    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if let at, Moment(argument: at) == nil { throw ValidationError("--at must be \(Moment.words).") }
    }

    var call: Call {
        // A line stands for up to as many moves as there are aliases.
        let moves = options.json || at != nil ? limit.count : min(1_000, Self.aliases * limit.count)
        return (
            .modelsHistory,
            ["at": at.flatMap { Moment(argument: $0) }.map { .string($0.text) }, "limit": .integer(moves)]
        )
    }

    private static let aliases = 4

    func render(_ result: JSON) -> String {
        let moves = result.list("moves")
        if let aliases = result["aliases"]?.object { return standing(aliases, moves) }
        var table = Table([
            .left("AT (UTC)"), .left("WHAT"), .right("FROM"), .right("TO"), .left("WHO"), .left("VERDICT"),
            .text("REASON"),
        ])
        for move in Self.decisions(moves).prefix(limit.count) {
            table.add([move.moment("at")] + move.cells("kind", "from", "to") + whoAndWhy(move))
        }
        return table.isEmpty ? "No version was promoted yet.\n" : table.text()
    }

    /// The moves of one commit as one: that of the champion, if it was moved. They come newest first, and a commit moves the
    /// champion before the aliases that follow it, and each alias once.
    private static func decisions(_ moves: [JSON]) -> [JSON] {
        var decisions: [JSON] = []
        var aliases: Set<String> = []
        for move in moves {
            let alias = move["alias"]?.string ?? ""
            let isSame = ["kind", "uid", "reason"].allSatisfy { decisions.last?[$0] == move[$0] }
            if isSame, !aliases.contains("champion"), aliases.insert(alias).inserted {
                if alias == "champion" { decisions[decisions.count - 1] = move }
            } else {
                decisions.append(move)
                aliases = [alias]
            }
        }
        return decisions
    }

    private func whoAndWhy(_ move: JSON) -> [String] {
        [UserName.text(move["uid"]?.int)] + move.cells("verdict", "reason")
    }

    /// - Parameter moves: the moves that put the aliases where they stood.
    private func standing(_ aliases: [Member], _ moves: [JSON]) -> String {
        var table = Table([
            .left("ALIAS"), .right("VERSION"), .left("SINCE (UTC)"), .left("WHO"), .left("VERDICT"), .text("REASON"),
        ])
        for alias in aliases {
            let move = moves.first { $0["alias"]?.string == alias.name } ?? .null
            let version = alias.value.isNull ? "–" : "v\(alias.value.cell)"
            table.add([Printable.line(alias.name), version, move.moment("at")] + whoAndWhy(move))
        }
        return table.text()
    }
}

/// The name that this host has for a uid. The daemon knows numbers alone, since names may change.
enum UserName {
    /// `alice (1000)`, or the number alone where no user has it.
    static func text(_ uid: Int?) -> String {
        guard let uid else { return "–" }
        guard let name = uid_t(exactly: uid).flatMap(name) else { return String(uid) }
        return "\(Printable.line(name)) (\(uid))"
    }

    private static func name(_ uid: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwuid_r(uid, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return nil
        }
        return String(cString: name)
    }
}
