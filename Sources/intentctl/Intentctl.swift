import ArgumentParser
import Glibc
import Terminal

/// The tool: arguments to one request to text.
@main
struct Intentctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intentctl",
        abstract: "Talk to intentd: chat, correct it, retrain it, and see what it does.",
        discussion: """
            The daemon's socket is --socket, else $INTENTD_SOCKET, else run/intentd.sock of the checkout you stand in, \
            else /run/intentd.sock.

            Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 daemon not reachable, 4 forbidden, 5 not found, \
            6 gate refused.
            """,
        subcommands: [
            Chat.self, Predict.self, Explain.self, Feedback.self, Review.self, Retrain.self, Jobs.self, Models.self,
            Diff.self, Promote.self, Rollback.self, Reject.self, History.self, Verify.self, Session.self, Forget.self,
            Metrics.self,
            Experiment.self, Status.self, Reload.self, Data.self, Export.self,
        ]
    )

    static func main() {
        // A reader that went away is no error of ours: what is written then is lost, the exit code still tells.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let code as ExitCode {
            Glibc.exit(code.rawValue)
        } catch {
            leave(after: error)
        }
    }

    /// Help is no failure; anything else that the parser throws is one of usage.
    private static func leave(after error: any Error) -> Never {
        let message = wantsJSON ? message(for: error) : fullMessage(for: error)
        if exitCode(for: error) == .success {
            Output.standard.write(message.isEmpty ? "" : message + "\n")
            Glibc.exit(0)
        }
        let failure = Failure.usage(message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
        Glibc.exit(failure.report(asJSON: wantsJSON).rawValue)
    }

    /// Whether the caller asked for JSON, as far as arguments that did not parse can tell.
    private static var wantsJSON: Bool {
        CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    }
}
