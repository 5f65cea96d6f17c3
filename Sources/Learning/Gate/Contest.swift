import Classifier
import Statistics

/// Two models' answers to the same rows, each asked once.
struct Contest {
    let rows: [DataRow]
    let new: [RowPrediction]
    let old: [RowPrediction]

    init(rows: [DataRow], new: Model, old: Model) {
        self.rows = rows
        self.new = Self.answers(of: new, to: rows)
        self.old = Self.answers(of: old, to: rows)
    }

    static func answers(of model: Model, to rows: [DataRow]) -> [RowPrediction] {
        predictions(of: model, on: examples(rows))
    }

    static func examples(_ rows: [DataRow]) -> [Example] { rows.map { Example(text: $0.text, intent: $0.intent) } }

    /// The rows that only the new model gets right.
    var fixed: [DataRow] { rows.indices.filter { new[$0].isRight && !old[$0].isRight }.map { rows[$0] } }

    /// The rows that only the old model gets right.
    var broken: [DataRow] { rows.indices.filter { !new[$0].isRight && old[$0].isRight }.map { rows[$0] } }

    /// The intents in the order of their names, each with the places of its rows.
    var intents: [(name: String, places: [Int])] {
        var places: [String: [Int]] = [:]
        for index in rows.indices { places[rows[index].intent, default: []].append(index) }
        return places.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// How many of some rows became good and how many bad.
    func comparison(of places: some Collection<Int>, isGood: (RowPrediction) -> Bool = \.isRight) -> PairedComparison {
        PairedComparison(
            gained: places.count { isGood(new[$0]) && !isGood(old[$0]) },
            lost: places.count { !isGood(new[$0]) && isGood(old[$0]) },
            rows: places.count
        )
    }
}
