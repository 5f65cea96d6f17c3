import Statistics
import Testing

@testable import Classifier

@Suite struct ThresholdSearchTests {
    /// Answers of `groups` groups with `rows` rows each; the first `wrong` groups by confidence from below are wrong.
    private func answers(
        groups: Int,
        rows: Int = 1,
        wrong: Int = 0,
        from least: Float = 0.9375
    ) -> [HeldOutAnswer] {
        (0..<groups).flatMap { group in
            (0..<rows).map { row in
                HeldOutAnswer(
                    confidence: least + (1 - least) * Float(group) / Float(groups),
                    isRight: group >= wrong,
                    isInScope: true,
                    count: 1 / Double(rows),
                    isEvidence: row == 0
                )
            }
        }
    }

    private func threshold(_ answers: [HeldOutAnswer], target: Double = 0.95) -> Threshold {
        ThresholdSearch(answers, target: target).threshold()
    }

    @Test func `27 groups without an error are the fewest that give an estimate at 95 %`() {
        #expect(threshold(answers(groups: 26)) == .unproven(groupsMissing: 1))
        guard case .estimated(let value, let coverage, let precision, let missing) = threshold(answers(groups: 27))
        else {
            Issue.record("27 groups gave no estimate")
            return
        }
        #expect(value == 0.9375)
        #expect(coverage == 1)
        #expect(precision == 0.95)
        // 117 without an error prove it: 0.95^117 ≤ 0.05 / 20.
        #expect(missing == 90)
    }

    @Test func `what is right by luck, with confidences that are too low, gives no estimate`() {
        #expect(threshold(answers(groups: 60, from: 0.75)).value == nil)
    }

    @Test func `117 groups without an error are the fewest that prove 95 %`() {
        guard case .estimated(_, _, _, let missing) = threshold(answers(groups: 116)) else {
            Issue.record("116 groups proved a threshold")
            return
        }
        #expect(missing == 1)
        guard case .proven(let value, let coverage, let precision) = threshold(answers(groups: 117)) else {
            Issue.record("117 groups proved nothing")
            return
        }
        #expect(value == 0.9375 && coverage == 1 && precision >= 0.95)
    }

    @Test(arguments: [1, 2, 20, 500])
    func `rows of one group count once, however many they are`(rows: Int) {
        for (groups, wrong) in [(26, 0), (80, 0), (300, 20)] {
            let (many, one) = (answers(groups: groups, rows: rows, wrong: wrong), answers(groups: groups, wrong: wrong))
            #expect("\(rounded(threshold(many)))" == "\(rounded(threshold(one)))")
        }
    }

    /// A threshold whose coverage is rounded: sums of thirds miss a round number by a hair.
    private func rounded(_ threshold: Threshold) -> Threshold {
        switch threshold {
        case .proven(let value, let coverage, let precision):
            .proven(value: value, coverage: coverage.rounded(toPlaces: 6), precision: precision)
        case .estimated(let value, let coverage, let precision, let missing):
            .estimated(
                value: value,
                coverage: coverage.rounded(toPlaces: 6),
                precision: precision,
                groupsMissing: missing
            )
        case .unproven, .fixed: threshold
        }
    }

    @Test func `the largest coverage is taken whose bound reaches the target`() {
        // The surest 90 % are right, and the others wrong.
        guard case .proven(_, let coverage, let precision) = threshold(answers(groups: 1_000, wrong: 100)) else {
            Issue.record("nothing was proven")
            return
        }
        #expect(abs(coverage - 0.9) < 1e-9)
        #expect(precision > 0.99)
    }

    @Test func `where too much is wrong, what is missing is at least what right answers alone would need`() {
        // Half of the answers are wrong at every confidence: no number of such groups would do.
        let mixed = answers(groups: 200).enumerated().map { index, answer in
            var answer = answer
            answer.isRight = index % 2 == 0
            return answer
        }
        guard case .unproven(.some(let missing)) = threshold(mixed) else {
            Issue.record("it answers although half is wrong")
            return
        }
        #expect(missing >= 27)
        #expect(threshold([]) == .unproven(groupsMissing: 27))
    }

    @Test func `rows that are never answered are no evidence, and hold back the coverage`() {
        let silent = answers(groups: 100).map { answer in
            var answer = answer
            answer.confidence = nil
            return answer
        }
        guard case .proven(_, let coverage, _) = threshold(answers(groups: 300) + silent) else {
            Issue.record("nothing was proven")
            return
        }
        #expect(abs(coverage - 0.75) < 1e-9)
    }
}
