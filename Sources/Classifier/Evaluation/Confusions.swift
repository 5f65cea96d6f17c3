/// Counts which intent is taken for which, and the figures of each intent.
enum Confusions {
    static func count(
        model: Model,
        examples: [Example],
        predictions: [RowPrediction]
    ) -> (intents: [Evaluation.Intent], confusions: [Evaluation.Confusion]) {
        // The rows' intents that the model lacks come after its own.
        let inside = zip(examples, predictions).filter { !$1.isOutOfScope }
        var names = model.intents
        var seen = Set(names)
        for (example, _) in inside where seen.insert(example.intent).inserted { names.append(example.intent) }
        let number = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
        var support = [Int](repeating: 0, count: names.count)
        var predicted = support
        var right = support
        var pairs: [(from: Int, to: Int)] = []
        for (example, row) in inside {
            let from = number[example.intent] ?? 0
            let to = row.prediction.intent
            support[from] += 1
            predicted[to] += 1
            if from == to { right[from] += 1 } else { pairs.append((from, to)) }
        }
        let intents = (0..<names.count).filter { support[$0] + predicted[$0] > 0 }.map { i in
            Evaluation.Intent(
                intent: names[i],
                precision: share(right[i], of: predicted[i]),
                recall: share(right[i], of: support[i]),
                f1: share(2 * right[i], of: support[i] + predicted[i]),
                support: support[i]
            )
        }
        pairs.sort { ($0.from, $0.to) < ($1.from, $1.to) }
        var confusions: [Evaluation.Confusion] = []
        for (index, pair) in pairs.enumerated() {
            if index > 0, pairs[index - 1] == pair {
                confusions[confusions.count - 1].count += 1
            } else {
                confusions.append(.init(from: names[pair.from], to: names[pair.to], count: 1))
            }
        }
        confusions.sort { ($1.count, $0.from, $0.to) < ($0.count, $1.from, $1.to) }
        return (intents.sorted { $0.intent < $1.intent }, confusions)
    }

    private static func share(_ part: Int, of whole: Int) -> Double {
        whole == 0 ? 0 : Double(part) / Double(whole)
    }
}
