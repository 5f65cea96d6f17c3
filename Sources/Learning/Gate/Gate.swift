package import Classifier
import Statistics
package import World

/// Compares a challenger with the champion on the same locked rows, and holds it to what must never break.
///
/// A check fails only when the challenger is proven worse than its margin: even the favourable end of the one-sided
/// paired 95 % interval lies beyond it. It is borderline when only the point estimate does. What must hold whatever
/// the champion does (golden cases, behaviour) fails without a proof.
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
    /// Below it such a rate is never good enough, whatever the champion's.
    package static let behaviourFloor = 0.9
    /// How many times the champion's bytes a model may have; more intents may have as much more.
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
    let golden: GoldenFile
    let behaviour: BehaviourFile
    let clock: Clock

    /// - Parameters:
    ///   - tests: the locked rows; those of intent `oos` count for the scope alone.
    ///   - seen: the words of the rows that the champion was trained on. A row of them is no test of it, which happens
    ///     where sentences were dealt out anew; it is left out, lest the champion be praised for what it learnt by heart.
    ///   - golden: cases that must be right.
    ///   - clock: measures how long classifying takes.
    package init(
        tests: [DataRow],
        seen: Set<String> = [],
        golden: GoldenFile = GoldenFile(),
        behaviour: BehaviourFile = BehaviourFile(),
        clock: Clock
    ) {
        var key = WordKey()
        let fair = seen.isEmpty ? tests : tests.filter { !seen.contains(key($0.text)) }
        // With nothing left, a comparison that favours the champion is better than none.
        self.tests = fair.isEmpty ? tests : fair
        unfair = fair.isEmpty ? 0 : tests.count - fair.count
        self.golden = golden
        self.behaviour = behaviour
        self.clock = clock
    }

    /// - Parameter champion: nil for a first version, which has nobody to be worse than.
    package func verdict(challenger: Model, champion: Model?) -> Verdict {
        var verdict = Verdict()
        if unfair > 0 {
            verdict.findings.append(
                Finding(
                    .testRowsSeen,
                    .note,
                    line: nil,
                    "\(counted(unfair, "test row is", "test rows are")) left out of the comparison: the champion was "
                        + "trained on the same words.",
                    remedy: "Nothing to do; the next champion is compared on them."
                )
            )
        }
        let inScope = Contest(tests.filter { $0.intent != outOfScopeIntent }, challenger, champion)
        let outOfScope = Contest(tests.filter { $0.intent == outOfScopeIntent }, challenger, champion)
        checkAccuracy(inScope, &verdict)
        checkCalibration(inScope, &verdict)
        checkScope(inScope, outOfScope, &verdict)
        checkGolden(challenger, &verdict)
        BehaviourCheck(behaviour, challenger, champion).judge(&verdict)
        checkSize(challenger, champion, &verdict)
        if let champion { checkLatency(challenger, champion, &verdict) }
        checkRecalls(inScope, &verdict)
        verdict.outcome = verdict.checks.map(\.outcome).max() ?? .pass
        return verdict
    }

    private func checkGolden(_ challenger: Model, _ verdict: inout Verdict) {
        let known = Set(challenger.intents)
        verdict.findings += golden.findings
        for row in golden.rows where !known.contains(row.intent) {
            verdict.findings.append(
                Finding(
                    .goldenUnknownIntent,
                    .note,
                    line: row.line,
                    "The golden case for \(row.intent) has an intent that the data does not know.",
                    remedy: "Remove the case from golden.csv or add the intent to the data."
                )
            )
        }
        let cases = Contest(golden.rows.filter { known.contains($0.intent) }, challenger, nil)
        let isBroken = !golden.findings.isEmpty
        guard isBroken || !cases.rows.isEmpty else { return }
        verdict.goldenMissed = cases.rows.indices.filter { !cases.challenger[$0].isRight }.map { cases.rows[$0] }
        let missed = verdict.goldenMissed.count
        verdict.checks.append(
            Check(
                name: "golden",
                outcome: missed > 0 ? .fail : isBroken ? .borderline : .pass,
                unit: .count,
                value: Double(cases.rows.count - missed),
                limit: Double(cases.rows.count),
                message: missed > 0
                    ? "\(counted(missed, "golden case is", "golden cases are")) wrong, and every one must be right."
                    : isBroken
                        ? "golden.csv is not understood as a whole; the findings name the lines."
                        : "All golden cases are right."
            )
        )
    }
}

/// Both models' answers to the same rows, each asked once.
struct Contest {
    let rows: [DataRow]
    let challenger: [RowPrediction]
    /// Nil without a champion.
    let champion: [RowPrediction]?

    init(_ rows: [DataRow], _ challenger: Model, _ champion: Model?) {
        let examples = rows.map { Example(text: $0.text, intent: $0.intent) }
        self.rows = rows
        self.challenger = predictions(of: challenger, on: examples)
        self.champion = champion.map { predictions(of: $0, on: examples) }
    }

    /// How the changed ones among some rows fell out.
    func comparison(of indices: some Collection<Int>, with champion: [RowPrediction]) -> PairedComparison {
        PairedComparison(
            gained: indices.count { challenger[$0].isRight && !champion[$0].isRight },
            lost: indices.count { !challenger[$0].isRight && champion[$0].isRight },
            rows: indices.count
        )
    }
}

/// "1 row is", "7 rows are".
func counted(_ count: Int, _ one: String, _ many: String) -> String { "\(count) \(count == 1 ? one : many)" }
