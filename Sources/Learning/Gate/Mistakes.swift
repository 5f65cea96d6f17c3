package import Classifier
import Statistics
package import Wire

/// The test rows that a model gets wrong: another intent than the row's, or in scope what is out of it.
package struct Mistakes: Sendable {
    /// How many are listed at most; the total says how many there are.
    package static let shown = 1_000

    private struct Item {
        var row: DataRow
        var got: String
        var confidence: Float
        var inScope: Bool
    }

    private let rows: Int
    private let items: [Item]

    package init(of model: Model, on rows: [DataRow]) {
        self.rows = rows.count
        var workspace = Workspace()
        items = rows.compactMap { row in
            let prediction = model.predict(row.text, top: 1, workspace: &workspace)
            let got = model.intents[prediction.intent]
            let isRight = row.intent == DataRow.outOfScope ? !prediction.inScope : got == row.intent
            guard !isRight else { return nil }
            return Item(row: row, got: got, confidence: prediction.confidence, inScope: prediction.inScope)
        }
    }

    /// The surest mistakes come first: they are the ones that people get as answers.
    package var json: JSON {
        let sorted = items.sorted { ($1.confidence, $0.row.text) < ($0.confidence, $1.row.text) }
        let listed: [JSON] = sorted.prefix(Self.shown).map { item in
            [
                "text": .string(item.row.text), "intent": .string(item.row.intent), "got": .string(item.got),
                "confidence": JSON(item.confidence), "in_scope": .bool(item.inScope),
            ]
        }
        return ["rows": .integer(rows), "total": .integer(items.count), "items": .array(listed)]
    }
}
