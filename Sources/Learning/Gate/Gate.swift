package import Classifier
import Statistics
package import Text
package import World

/// Compares a challenger with the champion on the same locked rows, and checks the cases that must never break.
///
/// A check fails only when the challenger is proven worse than its margin: even the favourable end of the one-sided
/// paired 95 % interval lies beyond it. It is borderline when only the point estimate does. Golden cases and behaviour
/// must hold whatever the champion does, and fail without a proof.
package struct Gate: Sendable {
    /// How much worse the accuracy may be, as a share.
    package static let accuracyMargin = 0.005
    /// How much worse the recall of any intent may be, as a share.
    package static let recallMargin = 0.05
    /// How much larger the calibration error may be, as a share.
    package static let calibrationMargin = 0.02
    /// How much smaller the area under the out-of-scope ROC curve may be.
    package static let scopeMargin = 0.01
    /// How much smaller the rates of ``Behaviour`` may be, as a share.
    package static let behaviourMargin = 0.05
    /// A lower rate is never good enough, whatever the champion's is.
    package static let behaviourFloor = 0.9
    /// How many times the champion's bytes a model may have; the limit grows with the number of intents.
    package static let sizeFactor = 1.5
    /// A model that is no larger than this may have any size.
    package static let smallSize = 256 << 10
    /// How many times the champion's time a classification may take.
    package static let latencyFactor = 2.0
    /// With fewer in-scope test rows a calibration error is noise.
    package static let calibrationRows = 100
    /// With fewer rows on either side an area under a curve is noise.
    package static let scopeRows = 10

    let tests: [DataRow]
    /// How many locked rows are left out.
    let unfair: Int
    /// The intents that the champion's data has now; nil if that is not known.
    let taught: Set<String>?
    let golden: GoldenFile
    let behaviour: BehaviourFile
    let file: FileRows?
    let clock: Clock

    /// - Parameters:
    ///   - tests: the locked rows; those of intent `oos` count for the scope alone.
    ///   - seen: the words of the rows that the champion was trained on. Test rows of the same words are left out: the
    ///     champion knows them by heart. They exist after sentences were dealt out to the splits anew.
    ///   - taught: the intents of those rows. What was taken out of them since, because somebody is forgotten, is not
    ///     missed.
    ///   - language: of the words, for the letters that change case in a way of their own.
    ///   - golden: cases that must be right.
    ///   - clock: measures how long classifying takes.
    package init(
        tests: [DataRow],
        seen: Set<String> = [],
        taught: Set<String>? = nil,
        language: TextSettings.Language = .und,
        golden: GoldenFile = GoldenFile(),
        behaviour: BehaviourFile = BehaviourFile(),
        file: FileRows? = nil,
        clock: Clock
    ) {
        var key = WordKey(language: language)
        let fair = seen.isEmpty ? tests : tests.filter { !seen.contains(key($0.text)) }
        // If nothing is left, a comparison that favours the champion is better than none.
        self.tests = fair.isEmpty ? tests : fair
        unfair = fair.isEmpty ? 0 : tests.count - fair.count
        self.taught = taught
        self.golden = golden
        self.behaviour = behaviour
        self.file = file
        self.clock = clock
    }

    /// - Parameter champion: nil for a first version, which has nobody to be worse than.
    package func verdict(challenger: Model, champion: Model?) -> Verdict {
        var verdict = Verdict()
        if unfair > 0 {
            verdict.findings.add(
                .testRowsSeen,
                .note,
                message:
                    "\(unfair.counted("test row is", "test rows are")) left out of the comparison: the champion was "
                    + "trained on the same words.",
                remedy: "Nothing to do; the next champion is compared on them."
            )
        }
        let rows = tests.filter { $0.intent != outOfScopeIntent }
        let contest = champion.map { Contest(rows: rows, new: challenger, old: $0) }
        if rows.isEmpty {
            verdict.findings.add(
                .noTestRows,
                .warning,
                message: "The data has no rows of split test, so the accuracy could not be checked.",
                remedy: "Mark some rows with split test."
            )
        } else if let contest {
            checkAccuracy(contest, &verdict)
            checkCalibration(contest, &verdict)
        } else {
            reportAccuracy(of: challenger, on: rows, &verdict)
        }
        if let champion, let contest {
            let strange = tests.filter { $0.intent == outOfScopeIntent }
            checkScope(inside: contest, outside: Contest(rows: strange, new: challenger, old: champion), &verdict)
        }
        if let file { checkFile(file, &verdict) }
        if let champion { checkIntents(of: challenger, beside: champion, &verdict) }
        checkGolden(challenger, &verdict)
        BehaviourCheck(behaviour, challenger: challenger, champion: champion).judge(&verdict)
        checkSize(of: challenger, beside: champion, &verdict)
        if let champion { checkLatency(of: challenger, beside: champion, &verdict) }
        if let contest { checkRecalls(contest, &verdict) }
        verdict.outcome = verdict.checks.map(\.outcome).max() ?? .pass
        return verdict
    }

    private func checkGolden(_ challenger: Model, _ verdict: inout Verdict) {
        let known = Set(challenger.intents)
        verdict.findings += golden.findings
        for row in golden.rows where !known.contains(row.intent) {
            verdict.findings.add(
                .goldenUnknownIntent,
                .note,
                line: row.line,
                message: "The golden case for \(row.intent) has an intent that the data does not know.",
                remedy: "Remove the case from golden.csv or add the intent to the data."
            )
        }
        let cases = golden.rows.filter { known.contains($0.intent) }
        let isBroken = !golden.findings.isEmpty
        guard isBroken || !cases.isEmpty else { return }
        let answers = Contest.answers(of: challenger, to: cases)
        verdict.goldenMissed = zip(cases, answers).filter { !$1.isRight }.map(\.0)
        let missed = verdict.goldenMissed.count
        verdict.checks.append(
            Check(
                name: "golden",
                outcome: missed > 0 ? .fail : isBroken ? .borderline : .pass,
                unit: .count,
                value: Double(cases.count - missed),
                limit: Double(cases.count),
                message: missed > 0
                    ? "\(missed.counted("golden case is", "golden cases are")) wrong, and every one must be right."
                    : isBroken
                        ? "golden.csv is not understood as a whole; the findings name the lines."
                        : "All golden cases are right."
            )
        )
    }
}
