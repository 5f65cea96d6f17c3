import ArgumentParser
import Terminal
import Wire

/// The reason why a command ends without what it was asked for.
///
/// Every failure is a sentence, an exit code, and where possible a hint with the command that helps. All of them are
/// reported in one place, so that a script finds the same object with --json whoever failed: the daemon, the socket or
/// the person who typed.
enum Failure: Error {
    case usage(String)
    /// No daemon listens, or it stopped listening.
    ///
    /// - Parameter isMidway: whether a part of its answer had come.
    case unreachable(path: String, why: String, isMidway: Bool = false)
    /// Something took longer than it may. The sentence says what was waited for.
    case late(String, hint: String)
    /// The socket's mode keeps us out.
    case locked(path: String)
    /// The daemon refused.
    case refused(Refusal)
    /// The thing that was named is not there. The sentence says so, and names the command that helps.
    case absent(String, hint: String)
    /// Ctrl-C ended a wait; the sentences say what goes on.
    case interrupted(String)
    /// Something else went wrong, said in one sentence.
    case failed(String)
    /// Standard output takes no more, so there is no use in going on. ``Output/finish()`` says why, if anybody should know.
    case outputLost

    /// The same reason has the same code, whoever gave it.
    var exitCode: ExitCode {
        switch self {
        case .interrupted: return ExitCode(130)
        case .outputLost: return .success
        case .late: return ExitCode(7)
        default:
            let codes: [String: Int32] = [
                "usage": 2, "unreachable": 3, "forbidden": 4, "not_found": 5, "gate_refused": 6,
            ]
            return ExitCode(codes[reason] ?? 1)
        }
    }

    /// Reports the failure where the caller looks for it: as JSON on standard output, else on standard error.
    ///
    /// - Returns: the exit code.
    func report(asJSON: Bool) -> ExitCode {
        if case .outputLost = self { return exitCode }
        if asJSON {
            Output.standard.write(JSON.object([Member("error", json)]).description + "\n")
        } else {
            let style = Style(for: .error)
            let columns = Output.error.columns
            Output.error.write(style.red("intentctl:") + " \(message)\n".wrapped(to: columns, after: 10))
            if let hint { Output.error.write("Hint: \(hint)\n".wrapped(to: columns)) }
            if let verdict { Output.error.write("\n" + Verdict.text(verdict, style)) }
        }
        return exitCode
    }

    /// One sentence that says what happened and is fit to be printed.
    var message: String {
        switch self {
        case .usage(let message): Printable.lines(message)
        case .unreachable(let path, let why, _): "The daemon cannot be reached at \(Printable.line(path)): \(why)."
        case .locked(let path):
            "You may not open the daemon's socket \(Printable.line(path))"
                + (SocketOwner.name(path).map { ", which belongs to \($0)." } ?? ".")
        case .refused(let error): Printable.line(ToolWords.message(error))
        case .absent(let message, _), .late(let message, _), .failed(let message): Printable.line(message)
        case .outputLost: "Standard output takes no more."
        case .interrupted(let message): Printable.lines(message)
        }
    }

    /// Something that helps, such as a command.
    var hint: String? {
        switch self {
        case .unreachable(let path, _, _):
            SocketOwner.stranger(besides: path)
                ?? "start it: `sudo systemctl start intentd`, or in a checkout `make run`"
        case .locked(let path): SocketOwner.advice(path) ?? "ask an administrator of this host, or use sudo"
        case .refused(let error): ToolWords.hint(error).map(Printable.line)
        case .absent(_, let hint), .late(_, let hint): hint
        case .usage, .interrupted, .failed, .outputLost: nil
        }
    }

    /// The part of an answer that came before it broke off.
    var partial: String? {
        guard case .refused(let error) = self else { return nil }
        return error.data["partial"]?.string
    }

    /// The same failure with a hint, where the daemon gave none.
    func suggesting(_ hint: String) -> Failure {
        guard case .refused(let error) = self, self.hint == nil else { return self }
        return .refused(error.suggesting(hint))
    }

    private var verdict: JSON? {
        guard case .refused(let error) = self else { return nil }
        return error.data.known("verdict")
    }

    private var json: JSON {
        if case .refused(let error) = self { return error.json }
        let data = [Member("reason", .string(reason))] + (hint.map { [Member("hint", .string($0))] } ?? [])
        // The daemon did not say this, so it has no code of the protocol.
        return ["code": nil, "message": .string(message), "data": .object(data)]
    }

    var reason: String {
        switch self {
        case .usage: "usage"
        case .unreachable: "unreachable"
        case .locked: "forbidden"
        case .refused(let error): error.reason.isEmpty ? "failed" : error.reason
        case .absent: "not_found"
        case .interrupted: "interrupted"
        case .late: "timeout"
        case .failed, .outputLost: "failed"
        }
    }
}
