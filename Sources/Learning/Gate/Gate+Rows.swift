import Classifier
import Statistics

// The checks on locked rows: how many are right, of all and of each intent, how honest the confidences are, and how well
// the scope score tells what is in scope from what is not.
extension Gate {
    func checkAccuracy(_ contest: Contest, _ verdict: inout Verdict) {
        verdict.fixed = contest.fixed
        verdict.broken = contest.broken
        let comparison = contest.comparison(of: contest.rows.indices)
        let fact =
            "Of \(comparison.rows.counted("test row", "test rows")) \(comparison.gained) became right and "
            + "\(comparison.lost) wrong"
        let (difference, interval) = (comparison.difference, comparison.interval())
        check("accuracy", difference, margin: -Self.accuracyMargin, interval: interval, fact: fact, in: &verdict)
    }

    /// A first version has nobody to be worse than.
    func reportAccuracy(of challenger: Model, on rows: [DataRow], _ verdict: inout Verdict) {
        let right = Contest.answers(of: challenger, to: rows).count(where: \.isRight)
        let message = "\(right) of \(rows.count.counted("test row is", "test rows are")) right."
        let share = Double(right) / Double(rows.count)
        verdict.checks.append(Check(name: "accuracy", outcome: .pass, unit: .share, value: share, message: message))
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
            let looksWorse = comparison.difference < -Self.recallMargin && comparison.lost - comparison.gained > 1
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
            let message =
                "\(contest.rows.count.counted("in-scope test row says", "in-scope test rows say")) nothing "
                + "about confidences, so the calibration was not checked."
            let remedy = "Mark \(Self.calibrationRows) rows or more with split test."
            return verdict.findings.add(.fewTestRows, .note, message: message, remedy: remedy)
        }
        func answers(_ rows: [RowPrediction]) -> [CalibrationComparison.Answer] {
            rows.map { .init(confidence: Double($0.prediction.confidence), isRight: $0.isRight) }
        }
        let comparison = CalibrationComparison(new: answers(contest.new), old: answers(contest.old))
        let fact =
            "Confidences are off by \(Self.points(comparison.new)) points on average, and were by "
            + "\(Self.points(comparison.old))"
        let (difference, interval) = (comparison.difference, comparison.interval())
        check("ece", difference, margin: Self.calibrationMargin, interval: interval, fact: fact, in: &verdict)
    }

    func checkScope(inside: Contest, outside: Contest, _ verdict: inout Verdict) {
        guard !outside.rows.isEmpty else { return }
        func pairs(_ contest: Contest) -> [RankingComparison.Pair] {
            zip(contest.new, contest.old).map { .init(new: $0.prediction.scopeScore, old: $1.prediction.scopeScore) }
        }
        guard min(inside.rows.count, outside.rows.count) >= Self.scopeRows,
            let comparison = RankingComparison(positives: pairs(inside), negatives: pairs(outside))
        else {
            let message =
                "There are fewer than \(Self.scopeRows) test rows in scope or out of it, so telling them apart "
                + "was not checked."
            let remedy = "Mark more rows, of intent oos too, with split test."
            return verdict.findings.add(.fewTestRows, .note, message: message, remedy: remedy)
        }
        let (difference, interval) = (comparison.difference, comparison.interval())
        let fact =
            "\(outside.rows.count.counted("row is", "rows are")) told from what is in scope "
            + (difference == 0 ? "as well as before" : difference < 0 ? "worse than before" : "better than before")
        check("oos_auroc", difference, margin: -Self.scopeMargin, interval: interval, fact: fact, in: &verdict)
    }

    /// - Parameter margin: below 0 if less is worse, above 0 if more is.
    private func check(
        _ name: String,
        _ difference: Double,
        margin: Double,
        interval: (low: Double, high: Double),
        fact: String,
        in verdict: inout Verdict
    ) {
        let isWorse: (Double) -> Bool = { margin < 0 ? $0 < margin : $0 > margin }
        let favourable = margin < 0 ? interval.high : interval.low
        let outcome: Outcome = isWorse(favourable) ? .fail : isWorse(difference) ? .borderline : .pass
        let check = Check(
            name: name,
            outcome: outcome,
            unit: .points,
            value: difference,
            limit: margin,
            low: interval.low,
            high: interval.high,
            message: fact + Self.ending(outcome)
        )
        verdict.checks.append(check)
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
