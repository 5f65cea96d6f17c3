import ArgumentParser
import Terminal
import Wire

struct Promote: DaemonCommand {
    static let configuration = CommandConfiguration(abstract: "Let a version serve; without one, the candidate.")

    @Argument(help: "The version, such as 7.")
    var version: Version?

    @Option(help: "Why; it stands in the history.")
    var reason = "by hand"

    @Option(help: ArgumentHelp("Refuse if another version than this one serves.", valueName: "version"))
    var expected: Version?

    @Flag(help: "Also a version that the gate or an administrator refused.")
    var force = false

    @OptionGroup var options: GlobalOptions

    func validate() throws { try checkReason(reason) }

    func run(with client: inout Client) throws {
        let params = parameters([
            "version": version?.json, "reason": .string(reason), "expected": expected?.json,
            "force": force ? true : nil,
        ])
        show(try client.call(.modelsPromote, params), Move.text)
    }
}

struct Rollback: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Go back to a version; without one, to the last good one."
    )

    @Argument(help: "The version, such as 7.")
    var version: Version?

    @Option(help: "Why; it stands in the history.")
    var reason = "by hand"

    @Option(help: ArgumentHelp("Refuse if another version than this one serves.", valueName: "version"))
    var expected: Version?

    @OptionGroup var options: GlobalOptions

    func validate() throws { try checkReason(reason) }

    func run(with client: inout Client) throws {
        let params = parameters([
            "version": version?.json, "reason": .string(reason), "expected": expected?.json,
        ])
        show(try client.call(.modelsRollback, params), Move.text)
    }
}

struct Reject: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Turn down a version that waits; without one, the candidate.",
        discussion: "From then on it is promoted with --force only."
    )

    @Argument(help: "The version, such as 7.")
    var version: Version?

    @Option(help: "Why; it stands in the history.")
    var reason = "by hand"

    @Option(help: ArgumentHelp("Refuse if another version than this one serves.", valueName: "version"))
    var expected: Version?

    @OptionGroup var options: GlobalOptions

    func validate() throws { try checkReason(reason) }

    func run(with client: inout Client) throws {
        let params = parameters([
            "version": version?.json, "reason": .string(reason), "expected": expected?.json,
        ])
        show(try client.call(.modelsReject, params)) { result in
            let still = result["champion"]?.int.map { " Version \($0) still serves." } ?? ""
            return Style(for: .standard).bold("Version \(result.cell("rejected")) is rejected.") + still + "\n"
        }
    }
}

private func checkReason(_ reason: String) throws {
    guard 1...1_024 ~= reason.unicodeScalars.count else {
        throw ValidationError("--reason has 1 to 1024 characters.")
    }
}

/// What serves after an alias was moved.
private enum Move {
    static func text(_ result: JSON) -> String {
        let before = result["previous"]?.int.map { " Before, it was version \($0)." } ?? ""
        return Style(for: .standard).bold("Version \(result.cell("champion")) serves now.") + before + "\n"
    }
}
