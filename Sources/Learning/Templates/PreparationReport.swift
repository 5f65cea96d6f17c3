/// Counts of what was prepared, intent by intent.
package struct PreparationReport: Sendable, Equatable {
    package struct Intent: Sendable, Equatable {
        package var name: String
        package var templates: [Split: Int] = [:]
        /// How many sentences the templates can make, at most ``SentenceSource/unbounded``.
        package var sentences: UInt64 = 0
        package var rows: [Split: Int] = [:]

        /// Rows over all splits.
        package var total: Int { rows.values.reduce(0, +) }

        init(name: String) { self.name = name }
    }

    package var seed: UInt64
    /// In the file's order, out of scope last.
    package var intents: [Intent]

    /// Rows of one split, over all intents.
    package func rows(of split: Split) -> Int { intents.reduce(0) { $0 + ($1.rows[split] ?? 0) } }
}
