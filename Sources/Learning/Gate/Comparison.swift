package import Classifier
import Statistics
package import Wire

/// Two versions on the same locked rows.
package struct Comparison: Sendable {
    private struct Metric {
        var name: String
        var from: Double?
        var to: Double?
        /// Of the difference, where rows can be paired.
        var pairs: PairedComparison?
    }

    /// Sentences shown at most, of each kind.
    package static let shown = 200

    private let rows: Int
    private let metrics: [Metric]
    package let fixed: [DataRow]
    package let broken: [DataRow]

    package init(from old: Model, to new: Model, rows: [DataRow]) {
        let examples = rows.map { Example(text: $0.text, intent: $0.intent) }
        let before = predictions(of: old, on: examples)
        let after = predictions(of: new, on: examples)
        /// Of the rows for which `counts` says so.
        func paired(_ counts: (RowPrediction) -> Bool, _ isGood: (RowPrediction) -> Bool) -> PairedComparison {
            var (gained, lost, all) = (0, 0, 0)
            for (one, other) in zip(before, after) where counts(one) {
                all += 1
                if isGood(one) != isGood(other) {
                    if isGood(other) { gained += 1 } else { lost += 1 }
                }
            }
            return PairedComparison(gained: gained, lost: lost, rows: all)
        }
        let inside: (RowPrediction) -> Bool = { !$0.isOutOfScope }
        let pairs: [String: PairedComparison] = [
            "accuracy": paired(inside, \.isRight), "coverage": paired(inside, \.isAnswered),
            "oos_recall": paired(\.isOutOfScope) { !$0.prediction.inScope },
        ]
        let (first, second) = (
            Evaluation(model: old, examples: examples, predictions: before),
            Evaluation(model: new, examples: examples, predictions: after)
        )
        let (from, to) = (first.summary, second.summary)
        var metrics = (from.object ?? []).filter { $0.name != "rows" }.map { member in
            let known = from[member.name]?.double != nil && to[member.name]?.double != nil
            return Metric(
                name: member.name,
                from: member.value.double,
                to: to[member.name]?.double,
                pairs: known ? pairs[member.name] : nil
            )
        }
        for intent in Set(rows.map(\.intent)).subtracting([outOfScopeIntent]).sorted() {
            var share = (from: 0, to: 0)
            var comparison = (gained: 0, lost: 0, rows: 0)
            for (index, row) in rows.enumerated() where row.intent == intent {
                comparison.rows += 1
                if before[index].isRight { share.from += 1 }
                if after[index].isRight { share.to += 1 }
                if before[index].isRight != after[index].isRight {
                    if after[index].isRight { comparison.gained += 1 } else { comparison.lost += 1 }
                }
            }
            metrics.append(
                Metric(
                    name: "recall." + intent,
                    from: Double(share.from) / Double(comparison.rows),
                    to: Double(share.to) / Double(comparison.rows),
                    pairs: PairedComparison(gained: comparison.gained, lost: comparison.lost, rows: comparison.rows)
                )
            )
        }
        self.rows = rows.count
        self.metrics = metrics
        fixed = rows.indices.filter { !before[$0].isRight && after[$0].isRight }.map { rows[$0] }
        broken = rows.indices.filter { before[$0].isRight && !after[$0].isRight }.map { rows[$0] }
    }

    package var json: JSON {
        [
            "rows": .integer(rows),
            "metrics": .object(
                metrics.map { metric in
                    let delta = metric.from.flatMap { from in metric.to.map { $0 - from } }
                    let interval = metric.pairs?.interval()
                    return Member(
                        metric.name,
                        [
                            "from": JSON(metric.from?.rounded(toPlaces: 6)),
                            "to": JSON(metric.to?.rounded(toPlaces: 6)),
                            "delta": JSON(delta?.rounded(toPlaces: 6)),
                            "low": JSON(interval?.low.rounded(toPlaces: 6)),
                            "high": JSON(interval?.high.rounded(toPlaces: 6)),
                        ]
                    )
                }
            ),
            "fixed": Self.sentences(fixed), "broken": Self.sentences(broken),
            "fixed_total": .integer(fixed.count), "broken_total": .integer(broken.count),
        ]
    }

    private static func sentences(_ rows: [DataRow]) -> JSON {
        .array(rows.prefix(shown).map { ["text": .string($0.text), "intent": .string($0.intent)] })
    }
}
