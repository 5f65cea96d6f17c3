import Terminal
import Wire

/// The reason of an answer as people say it: "out of scope", "LLM unreachable".
enum ReasonWords {
    static func text(_ result: JSON) -> String {
        let words = result.cell("reason").split(separator: "_").map { $0 == "llm" ? "LLM" : String($0) }
        return words.joined(separator: " ")
    }
}

/// An answer of `chat` in words.
enum Answer {
    /// Says in one line where the answer came from: `local · order_status 0.97 · v1 · ID`.
    static func origin(_ result: JSON) -> String {
        var route = result.cell("route")
        if let reason = result.text("reason"), reason != "confident" { route += " (\(ReasonWords.text(result)))" }
        let intent = "\(result.cell("intent")) \(result.share("confidence"))"
        return style.dim([route, intent, "v\(result.cell("model"))", result.cell("id")].joined(separator: " · ")) + "\n"
    }

    /// The reply, and on a terminal its origin. In a pipe the reply stands alone, so that a script can use it.
    static func text(_ result: JSON) -> String {
        let reply = printable(result["reply"]?.string ?? "").wrapped(to: Output.standard.columns) + "\n"
        return Output.standard.isTerminal ? reply + origin(result) : reply
    }

    /// The words of a reply in a form that is fit for standard output.
    static func printable(_ text: String) -> String {
        Output.standard.isTerminal ? Printable.lines(text) : Printable.content(text)
    }
}

/// An answer of `chat` that is printed as it comes. The result repeats what was streamed, so this remembers what it has
/// shown and prints the rest alone.
struct StreamedAnswer {
    private let request: Int
    /// The text so far, as the daemon sent it.
    private var shown = ""
    private var wrap = WordWrap(to: Output.standard.columns)

    /// - Parameter request: the id of the request that is answered.
    init(request: Int) { self.request = request }

    /// Whether a part of the answer has come.
    var hasWords: Bool { !shown.isEmpty }

    /// Prints words as they come. It throws when nobody can read them any more, so that nobody waits for the rest.
    mutating func hear(_ notification: Dialogue.Notification) throws(Failure) {
        guard notification.method == "chat.delta", notification.request == request,
            let text = notification.params["text"]?.string
        else { return }
        shown += text
        Output.standard.write(wrap.take(Answer.printable(text)))
        if Output.standard.isLost { throw .outputLost }
    }

    /// Prints the rest of the reply, and on a terminal where the reply came from.
    mutating func finish(_ result: JSON) {
        guard hasWords else { return Output.standard.write(Answer.text(result)) }
        complete(result["reply"]?.string ?? "")
        if Output.standard.isTerminal { Output.standard.write(Answer.origin(result)) }
    }

    /// Prints the rest of what came before the failure.
    mutating func fail(_ failure: Failure) {
        guard let partial = failure.partial else {
            if !shown.isEmpty { Output.standard.write(wrap.finish() + "\n") }
            return
        }
        if !shown.isEmpty || !partial.isEmpty { complete(partial) }
    }

    private mutating func complete(_ text: String) {
        if text.utf8.starts(with: shown.utf8) {
            let rest = String(decoding: text.utf8.dropFirst(shown.utf8.count), as: UTF8.self)
            Output.standard.write(wrap.take(Answer.printable(rest)) + wrap.finish() + "\n")
        } else {
            // The daemon changed its mind: the answer does not begin with what was shown.
            let again = Answer.printable(text).wrapped(to: Output.standard.columns)
            Output.standard.write(wrap.finish() + "\n" + again + "\n")
        }
    }
}
