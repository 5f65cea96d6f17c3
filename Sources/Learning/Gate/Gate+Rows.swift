import Classifier
import Statistics

// What the locked rows say: how many are right, of all and of each intent, how honest the confidences are, and how well
// the scope score parts what is in scope from what is not.
extension Gate {
    func checkAccuracy(_ contest: Contest, _ verdict: inout Verdict) {
        guard !contest.rows.isEmpty else {
            verdict.findings.append(
                Finding(
                    .noTestRows,
                    .warning,
                    line: nil,
                    "The data has no rows of split test, so the accuracy could not be checked.",
                    remedy: "Mark some rows with split test."
                )
            )
            return
        }
        guard let champion = contest.champion else {
            let right = contest.challenger.count(where: \.isRight)
            verdict.checks.append(
                Check(
                    name: "accuracy",
                    outcome: .pass,
                    unit: .share,
                    value: Double(right) / Double(contest.rows.count),
                    message: "\(right) of \(counted(contest.rows.count, "test row is", "test rows are")) right."
                )
            )
            return
        }
        for index in contest.rows.indices where contest.challenger[index].isRight != champion[index].isRight {
            if contest.challenger[index].isRight {
                verdict.fixed.append(contest.rows[index])
            } else {
                verdict.broken.append(contest.rows[index])
            }
        }
        let comparison = contest.comparison(of: contest.rows.indices, with: champion)
        let interval = comparison.interval()
        verdict.checks.append(
            differenceCheck(
                "accuracy",
                comparison.difference,
                margin: -Self.accuracyMargin,
                interval,
                "Of \(counted(comparison.rows, "test row", "test rows")) \(comparison.gained) became right and "
                    + "\(comparison.lost) wrong"
            )
        )
    }

    /// Every intent's recall. That one of many looks worse is to be expected, so the level is shared by those that
    /// could be proven worse at all; and one row is no trend.
    func checkRecalls(_ contest: Contest, _ verdict: inout Verdict) {
        guard let champion = contest.champion else { return }
        var places: [String: [Int]] = [:]
        for index in contest.rows.indices { places[contest.rows[index].intent, default: []].append(index) }
        let intents = places.keys.sorted()
        let comparisons = intents.map { contest.comparison(of: places[$0] ?? [], with: champion) }
        let decision = StepDown.decide(least: comparisons.map(\.leastProbability)) { index, level in
            comparisons[index].isWorse(byMoreThan: Self.recallMargin, level: level)
        }
        let checks = intents.indices.map { index in
            let (comparison, level) = (comparisons[index], decision.levels[index])
            let looksWorse =
                comparison.difference < -Self.recallMargin && comparison.lost - comparison.gained > 1
            let outcome: Outcome = decision.refuted[index] ? .fail : looksWorse ? .borderline : .pass
            return Check(
                name: "recall:\(intents[index])",
                outcome: outcome,
                unit: .points,
                value: comparison.difference,
                limit: -Self.recallMargin,
                low: comparison.interval(z: Portable.normalQuantile(1 - level)).low,
                high: comparison.upperEnd(level: level),
                message: "Of its \(counted(comparison.rows, "test row", "test rows")) \(comparison.gained) became "
                    + "right and \(comparison.lost) wrong\(Self.ending(outcome))"
            )
        }
        // With very many intents those that did not change are left out of the record.
        verdict.checks += checks.count <= 200 ? checks : checks.filter { $0.value != 0 }
    }

    func checkCalibration(_ contest: Contest, _ verdict: inout Verdict) {
        guard let champion = contest.champion, !contest.rows.isEmpty else { return }
        guard contest.rows.count >= Self.calibrationRows else {
            return verdict.findings.append(
                Finding(
                    .fewTestRows,
                    .note,
                    line: nil,
                    "\(counted(contest.rows.count, "in-scope test row says", "in-scope test rows say")) nothing "
                        + "about confidences, so the calibration was not checked.",
                    remedy: "Mark \(Self.calibrationRows) rows or more with split test."
                )
            )
        }
        func answers(_ rows: [RowPrediction]) -> [CalibrationComparison.Answer] {
            rows.map { .init(confidence: Double($0.prediction.confidence), isRight: $0.isRight) }
        }
        let comparison = CalibrationComparison(new: answers(contest.challenger), old: answers(champion))
        verdict.checks.append(
            differenceCheck(
                "ece",
                comparison.difference,
                margin: Self.calibrationMargin,
                comparison.interval(),
                "Confidences are off by \(Self.points(comparison.new)) points on average, and were by "
                    + "\(Self.points(comparison.old))"
            )
        )
    }

    func checkScope(_ inScope: Contest, _ outOfScope: Contest, _ verdict: inout Verdict) {
        guard let insideOld = inScope.champion, let outsideOld = outOfScope.champion, !outOfScope.rows.isEmpty
        else { return }
        func pairs(_ new: [RowPrediction], _ old: [RowPrediction]) -> [RankingComparison.Pair] {
            zip(new, old).map { .init(new: $0.prediction.scopeScore, old: $1.prediction.scopeScore) }
        }
        guard min(inScope.rows.count, outOfScope.rows.count) >= Self.scopeRows,
            let comparison = RankingComparison(
                positives: pairs(inScope.challenger, insideOld),
                negatives: pairs(outOfScope.challenger, outsideOld)
            )
        else {
            return verdict.findings.append(
                Finding(
                    .fewTestRows,
                    .note,
                    line: nil,
                    "There are fewer than \(Self.scopeRows) test rows in scope or out of it, so telling them apart "
                        + "was not checked.",
                    remedy: "Mark more rows, of intent oos too, with split test."
                )
            )
        }
        verdict.checks.append(
            differenceCheck(
                "oos_auroc",
                comparison.difference,
                margin: -Self.scopeMargin,
                comparison.interval(),
                "\(counted(outOfScope.rows.count, "row is", "rows are")) told from what is in scope "
                    + (comparison.difference < 0 ? "worse" : comparison.difference > 0 ? "better" : "as well")
                    + (comparison.difference == 0 ? " as before" : " than before")
            )
        )
    }

    /// - Parameter margin: below 0 where less is worse, above 0 where more is.
    func differenceCheck(
        _ name: String,
        _ difference: Double,
        margin: Double,
        _ interval: (low: Double, high: Double),
        _ fact: String
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
