import ArgumentParser
import Glibc
import Terminal
import Wire

/// The tool: it makes a request of its arguments, and a text of the answer.
///
/// It starts for every command, so it loads little: no event loop, no Foundation, no formatter. Each subcommand is a
/// value in Commands/ that names its arguments, asks the daemon once, and has one function that turns the result into
/// text.
@main
struct Intentctl: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intentctl",
        abstract: "Talk to intentd: chat, correct it, retrain it, and see what it does.",
        discussion: """
            The daemon's socket is --socket, else $INTENTD_SOCKET, else run/intentd.sock of the checkout you stand in, \
            else /run/intentd.sock.

            Exit codes: 0 ok, 1 refused or failed, 2 usage, 3 daemon not reachable, 4 forbidden, 5 not found, \
            6 gate refused, 7 waited too long, 130 a wait was ended by Ctrl-C. Output that cannot be written is a \
            failure (1), unless the reader of a pipe has gone.
            """,
        version: "intentctl \(Software.version), protocol \(Software.protocolVersion)",
        subcommands: [
            Chat.self, Predict.self, Explain.self, Feedback.self, Review.self, Retrain.self, Jobs.self, Models.self,
            Diff.self, Promote.self, Rollback.self, Reject.self, History.self, Verify.self, Session.self, Forget.self,
            Intents.self, Metrics.self, Experiment.self, Status.self, Reload.self, Data.self, Export.self,
        ]
    )

    static func main() {
        guard StandardDescriptors.open() else { Glibc.exit(1) }
        // When the reader of our output has gone, that is not an error: the output is lost, but the exit code still tells.
        signal(SIGPIPE, SIG_IGN)
        // A file that may not grow is an error that is told, not an end by a signal.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
            leave(.success)
        } catch let code as ExitCode {
            leave(code)
        } catch {
            leave(after: error)
        }
    }

    /// Help is not a failure; everything else that the parser throws is an error of usage.
    private static func leave(after error: any Error) -> Never {
        let message = wantsJSON ? message(for: error) : fullMessage(for: error)
        if exitCode(for: error) == .success {
            Output.standard.write(message.isEmpty ? "" : message + "\n")
            leave(.success)
        }
        let words = CommandLine.arguments.dropFirst()
        let failure = Failure.usage(
            MistypedCommand.message(words, of: Self.self)
                ?? (message.hasPrefix("Error: ") ? String(message.dropFirst(7)) : message)
        )
        leave(failure.report(asJSON: wantsJSON))
    }

    /// Ends the process. An output that could not be written is a failure, but a status that says more than 1 stays.
    private static func leave(_ code: ExitCode) -> Never {
        guard let loss = Output.standard.finish() else { Glibc.exit(code.rawValue) }
        Output.error.write(Style(for: .error).red("intentctl:") + " \(loss)\n")
        Glibc.exit(code == .success ? 1 : code.rawValue)
    }

    /// Whether the caller asked for JSON. The arguments did not parse, so this is a guess.
    private static var wantsJSON: Bool {
        CommandLine.arguments.dropFirst().prefix { $0 != "--" }.contains("--json")
    }
}
