import Statistics
import Testing

@Suite struct ProportionTests {
    /// Golden values by scipy.stats.beta.ppf: lower and upper at 95 %, lower at 99.75 %.
    @Test(arguments: [
        (0, 1, 0.0, 0.95, 0.0),
        (1, 1, 0.05, 1, 0.0025),
        (0, 10, 0, 0.2588655508930522, 0),
        (5, 10, 0.22244110100812942, 0.7775588989918706, 0.10983482890114862),
        (10, 10, 0.7411344491069478, 1, 0.5492802716530577),
        (95, 100, 0.8977466223567255, 0.9800944363378281, 0.8559400528953272),
        (117, 117, 0.9747204672504487, 1, 0.9500799892769328),
        (980, 1_000, 0.9710698771486013, 0.9867069944654395, 0.9641322477835097),
        (14_500, 15_000, 0.9641544895947387, 0.9690435641681961, 0.9623420577417731),
        (1, 100_000, 5.129328123254258e-07, 4.743775717386053e-05, 2.5031301867901726e-08),
    ])
    func `Clopper and Pearson`(successes: Int, trials: Int, low: Double, high: Double, strict: Double) {
        let proportion = Proportion(successes: successes, trials: trials)
        #expect(isClose(proportion.lowerBound(confidence: 0.95), low, relative: 1e-9))
        #expect(isClose(proportion.upperBound(confidence: 0.95), high, relative: 1e-9))
        #expect(isClose(proportion.lowerBound(confidence: 0.9975), strict, relative: 1e-9))
    }

    @Test func `bounds enclose the share and tighten with more trials`() {
        var last = 1.0
        for n in [10, 100, 1_000, 10_000] {
            let proportion = Proportion(successes: n * 9 / 10, trials: n)
            let low = proportion.lowerBound(confidence: 0.95)
            let high = proportion.upperBound(confidence: 0.95)
            #expect(low < 0.9 && 0.9 < high)
            #expect(high - low < last)
            last = high - low
        }
    }

    @Test func `Wilson's interval`() {
        // statsmodels: proportion_confint(5, 10, method="wilson")
        let half = Proportion(successes: 5, trials: 10).wilson()
        #expect(isClose(half.low, 0.2365930905, relative: 1e-8))
        #expect(isClose(half.high, 0.7634069095, relative: 1e-8))
        #expect(Proportion(successes: 0, trials: 10).wilson().low == 0)
        #expect(Proportion(successes: 10, trials: 10).wilson().high == 1)
        #expect(Proportion(successes: 0, trials: 0).wilson() == (0, 1))
    }

    @Test func `a paired comparison encloses its difference`() {
        let comparison = PairedComparison(gained: 37, lost: 5, rows: 1_000)
        #expect(comparison.difference == 0.032)
        let (low, high) = comparison.interval()
        #expect(low > 0.02 && low < 0.032 && high > 0.032 && high < 0.045)
        let mirrored = PairedComparison(gained: 5, lost: 37, rows: 1_000).interval()
        #expect(isClose(mirrored.low, -high, relative: 1e-12))
        #expect(isClose(mirrored.high, -low, relative: 1e-12))
    }

    @Test func `equal classifiers differ by nothing, and few rows prove nothing`() {
        let (low, high) = PairedComparison(gained: 0, lost: 0, rows: 10_000).interval()
        #expect(low < 0 && low > -0.001 && high > 0 && high < 0.001)
        #expect(PairedComparison(gained: 0, lost: 1, rows: 3).interval().high > 0)
        #expect(PairedComparison(gained: 0, lost: 0, rows: 0).interval() == (-1, 1))
    }

    @Test(arguments: [(0.0, 1.0), (0.25, 1.75), (0.5, 2.5), (0.9, 3.7), (1, 4), (7, 4)])
    func `quantiles lie between neighbours`(q: Double, expected: Double) {
        #expect(isClose(quantile(q, ofSorted: [1, 2, 3, 4]) ?? .nan, expected, relative: 1e-12))
    }

    @Test func `the area under the curve counts ties half`() {
        #expect(areaUnderROC(positives: [3, 4], negatives: [1, 2]) == 1)
        #expect(areaUnderROC(positives: [1, 2], negatives: [3, 4]) == 0)
        #expect(areaUnderROC(positives: [1, 1], negatives: [1]) == 0.5)
        #expect(areaUnderROC(positives: [1, 3], negatives: [2, 3]) == 0.375)
        #expect(areaUnderROC(positives: [], negatives: [1]) == nil)
        #expect(quantile(0.5, ofSorted: []) == nil)
    }
}

@Suite struct SplitMix64Tests {
    /// The published reference sequence for seed 1234567.
    @Test func `the sequence is the published one`() {
        var random = SplitMix64(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect(expected.allSatisfy { $0 == random.next() })
    }

    @Test func `shuffling keeps the elements and depends on the seed alone`() {
        func shuffled(_ seed: UInt64) -> [Int] {
            var values = Array(0..<50)
            var random = SplitMix64(seed: seed)
            random.shuffle(&values)
            return values
        }
        #expect(shuffled(1) == shuffled(1))
        #expect(shuffled(1) != shuffled(2))
        #expect(shuffled(1).sorted() == Array(0..<50))
        var random = SplitMix64(seed: 3)
        for _ in 0..<1_000 {
            #expect((0..<7).contains(random.next(below: 7)))
            #expect((0..<1).contains(random.unit()))
        }
    }
}
