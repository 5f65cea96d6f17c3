import Classifier
import Statistics

// The checks on locked rows: how many are right, of all and of each intent, how honest the confidences are, and how well
// the scope score tells what is in scope from what is not.
extension Gate {
    func checkAccuracy(_ contest: Contest, _ verdict: inout Verdict) {
        verdict.fixed = contest.fixed
        verdict.broken = contest.broken
        let comparison = contest.comparison(of: contest.rows.indices)
        verdict.checks.append(
            differenceCheck(
                "accuracy",
                of: comparison.difference,
                margin: -Self.accuracyMargin,
                interval: comparison.interval(),
                fact: "Of \(comparison.rows.counted("test row", "test rows")) \(comparison.gained) became right and "
                    + "\(comparison.lost) wrong"
            )
        )
    }

    /// A first version has nobody to be worse than.
    func reportAccuracy(of challenger: Model, on rows: [DataRow], _ verdict: inout Verdict) {
        let right = Contest.answers(of: challenger, to: rows).count(where: \.isRight)
        verdict.checks.append(
            Check(
                name: "accuracy",
                outcome: .pass,
                unit: .share,
                value: Double(right) / Double(rows.count),
                message: "\(right) of \(rows.count.counted("test row is", "test rows are")) right."
            )
        )
    }

    /// Checks every intent's recall. One of many looks worse by chance, so the level is shared by those that could be
    /// proven worse at all; and a single row is no trend.
    func checkRecalls(_ contest: Contest, _ verdict: inout Verdict) {
        let intents = contest.intents
        let comparisons = intents.map { contest.comparison(of: $0.places) }
        let decision = StepDown.decide(least: comparisons.map(\.leastProbability)) { index, level in
            comparisons[index].isWorse(byMoreThan: Self.recallMargin, level: level)
        }
        let checks = intents.indices.map { index in
            let (comparison, level) = (comparisons[index], decision.levels[index])
            let looksWorse =
                comparison.difference < -Self.recallMargin && comparison.lost - comparison.gained > 1
            let outcome: Outcome = decision.refuted[index] ? .fail : looksWorse ? .borderline : .pass
            return Check(
                name: "recall:\(intents[index].name)",
                outcome: outcome,
                unit: .points,
                value: comparison.difference,
                limit: -Self.recallMargin,
                low: comparison.interval(z: Portable.normalQuantile(1 - level)).low,
                high: comparison.upperEnd(level: level),
                message: "Of its \(comparison.rows.counted("test row", "test rows")) \(comparison.gained) became "
                    + "right and \(comparison.lost) wrong\(Self.ending(outcome))"
            )
        }
        // The record of very many intents leaves out those that did not change.
        verdict.checks += checks.count <= 200 ? checks : checks.filter { $0.value != 0 }
    }

    func checkCalibration(_ contest: Contest, _ verdict: inout Verdict) {
        guard contest.rows.count >= Self.calibrationRows else {
            return verdict.findings.add(
                .fewTestRows,
                .note,
                message:
                    "\(contest.rows.count.counted("in-scope test row says", "in-scope test rows say")) nothing "
                    + "about confidences, so the calibration was not checked.",
                remedy: "Mark \(Self.calibrationRows) rows or more with split test."
            )
        }
        func answers(_ rows: [RowPrediction]) -> [CalibrationComparison.Answer] {
            rows.map { .init(confidence: Double($0.prediction.confidence), isRight: $0.isRight) }
        }
        let comparison = CalibrationComparison(new: answers(contest.new), old: answers(contest.old))
        verdict.checks.append(
            differenceCheck(
                "ece",
                of: comparison.difference,
                margin: Self.calibrationMargin,
                interval: comparison.interval(),
                fact: "Confidences are off by \(Self.points(comparison.new)) points on average, and were by "
                    + "\(Self.points(comparison.old))"
            )
        )
    }

    func checkScope(inside: Contest, outside: Contest, _ verdict: inout Verdict) {
        guard !outside.rows.isEmpty else { return }
        func pairs(_ contest: Contest) -> [RankingComparison.Pair] {
            zip(contest.new, contest.old).map {
                .init(new: $0.prediction.scopeScore, old: $1.prediction.scopeScore)
            }
        }
        guard min(inside.rows.count, outside.rows.count) >= Self.scopeRows,
            let comparison = RankingComparison(positives: pairs(inside), negatives: pairs(outside))
        else {
            return verdict.findings.add(
                .fewTestRows,
                .note,
                message:
                    "There are fewer than \(Self.scopeRows) test rows in scope or out of it, so telling them apart "
                    + "was not checked.",
                remedy: "Mark more rows, of intent oos too, with split test."
            )
        }
        verdict.checks.append(
            differenceCheck(
                "oos_auroc",
                of: comparison.difference,
                margin: -Self.scopeMargin,
                interval: comparison.interval(),
                fact: "\(outside.rows.count.counted("row is", "rows are")) told from what is in scope "
                    + (comparison.difference < 0 ? "worse" : comparison.difference > 0 ? "better" : "as well")
                    + (comparison.difference == 0 ? " as before" : " than before")
            )
        )
    }

    /// - Parameter margin: below 0 if less is worse, above 0 if more is.
    func differenceCheck(
        _ name: String,
        of difference: Double,
        margin: Double,
        interval: (low: Double, high: Double),
        fact: String
    ) -> Check {
        let isWorse: (Double) -> Bool = { margin < 0 ? $0 < margin : $0 > margin }
        let favourable = margin < 0 ? interval.high : interval.low
        let outcome: Outcome = isWorse(favourable) ? .fail : isWorse(difference) ? .borderline : .pass
        return Check(
            name: name,
            outcome: outcome,
            unit: .points,
            value: difference,
            limit: margin,
            low: interval.low,
            high: interval.high,
            message: fact + Self.ending(outcome)
        )
    }

    static func ending(_ outcome: Outcome) -> String {
        switch outcome {
        case .pass: "."
        case .borderline: ": beyond the limit, though chance may have done it."
        case .fail: ": proven to be beyond the limit."
        }
    }

    private static func points(_ share: Double) -> String { String((100 * share).rounded(toPlaces: 1)) }
}
