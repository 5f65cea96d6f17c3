import ArgumentParser
import Terminal
import Wire

// The three commands with which an administrator decides about a version. They take the same arguments and differ in
// the method that they call, so the arguments stand here once: what can be said of one of them can be said of all.

struct Promote: Question {
    static let configuration = CommandConfiguration(abstract: "Let a version serve; without one, the candidate.")

    @OptionGroup var decision: Decision

    @Flag(help: "Also a version that the gate or an administrator refused.")
    var force = false

    @OptionGroup var options: GlobalOptions

    var call: Call { (.modelsPromote, decision.parameters(force: force)) }

    func render(_ result: JSON) -> String { Decision.serving(result) }
}

struct Rollback: Question {
    static let configuration = CommandConfiguration(
        abstract: "Go back to a version; without one, to the last good one."
    )

    @OptionGroup var decision: Decision
    @OptionGroup var options: GlobalOptions

    var call: Call { (.modelsRollback, decision.parameters()) }

    func render(_ result: JSON) -> String { Decision.serving(result) }
}

struct Reject: Question {
    static let configuration = CommandConfiguration(
        abstract: "Turn down a version that waits; without one, the candidate.",
        discussion: "From then on it is promoted with --force only."
    )

    @OptionGroup var decision: Decision
    @OptionGroup var options: GlobalOptions

    var call: Call { (.modelsReject, decision.parameters()) }

    func render(_ result: JSON) -> String {
        let still = result["champion"]?.int.map { " Version \($0) still serves." } ?? ""
        return style.bold("Version \(result.cell("rejected")) is rejected.") + still + "\n"
    }
}

/// Why something is decided.
struct Reason: ParsableArguments {
    @Option(help: "Why; it stands in the history.")
    var reason = "by hand"

    func validate() throws {
        guard 1...1_024 ~= reason.unicodeScalars.count else {
            throw ValidationError("--reason must have 1 to 1024 characters.")
        }
    }

    var json: JSON { .string(reason) }
}

/// Which version is meant, why, and what must be true meanwhile.
struct Decision: ParsableArguments {
    @Argument(
        help: "The version: 7, champion, candidate or last-good.",
        completion: Version.completion,
        transform: Version.parse
    )
    var version: Version?

    @OptionGroup var why: Reason

    @Option(
        help: ArgumentHelp("Refuse if another version than this one serves.", valueName: "version"),
        completion: Version.completion,
        transform: Version.parse
    )
    var expected: Version?

    func parameters(force: Bool = false) -> Parameters {
        ["version": version?.json, "reason": why.json, "expected": expected?.json, "force": force ? true : nil]
    }

    /// Says what serves after an alias was moved.
    static func serving(_ result: JSON) -> String {
        let before = result["previous"]?.int.map { " Before, it was version \($0)." } ?? ""
        return style.bold("Version \(result.cell("champion")) serves now.") + before + "\n"
    }
}
