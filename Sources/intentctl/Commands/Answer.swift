import Terminal
import Wire

/// An answer of `chat` in words.
enum Answer {
    /// Says in one line where the answer came from: `local · order_status 0.97 · v1 · ID`.
    static func origin(_ result: JSON) -> String {
        var route = result.cell("route")
        if let reason = result.text("reason"), reason != "confident" { route += " (\(reason))" }
        let intent = "\(result.cell("intent")) \(result.share("confidence"))"
        return [route, intent, "v\(result.cell("model"))", result.cell("id")].joined(separator: " · ")
    }

    /// The reply, and on a terminal its origin. In a pipe the reply stands alone, so that a script can use it.
    static func text(_ result: JSON) -> String {
        let reply = Printable.lines(result["reply"]?.string ?? "")
        guard Output.standard.isTerminal else { return reply + "\n" }
        return reply + "\n" + Style(for: .standard).dim(origin(result)) + "\n"
    }
}
