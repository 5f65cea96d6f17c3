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
        let reply = Printable.lines(result["reply"]?.string ?? "").wrapped(to: Output.standard.columns) + "\n"
        return Output.standard.isTerminal ? reply + origin(result) : reply
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

    mutating func hear(_ notification: Dialogue.Notification) {
        guard notification.method == "chat.delta", notification.request == request,
            let text = notification.params["text"]?.string
        else { return }
        shown += text
        Output.standard.write(wrap.take(Printable.lines(text)))
    }

    /// Prints the rest of the reply, and where the reply came from.
    mutating func finish(_ result: JSON) {
        guard !shown.isEmpty else { return Output.standard.write(Answer.text(result)) }
        complete(result["reply"]?.string ?? "")
        Output.standard.write(Answer.origin(result))
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
            Output.standard.write(wrap.take(Printable.lines(rest)) + wrap.finish() + "\n")
        } else {
            // The daemon changed its mind: the answer does not begin with what was shown.
            let again = Printable.lines(text).wrapped(to: Output.standard.columns)
            Output.standard.write(wrap.finish() + "\n" + again + "\n")
        }
    }
}
