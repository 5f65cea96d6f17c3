import Statistics
import Testing

/// What the comparison of two versions rests on.
@Suite struct ComparisonTests {
    /// Golden values by scipy.stats.binomtest(lost, gained + lost, 0.5, alternative="greater").
    @Test(arguments: [(0, 5, 0.03125), (2, 9, 0.03271484375), (3, 3, 0.65625), (10, 30, 0.0011107168866146822)])
    func `the exact paired test`(gained: Int, lost: Int, probability: Double) {
        let comparison = PairedComparison(gained: gained, lost: lost, rows: 100)
        #expect(isClose(comparison.probabilityIfNotWorse, probability, relative: 1e-9))
        #expect(comparison.leastProbability <= probability)
    }

    @Test func `nothing lost proves nothing`() {
        #expect(PairedComparison(gained: 4, lost: 0, rows: 10).probabilityIfNotWorse == 1)
        #expect(PairedComparison(gained: 0, lost: 0, rows: 10).leastProbability == 1)
        #expect(PairedComparison(gained: 0, lost: 4, rows: 10).upperEnd(level: 0.05) == 0)
        #expect(PairedComparison(gained: 0, lost: 5, rows: 10).upperEnd(level: 0.05) < -0.05)
    }

    /// scipy.stats.norm.ppf
    @Test(arguments: [
        (0.95, 1.6448536269514722), (0.5, 0), (0.025, -1.9599639845400545), (1 - 0.05 / 38, 3.0077865564732638),
    ])
    func `normal quantiles`(probability: Double, expected: Double) {
        #expect(abs(Portable.normalQuantile(probability) - expected) < 1e-9)
        #expect(abs(Portable.normal(expected) - probability) < 1e-12)
    }

    /// Intents with ten rows each: `lost` of them wrong now.
    private func refuted(_ lost: [Int]) -> [Bool] {
        let comparisons = lost.map { PairedComparison(gained: 0, lost: $0, rows: 10) }
        return StepDown.decide(least: comparisons.map(\.leastProbability)) {
            comparisons[$0].isWorse(byMoreThan: 0.05, level: $1)
        }.refuted
    }

    @Test func `one broken among many is found with ten rows, and so are several`() {
        let calm = [Int](repeating: 1, count: 37)
        for lost in [6, 8, 10] { #expect(refuted(calm + [lost]) == calm.map { _ in false } + [true]) }
        #expect(refuted([9, 9, 9, 9, 9] + calm).prefix(5).allSatisfy { $0 })
        // Each of 38 lost a little: with so many, some do.
        #expect(!refuted([Int](repeating: 2, count: 38)).contains(true))
        #expect(!refuted(calm + [4]).contains(true))
        #expect(refuted([]) == [])
    }

    /// 38 intents of which none is worse: each changed row falls to either side by chance.
    @Test func `a harmless change is refuted as seldom as promised`() {
        var random = SplitMix64(seed: 11)
        var errors = 0
        for _ in 0..<2_000 {
            let comparisons = (0..<38).map { _ in
                var (gained, lost) = (0, 0)
                for _ in 0..<30 where random.unit() < 0.3 {
                    if random.unit() < 0.5 { gained += 1 } else { lost += 1 }
                }
                return PairedComparison(gained: gained, lost: lost, rows: 30)
            }
            let decision = StepDown.decide(least: comparisons.map(\.leastProbability)) {
                comparisons[$0].isWorse(byMoreThan: 0.05, level: $1)
            }
            if decision.refuted.contains(true) { errors += 1 }
        }
        // At most 5 %, and three standard errors.
        #expect(errors <= 130, "\(errors) of 2000")
    }

    /// Areas by sklearn.metrics.roc_auc_score; difference and error by MLstatkit's Delong_test, an independent
    /// implementation, on the same numbers.
    @Test func `DeLong's comparison of two areas`() throws {
        let positives: [(Float, Float)] = [
            (7, 9), (5, 5), (9, 6), (8, 8), (6, 4), (9, 9), (4, 7), (8, 5), (3, 6), (7, 7), (9, 8), (6, 6),
        ]
        let negatives: [(Float, Float)] = [
            (2, 1), (5, 6), (3, 3), (4, 7), (1, 2), (6, 5), (2, 4), (5, 1), (3, 8),
        ]
        func pairs(_ rows: [(Float, Float)]) -> [RankingComparison.Pair] { rows.map { .init(new: $0.0, old: $0.1) } }
        let comparison = try #require(RankingComparison(positives: pairs(positives), negatives: pairs(negatives)))
        #expect(isClose(comparison.difference, 0.8935185185185185 - 0.7870370370370371, relative: 1e-12))
        #expect(isClose(comparison.standardError, 0.013887914640229456.squareRoot(), relative: 1e-12))
        #expect(comparison.interval().low < 0 && comparison.interval().high > 0.2)
        // A score beside itself differs by nothing, for certain.
        let same = positives.map { RankingComparison.Pair(new: $0.0, old: $0.0) }
        let none = try #require(RankingComparison(positives: same, negatives: same))
        #expect(none.difference == 0 && none.standardError == 0)
        #expect(RankingComparison(positives: pairs(positives), negatives: []) == nil)
    }

    @Test func `a calibration that was ruined is told from one that was not`() {
        var random = SplitMix64(seed: 3)
        var (honest, sure, other):
            ([CalibrationComparison.Answer], [CalibrationComparison.Answer], [CalibrationComparison.Answer]) = (
                [], [], []
            )
        for _ in 0..<600 {
            let confidence = 0.5 + random.unit() / 2
            let isRight = random.unit() < confidence
            honest.append(.init(confidence: confidence, isRight: isRight))
            sure.append(.init(confidence: 0.99, isRight: isRight))
            other.append(.init(confidence: min(1, confidence + 0.01 * random.unit()), isRight: isRight))
        }
        let ruined = CalibrationComparison(new: sure, old: honest)
        #expect(isClose(ruined.difference, ruined.new - ruined.old, relative: 1e-12))
        #expect(ruined.interval().low > 0.1 && ruined.interval().high < 0.4)
        let calm = CalibrationComparison(new: other, old: honest)
        #expect(calm.interval().low < 0.02 && calm.interval().high < 0.05)
        #expect(calm == CalibrationComparison(new: other, old: honest))
        #expect(CalibrationComparison(new: honest, old: honest).interval() == (0, 0))
    }

    @Test func `a median and its bounds do not heed outliers`() throws {
        let values = (0..<31).map { $0 < 9 ? 1_000 : 1 + Double($0) / 1_000 }.sorted()
        let found = try #require(medianInterval(ofSorted: values))
        #expect(found.low <= found.median && found.median <= found.high)
        #expect(found.median < 1.1)
        // scipy.stats.binom.cdf(10, 31, 0.5) = 0.0354, cdf(11) = 0.0748
        #expect(found.low == values[10] && found.high == values[20])
        #expect(medianInterval(ofSorted: [1, 2, 3])?.low == -.infinity)
        #expect(medianInterval(ofSorted: []) == nil)
    }
}
