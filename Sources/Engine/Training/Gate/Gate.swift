package import Classifier
import Statistics
package import Wire

/// Compares a challenger with the champion on the same locked rows.
///
/// A check fails only when the challenger is proven worse than its margin: even the favourable end of the one-sided
/// paired 95 % interval lies beyond it. It is borderline when only the point estimate does.
package struct Gate: Sendable {
    package enum Outcome: String, Sendable { case pass, borderline, fail }

    package struct Check: Sendable, Equatable {
        package var name: String
        package var outcome: Outcome
        package var value: Double
        package var limit: Double
        package var low: Double?
        package var high: Double?
    }

    package struct Verdict: Sendable, Equatable {
        package var outcome: Outcome
        package var checks: [Check]
        /// Texts of the locked rows that only the challenger gets right, and that only the champion did.
        package var fixed: [DataRow]
        package var broken: [DataRow]
        package var goldenMissed: [DataRow]
        package var findings: [Finding]

        package var json: JSON {
            [
                "verdict": .string(outcome.rawValue),
                "checks": .array(checks.map(\.json)),
                "fixed": Self.sentences(fixed),
                "broken": Self.sentences(broken),
                "golden_missed": Self.sentences(goldenMissed),
                "findings": .array(findings.map(\.json)),
            ]
        }

        private static func sentences(_ rows: [DataRow]) -> JSON {
            .array(rows.prefix(20).map { ["text": .string($0.text), "intent": .string($0.intent)] })
        }
    }

    /// How much worse the accuracy may be, as a share.
    package static let accuracyMargin = 0.005

    private let tests: [DataRow]
    private let golden: [DataRow]

    /// - Parameters:
    ///   - tests: the locked rows; those of intent `oos` take no part in the accuracy.
    ///   - golden: cases that must be right.
    package init(tests: [DataRow], golden: [DataRow]) {
        self.tests = tests.filter { $0.intent != outOfScopeIntent }
        self.golden = golden
    }

    /// - Parameter champion: nil for a first version, which has nobody to be worse than.
    package func verdict(challenger: Model, champion: Model?) -> Verdict {
        var verdict = Verdict(outcome: .pass, checks: [], fixed: [], broken: [], goldenMissed: [], findings: [])
        checkAccuracy(challenger, champion, &verdict)
        checkGolden(challenger, &verdict)
        if verdict.checks.contains(where: { $0.outcome == .fail }) {
            verdict.outcome = .fail
        } else if verdict.checks.contains(where: { $0.outcome == .borderline }) {
            verdict.outcome = .borderline
        }
        return verdict
    }

    private func checkAccuracy(_ challenger: Model, _ champion: Model?, _ verdict: inout Verdict) {
        guard !tests.isEmpty else {
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
        let mine = right(challenger, tests)
        guard let champion else {
            let share = Double(mine.count { $0 }) / Double(tests.count)
            verdict.checks.append(Check(name: "accuracy", outcome: .pass, value: share, limit: 0, low: nil, high: nil))
            return
        }
        let theirs = right(champion, tests)
        for index in tests.indices where mine[index] != theirs[index] {
            if mine[index] { verdict.fixed.append(tests[index]) } else { verdict.broken.append(tests[index]) }
        }
        let comparison = PairedComparison(
            gained: verdict.fixed.count,
            lost: verdict.broken.count,
            rows: tests.count
        )
        let interval = comparison.interval()
        verdict.checks.append(
            Check(
                name: "accuracy",
                outcome: interval.high < -Self.accuracyMargin
                    ? .fail : comparison.difference < -Self.accuracyMargin ? .borderline : .pass,
                value: comparison.difference,
                limit: -Self.accuracyMargin,
                low: interval.low,
                high: interval.high
            )
        )
    }

    private func checkGolden(_ challenger: Model, _ verdict: inout Verdict) {
        let known = Set(challenger.intents)
        for row in golden where !known.contains(row.intent) {
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
        let cases = golden.filter { known.contains($0.intent) }
        guard !cases.isEmpty else { return }
        let outcomes = right(challenger, cases)
        verdict.goldenMissed = cases.indices.filter { !outcomes[$0] }.map { cases[$0] }
        verdict.checks.append(
            Check(
                name: "golden",
                outcome: verdict.goldenMissed.isEmpty ? .pass : .fail,
                value: Double(cases.count - verdict.goldenMissed.count),
                limit: Double(cases.count),
                low: nil,
                high: nil
            )
        )
    }

    private func right(_ model: Model, _ rows: [DataRow]) -> [Bool] {
        var workspace = Workspace()
        return rows.map { row in
            model.intents[model.predict(row.text, top: 1, workspace: &workspace).intent] == row.intent
        }
    }
}

extension Gate.Check {
    package var json: JSON {
        [
            "name": .string(name), "outcome": .string(outcome.rawValue),
            "value": .double(value.rounded(toPlaces: 5)), "limit": .double(limit.rounded(toPlaces: 5)),
            "low": JSON(low?.rounded(toPlaces: 5)), "high": JSON(high?.rounded(toPlaces: 5)),
        ]
    }
}

extension Finding {
    package var json: JSON {
        [
            "code": .string(code), "severity": .string(severity.rawValue), "line": JSON(line),
            "message": .string(message), "remedy": .string(remedy),
        ]
    }
}
