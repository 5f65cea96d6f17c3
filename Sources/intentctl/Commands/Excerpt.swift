import Terminal
import Wire

/// The first rows of a list that may be long, below a title, and how many more there are.
enum Excerpt {
    /// - Parameter total: how many rows there are, where the daemon sent some of them only.
    static func text(
        _ rows: [JSON],
        of total: Int? = nil,
        limit: Int,
        title: (_ total: Int) -> String,
        line: (JSON) -> String
    ) -> String {
        let (total, shown) = (total ?? rows.count, rows.prefix(limit))
        guard total > 0 else { return "" }
        let text = "\n" + title(total) + "\n" + shown.map { "  \(line($0))\n" }.joined()
        return total > shown.count ? text + "  … and \(total - shown.count) more\n" : text
    }

    /// - Parameter bounds: two cells; both are dashes where there is no interval.
    static func interval(_ bounds: [String]) -> String { bounds == ["–", "–"] ? "" : bounds.joined(separator: " … ") }

    /// Labelled texts, and what a model makes of each.
    static func texts(
        _ rows: JSON?,
        of total: Int? = nil,
        limit: Int,
        kind: String = "test",
        words: String,
        paint: (String) -> String
    ) -> String {
        text(
            rows?.array ?? [],
            of: total,
            limit: limit,
            title: { paint("\($0) \(kind) \($0 == 1 ? "row" : "rows") \(words)") },
            line: { "\($0.cell("text"))  → \($0.cell("intent"))" }
        )
    }
}
