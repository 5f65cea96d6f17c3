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

    struct List: DaemonCommand {
        static let configuration = CommandConfiguration(abstract: "List them, the one used last first (default).")

        @Option(help: ArgumentHelp("How many at most.", valueName: "n"))
        var limit = Limit(100)

        @OptionGroup var owner: Owner

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            let params = parameters(["uid": owner.json, "limit": limit.json])
            show(try client.call(.sessionsList, params)) { result in
                let sessions = result["sessions"]?.array ?? []
                guard !sessions.isEmpty else { return "No conversation is remembered.\n" }
                var table = Table(.text("SESSION"), .right("UID"), .right("TURNS"), .left("LAST (UTC)"))
                for session in sessions {
                    table.add(
                        session.cell("session"),
                        session.cell("uid"),
                        session.cell("turns"),
                        session.moment("last_at")
                    )
                }
                return table.text()
            }
        }
    }

    struct Show: DaemonCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what is remembered of one; with --json, a copy to take along."
        )

        @Argument(help: "The session's name.")
        var session: SessionName

        @OptionGroup var owner: Owner

        @OptionGroup var options: GlobalOptions

        func run(with client: inout Client) throws {
            show(try client.call(.sessionsShow, parameters(["session": session.json, "uid": owner.json]))) { result in
                let style = Style(for: .standard)
                return (result["turns"]?.array ?? []).map { turn in
                    let head = [turn.moment("at"), turn.cell("route"), turn.cell("intent"), turn.cell("id")]
                    return style.dim(head.joined(separator: " · ")) + "\n"
                        + style.bold("> " + Printable.line(turn["text"]?.string ?? "")) + "\n"
                        + Printable.lines(turn["reply"]?.string ?? "") + "\n"
                }.joined(separator: "\n")
            }
        }
    }

    struct Forget: DaemonCommand {
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

        func run(with client: inout Client) throws {
            let params = parameters(["session": session?.json, "uid": owner.json])
            show(try client.call(.sessionsForget, params), Self.text)
        }

        static func text(_ receipt: JSON) -> String {
            guard receipt["turns"]?.int != 0 else { return "There was nothing to forget.\n" }
            let turns = receipt["turns"] == 1 ? "1 turn" : "\(receipt.cell("turns")) turns"
            let sessions = receipt["sessions"] == 1 ? "1 conversation" : "\(receipt.cell("sessions")) conversations"
            return "Forgotten: \(turns) of \(sessions).\n"
        }
    }
}
