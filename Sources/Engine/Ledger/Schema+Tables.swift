import Wire

// The tables that are made from the events, and those that are not.
extension Schema {
    /// A projection: a table that only events write.
    struct Table: Sendable {
        var name: String
        var key: String
        /// All columns, the key first.
        var columns: [String]
        /// Columns whose text is JSON.
        var json: Set<String> = []
        /// Columns that may hold people's sentences.
        var words: Set<String> = []
        /// Columns that no event tells: how far something has come, which means nothing once it has ended.
        var notFacts: Set<String> = []
        /// Columns that events of an earlier intentd do not state; in its rows they are NULL.
        var later: Set<String> = []

        /// The columns that a rebuild has to give exactly.
        var facts: [String] { columns.filter { !notFacts.contains($0) } }
    }

    static let projections = [
        Table(
            name: "feedback",
            key: "id",
            columns: [
                "id", "at", "uid", "answer", "text", "intent", "predicted", "rating", "comment", "state", "key",
                "request", "admin", "reviewer", "tried",
            ]
        ),
        Table(
            name: "versions",
            key: "version",
            columns: [
                "version", "digest", "created_at", "snapshot", "metrics", "verdict", "uid", "files", "collected_at",
                "forgotten_at", "reproduced_at",
            ],
            json: ["metrics", "verdict", "files"],
            words: ["verdict"],
            later: ["reproduced_at"]
        ),
        Table(name: "aliases", key: "alias", columns: ["alias", "version"]),
        Table(
            name: "moves",
            key: "seq",
            columns: ["seq", "at", "kind", "alias", "source", "target", "uid", "reason", "verdict"],
            words: ["reason"]
        ),
        Table(
            name: "jobs",
            key: "id",
            columns: [
                "id", "created_at", "uid", "policy", "state", "step", "fraction", "started_at", "finished_at",
                "candidate", "verdict", "learned", "error", "cause", "same_as",
            ],
            json: ["verdict", "learned"],
            words: ["verdict", "learned", "error"],
            notFacts: ["step", "fraction"],
            later: ["same_as"]
        ),
        Table(
            name: "intent_moves",
            key: "seq",
            columns: [
                "seq", "move", "at", "kind", "sources", "target", "through", "undoes", "plan", "uid", "reason",
            ],
            json: ["plan"],
            words: ["reason"]
        ),
        Table(
            name: "moved_feedback",
            key: "item",
            columns: ["item", "move", "feedback", "intent", "predicted", "state", "reviewer"]
        ),
    ]

    /// Tables that no event tells: the events themselves, conversations, which may be forgotten without a trace, single
    /// values of rooms that count, the work that forgetting still has to do, and what the database counts by itself.
    static let notProjections = ["events", "turns", "meta", "forgotten", "holdings"]

    static func projection(named name: String) -> Table? { projections.first { $0.name == name } }
}
