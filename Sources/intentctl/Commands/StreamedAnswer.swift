import Terminal
import Wire

/// An answer of `chat` that is printed as it comes. The result repeats what was streamed, so this remembers what it has
/// shown and prints the rest alone.
struct StreamedAnswer {
    private let request: Int
    /// The text so far, as the daemon sent it.
    private var shown = ""

    /// - Parameter request: the id of the request that is answered.
    init(request: Int) { self.request = request }

    mutating func hear(_ notification: Dialogue.Notification) {
        guard notification.method == "chat.delta", notification.request == request,
            let text = notification.params["text"]?.string
        else { return }
        shown += text
        Output.standard.write(Printable.lines(text))
    }

    /// Prints the rest of the reply, and where the reply came from.
    func finish(_ result: JSON) {
        guard !shown.isEmpty else { return Output.standard.write(Answer.text(result)) }
        complete(result["reply"]?.string ?? "")
        Output.standard.write(Style(for: .standard).dim(Answer.origin(result)) + "\n")
    }

    /// Prints the rest of what came before the failure.
    func fail(_ failure: Failure) {
        guard let partial = failure.partial else {
            if !shown.isEmpty { Output.standard.write("\n") }
            return
        }
        if !shown.isEmpty || !partial.isEmpty { complete(partial) }
    }

    private func complete(_ text: String) {
        if text.utf8.starts(with: shown.utf8) {
            let rest = String(decoding: text.utf8.dropFirst(shown.utf8.count), as: UTF8.self)
            Output.standard.write(Printable.lines(rest) + "\n")
        } else {
            // The daemon changed its mind: the answer does not begin with what was shown.
            Output.standard.write("\n" + Printable.lines(text) + "\n")
        }
    }
}
