import ArgumentParser
import Terminal
import Wire

struct Session: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, show and forget conversations.",
        subcommands: [List.self, Show.self, Forget.self],
        defaultSubcommand: List.self
    )
}

/// A session's name, in the form that the protocol allows.
struct SessionName: ExpressibleByArgument {
    let name: String

    init?(argument: String) {
        guard Schema.Pattern.sessionName.matches(argument) else { return nil }
        name = argument
    }

    var json: JSON { .string(name) }
}

extension Session {
    /// The user whose conversations are meant.
    struct Owner: ParsableArguments {
        @Option(help: ArgumentHelp("For administrators: the user whose it is.", valueName: "uid"))
        var uid: UInt32?

        var json: JSON? { uid.map { .integer(Int($0)) } }
    }

    struct List: Question {
        static let configuration = CommandConfiguration(abstract: "List them, the one used last first (default).")

        @Option(help: ArgumentHelp("How many at most.", valueName: "n"))
        var limit = Limit(100)

        @OptionGroup var owner: Owner

        @OptionGroup var options: GlobalOptions

        var call: Call { (.sessionsList, ["uid": owner.json, "limit": limit.json]) }

        func render(_ result: JSON) -> String {
            var table = Table(.text("SESSION"), .right("UID"), .right("TURNS"), .left("LAST (UTC)"))
            for session in result.list("sessions") {
                table.add(session.cells("session", "uid", "turns") + [session.moment("last_at")])
            }
            return table.isEmpty ? "No conversation is remembered.\n" : table.text()
        }
    }

    struct Show: Question {
        static let configuration = CommandConfiguration(
            abstract: "Show what is remembered of one; with --json, a copy to take along."
        )

        @Argument(help: "The session's name.")
        var session: SessionName

        @OptionGroup var owner: Owner

        @OptionGroup var options: GlobalOptions

        var call: Call { (.sessionsShow, ["session": session.json, "uid": owner.json]) }

        func render(_ result: JSON) -> String {
            result.list("turns").map { turn in
                let head = [turn.moment("at")] + turn.cells("route", "intent", "id")
                return style.dim(head.joined(separator: " · ")) + "\n"
                    + style.bold("> " + (turn.text("text") ?? "")) + "\n"
                    + Printable.lines(turn["reply"]?.string ?? "") + "\n"
            }.joined(separator: "\n")
        }
    }

    struct Forget: Question {
        static let configuration = CommandConfiguration(
            abstract: "Forget one, or with --all every one of them.",
            discussion: "The daemon's log and its feedback are not touched."
        )

        @Argument(help: "The session's name.")
        var session: SessionName?

        @Flag(help: "All of them.")
        var all = false

        @OptionGroup var owner: Owner

        @OptionGroup var options: GlobalOptions

        func validate() throws {
            guard (session == nil) == all else { throw ValidationError("Give either a session's name or --all.") }
        }

        var call: Call { (.sessionsForget, ["session": session?.json, "uid": owner.json]) }

        func render(_ receipt: JSON) -> String { Self.text(receipt) }

        static func text(_ receipt: JSON) -> String {
            guard receipt["turns"]?.int != 0 else { return "There was nothing to forget.\n" }
            let (turns, sessions) = (receipt.counted("turns", "turn"), receipt.counted("sessions", "conversation"))
            return "Forgotten: \(turns) of \(sessions).\n"
        }
    }
}
