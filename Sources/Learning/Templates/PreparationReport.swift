/// What was prepared, intent by intent.
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

    /// A table for a terminal.
    package var table: String {
        var lines: [[String]] = [["intent", "templates", "sentences", "train", "val", "test"]]
        for intent in intents {
            let sentences = intent.sentences >= SentenceSource.unbounded ? "countless" : "\(intent.sentences)"
            lines.append(
                [intent.name, "\(intent.templates.values.reduce(0, +))", sentences]
                    + Split.allCases.map { "\(intent.rows[$0] ?? 0)" }
            )
        }
        let templates = intents.reduce(0) { $0 + $1.templates.values.reduce(0, +) }
        lines.append(["total", "\(templates)", ""] + Split.allCases.map { "\(rows(of: $0))" })
        let widths = lines[0].indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            line.enumerated().map { column, cell in
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + padding : padding + cell
            }
            .joined(separator: "  ") + "\n"
        }
        .joined()
    }
}
