import ArgumentParser
import Glibc
import Learning
import Terminal
import Wire
import World

/// The daemon and its offline commands.
@main
struct Intentd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "intentd",
        abstract: "Owns the life of a conversational model on this host: prepare, train, serve, learn.",
        version: "intentd \(Software.version), protocol \(Software.protocolVersion)",
        subcommands: [Serve.self, Prepare.self, Train.self, Evaluate.self],
        defaultSubcommand: Serve.self
    )

    static func main() async {
        guard StandardDescriptors.open() else { Glibc.exit(1) }
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            leave(0)
        } catch let error as CommandFailure {
            Output.error.write("intentd: \(error.message)\n")
            leave(1)
        } catch let code as ExitCode {
            leave(code.rawValue)
        } catch {
            switch exitCode(for: error) {
            case .success:
                let message = fullMessage(for: error)
                Output.standard.write(message.isEmpty ? "" : message + "\n")
                leave(0)
            case .validationFailure:
                Output.error.write((meant ?? fullMessage(for: error)) + "\n")
                leave(2)
            default: Self.exit(withError: error)
            }
        }
    }

    /// Ends the process. An output that could not be written is a failure, whatever else was done.
    private static func leave(_ code: Int32) -> Never {
        guard let loss = Output.standard.finish() else { Glibc.exit(code) }
        Output.error.write("intentd: \(loss)\n")
        Glibc.exit(code == 0 ? 1 : code)
    }

    /// Asks about a mistyped command; nil where the first word is a command or an option.
    private static var meant: String? {
        let names = configuration.subcommands.map { $0._commandName }
        guard let word = CommandLine.arguments.dropFirst().first, !word.hasPrefix("-"), !names.contains(word) else {
            return nil
        }
        return Spelling.nearest(to: word, in: names).map {
            "intentd: There is no command \(Printable.line(word)); did you mean intentd \($0)?"
        }
    }
}

/// A failure that ends the process, with a sentence for a person.
struct CommandFailure: Error, CustomStringConvertible {
    var message: String

    var description: String { message }

    /// - Parameter isJSON: whether the message is also printed as JSON.
    static func of(_ error: any Error, isJSON: Bool) -> CommandFailure {
        if isJSON { Output.standard.write(JSON.object([Member("error", .string("\(error)"))]).description + "\n") }
        return CommandFailure(message: "\(error)")
    }
}

/// `--root`, and the folders below it. Folders that systemd hands over win.
struct RootOptions: ParsableArguments {
    @Option(help: "The folder below which data, models, logs and the socket are (default: the working directory).")
    var root: String = "."

    var folders: Folders {
        let state = firstFolder("STATE_DIRECTORY")
        return Folders(
            models: state.map { $0 + "/models" } ?? resolve("models"),
            data: state.map { $0 + "/data" } ?? resolve("data"),
            logs: firstFolder("LOGS_DIRECTORY") ?? resolve("logs")
        )
    }

    /// Checks that the root is a folder in which this user may work, before anything is made there.
    ///
    /// - Parameter creating: whether to make it where it is missing.
    /// - Throws: ``CommandFailure`` with the command that helps; ``FileError``.
    func require(creating: Bool, _ files: HostFileSystem) throws {
        switch files.status(root)?.kind {
        case .directory?: break
        case nil where creating: try files.makeDirectory(root)
        case nil:
            throw CommandFailure(
                message: "There is no folder \(root). Make a new one with: intentd serve --root \(root) --create"
            )
        default: throw CommandFailure(message: "\(root) is not a folder; --root must name one.")
        }
        // What systemd hands over is elsewhere, and belongs to the service's user.
        guard environment("STATE_DIRECTORY") == nil, access(root, W_OK | X_OK) != 0, errno == EACCES else { return }
        throw CommandFailure(message: HostUser.refusal(of: root))
    }

    /// Puts a path of the command line below the root, like everything else.
    func resolve(_ path: String) -> String { path.hasPrefix("/") || root == "." ? path : root + "/" + path }
}

/// The first of the folders that systemd names in a variable.
func firstFolder(_ variable: String) -> String? { environment(variable).map { String($0.prefix { $0 != ":" }) } }
