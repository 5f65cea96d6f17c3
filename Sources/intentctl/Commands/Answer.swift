import Terminal
import Wire

/// An answer of `chat` in words.
enum Answer {
    /// Where it came from, in one line: `local · order_status 0.97 · v1 · ID`.
    static func origin(_ result: JSON) -> String {
        var route = result.cell("route")
        if let reason = result.text("reason"), reason != "confident" { route += " (\(reason))" }
        let intent = "\(result.cell("intent")) \(result.share("confidence"))"
        return [route, intent, "v\(result.cell("model"))", result.cell("id")].joined(separator: " · ")
    }

    /// Reply, and on a terminal its origin: what is piped is the reply alone.
    static func text(_ result: JSON) -> String {
        let reply = Printable.lines(result["reply"]?.string ?? "")
        guard Output.standard.isTerminal else { return reply + "\n" }
        return reply + "\n" + Style(for: .standard).dim(origin(result)) + "\n"
    }
}
