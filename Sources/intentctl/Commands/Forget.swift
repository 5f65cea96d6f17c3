import ArgumentParser
import Terminal
import Wire

struct Forget: DaemonCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take all that a person said out of everything that is kept.",
        discussion: """
            Feedback, conversations, lines of the log and rows of training data go at once and for good; a version \
            without them is trained, and those that learned from them go when it has become champion. Without --uid you \
            are meant yourself.
            """
    )

    @Option(help: ArgumentHelp("For administrators: who is to be forgotten.", valueName: "uid"))
    var uid: UInt32?

    @Flag(help: "Do not ask first.")
    var yes = false

    @OptionGroup var options: GlobalOptions

    func run(with client: inout Client) throws {
        guard yes || isConfirmed() else { return }
        show(try client.call(.forget, ["uid": uid.map { .integer(Int($0)) }]), Self.text)
    }

    func validate() throws {
        guard yes || !wantsJSON && Keyboard.isTerminal && Output.standard.isTerminal else {
            throw ValidationError("Forgetting cannot be undone; say --yes where nobody can be asked.")
        }
    }

    private func isConfirmed() -> Bool {
        let whom = uid.map { "uid \($0)" } ?? "you"
        Output.standard.write("Forget all that \(whom) ever said here? It cannot be undone. [y/N] ")
        let key = Keyboard.key(among: ["y", "Y", "n", "N", "\r", "\n", "q"])
        let isMeant = key == "y" || key == "Y"
        Output.standard.write(isMeant ? "yes\n" : "no\n")
        return isMeant
    }

    private static func text(_ result: JSON) -> String {
        var text =
            "Forgotten: \(result.counted("feedback", "item")) of feedback, \(result.counted("turns", "turn")) of "
            + "\(result.counted("sessions", "conversation")), \(result.counted("log_lines", "line")) of the log, "
            + "words in \(result.counted("snapshots", "snapshot")).\n"
        func versions(_ name: String) -> String {
            result.list(name).map { "v\($0.int ?? 0)" }.joined(separator: ", ")
        }
        if !versions("gone").isEmpty { text += "Gone as well: \(versions("gone")), trained on them.\n" }
        if !versions("versions").isEmpty {
            text += "\(versions("versions")) learned from them, and will go when a version without them is champion.\n"
        }
        if let job = result.text("job") { text += "It is being trained: intentctl jobs show \(job)\n" }
        return text
    }
}
