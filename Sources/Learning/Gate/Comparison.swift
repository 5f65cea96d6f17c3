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
            let (name, pairs) = (member.name, known ? pairs[member.name] : nil)
            return Metric(name: name, from: member.value.double, to: to[name]?.double, pairs: pairs)
        }
        for (intent, places) in contest.intents where intent != outOfScopeIntent {
            func recall(_ answers: [RowPrediction]) -> Double {
                Double(places.count { answers[$0].isRight }) / Double(places.count)
            }
            let (from, to, pairs) = (recall(contest.old), recall(contest.new), contest.comparison(of: places))
            metrics.append(Metric(name: "recall." + intent, from: from, to: to, pairs: pairs))
        }
        self.rows = rows.count
        self.metrics = metrics
        fixed = contest.fixed
        broken = contest.broken
    }

    package var json: JSON {
        let members = metrics.map { metric in
            let delta = metric.from.flatMap { from in metric.to.map { $0 - from } }
            let interval = metric.pairs?.interval()
            let figures: JSON = [
                "from": .share(metric.from), "to": .share(metric.to), "delta": .share(delta),
                "low": .share(interval?.low), "high": .share(interval?.high),
            ]
            return Member(metric.name, figures)
        }
        return [
            "rows": .integer(rows), "metrics": .object(members),
            "fixed": fixed.sentences(atMost: Self.shown), "broken": broken.sentences(atMost: Self.shown),
            "fixed_total": .integer(fixed.count), "broken_total": .integer(broken.count),
        ]
    }
}
