package import Classifier
import Statistics
package import Wire

/// Two versions on the same locked rows.
package struct Comparison: Sendable {
    private struct Metric {
        var name: String
        var from: Double?
        var to: Double?
        /// The difference row by row, for figures that are shares of rows.
        var pairs: PairedComparison?
    }

    /// How many sentences of each kind are shown at most.
    package static let shown = 200

    private let rows: Int
    private let metrics: [Metric]
    package let fixed: [DataRow]
    package let broken: [DataRow]

    package init(from old: Model, to new: Model, rows: [DataRow]) {
        let contest = Contest(rows: rows, new: new, old: old)
        let examples = Contest.examples(rows)
        let inside = rows.indices.filter { !contest.new[$0].isOutOfScope }
        let outside = rows.indices.filter { contest.new[$0].isOutOfScope }
        let pairs = [
            "accuracy": contest.comparison(of: inside),
            "coverage": contest.comparison(of: inside, isGood: \.isAnswered),
            "oos_recall": contest.comparison(of: outside) { !$0.prediction.inScope },
        ]
        let from = Evaluation(model: old, examples: examples, predictions: contest.old).summary
        let to = Evaluation(model: new, examples: examples, predictions: contest.new).summary
        var metrics = (from.object ?? []).filter { $0.name != "rows" }.map { member in
            let known = from[member.name]?.double != nil && to[member.name]?.double != nil
            return Metric(
                name: member.name,
                from: member.value.double,
                to: to[member.name]?.double,
                pairs: known ? pairs[member.name] : nil
            )
        }
        for (intent, places) in contest.intents where intent != outOfScopeIntent {
            let count = Double(places.count)
            metrics.append(
                Metric(
                    name: "recall." + intent,
                    from: Double(places.count { contest.old[$0].isRight }) / count,
                    to: Double(places.count { contest.new[$0].isRight }) / count,
                    pairs: contest.comparison(of: places)
                )
            )
        }
        self.rows = rows.count
        self.metrics = metrics
        fixed = contest.fixed
        broken = contest.broken
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
            "fixed": fixed.sentences(atMost: Self.shown), "broken": broken.sentences(atMost: Self.shown),
            "fixed_total": .integer(fixed.count), "broken_total": .integer(broken.count),
        ]
    }
}
