import Testing
import Wire

@testable import Classifier
@testable import Learning

@Suite struct `A promise and the test rows` {
    /// Figures as a test with these counts would give them.
    private func evaluation(
        inScope: Int,
        answered: Int,
        right: Int,
        intents: [Evaluation.Intent] = []
    ) -> Evaluation {
        Evaluation(
            rows: inScope,
            inScopeRows: inScope,
            accuracy: 0,
            macroF1: 0,
            ece: 0,
            nll: 0,
            threshold: 0.9,
            coverage: Double(answered) / Double(inScope),
            answered: answered,
            answeredRight: right,
            intents: intents,
            confusions: [],
            riskCoverage: []
        )
    }

    private func intent(_ name: String, recall: Double, rows: Int = 20) -> Evaluation.Intent {
        Evaluation.Intent(intent: name, precision: 1, recall: recall, f1: recall, support: rows)
    }

    private static let proven = Threshold.proven(value: 0.9, coverage: 0.75, precision: 0.964)

    @Test func `that is kept is not spoken of`() {
        let good = evaluation(inScope: 400, answered: 300, right: 295, intents: [intent("a", recall: 0.9)])
        #expect(PromiseCheck.findings(of: Self.proven, good) == [])
        // A few points less may be chance, or other texts.
        #expect(PromiseCheck.findings(of: Self.proven, evaluation(inScope: 400, answered: 280, right: 268)) == [])
    }

    @Test func `that is broken is told, the loudest first, with what helps`() {
        let bad = evaluation(
            inScope: 400,
            answered: 72,
            right: 60,
            intents: [
                intent("late", recall: 0.49), intent("fine", recall: 0.9), intent("pain", recall: 0),
                intent("rare", recall: 1, rows: 3),
            ]
        )
        let found = PromiseCheck.findings(of: Self.proven, bad)
        #expect(found.map(\.code) == ["promise_broken", "promise_broken", "low_recall", "few_test_rows"])
        #expect(
            found.map(\.message) == [
                "Of the test rows that it answers by itself only 83.3 % are right (60 of 72), though at least 96.4 % are proven.",
                "It answers 18.0 % of the test rows by itself, though about 75.0 % were expected.",
                "2 intents are recognised in less than half of their test rows: pain (0.0 %), late (49.0 %).",
                "1 intent has fewer than 10 test rows, which measure little: rare.",
            ]
        )
        #expect(
            found[0].remedy == "Write more templates, or sentences in other words: more rows of the same do not help."
        )
        #expect(found.map(\.severity) == [.warning, .warning, .warning, .note])
    }

    @Test func `is held against an estimate too, and nothing is promised without one`() {
        let bad = evaluation(inScope: 400, answered: 72, right: 60)
        let estimated = Threshold.estimated(value: 0.9, coverage: 0.2, precision: 0.951, groupsMissing: 90)
        #expect(
            PromiseCheck.findings(of: estimated, bad).map(\.message) == [
                "Of the test rows that it answers by itself only 83.3 % are right (60 of 72), though at least 95.1 % are estimated."
            ]
        )
        #expect(PromiseCheck.findings(of: .unproven(groupsMissing: 10), bad) == [])
        #expect(PromiseCheck.findings(of: .fixed(0.9), bad) == [])
    }

    @Test func `is reported with the figures`() {
        let report = evaluation(inScope: 400, answered: 72, right: 60).report(on: Self.proven)
        #expect(report.json["findings"]?.array?.count == 2)
        #expect(report.json["findings"]?.array?.compactMap(Finding.init).map(\.code) == report.findings.map(\.code))
    }
}
