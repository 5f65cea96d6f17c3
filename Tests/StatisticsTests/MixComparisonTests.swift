import Statistics
import Testing

@Suite struct `A comparison of two mixes` {
    @Test func `has the chi-square distribution's tails`() {
        // scipy.stats.chi2.sf
        let known: [(x: Double, degrees: Double, p: Double)] = [
            (3.841458820694124, 1, 0.05), (0.5, 1, 0.47950012218695337), (15, 1, 0.00010751117672950066),
            (18.307038053275146, 10, 0.05), (60, 25, 0.00010455486131526446), (5, 25, 0.9999944681827811),
        ]
        for (x, degrees, p) in known {
            let found = Portable.incompleteGammaAbove(degrees / 2, x / 2)
            #expect(abs(found / p - 1) < 1e-9, "\(x) at \(degrees): \(found)")
        }
        #expect(Portable.incompleteGammaAbove(3, 0) == 1)
        #expect(Portable.incompleteGammaAbove(3, .infinity) == 0)
    }

    @Test func `agrees with Pearson's test of a table`() {
        // scipy.stats.chi2_contingency([[30, 50, 20], [60, 60, 80]]): 13.2272…
        let comparison = MixComparison([30, 50, 20], [60, 60, 80])
        #expect(abs(comparison.p - Portable.incompleteGammaAbove(1, Self.pearson / 2)) < 1e-12)
        #expect(abs(comparison.distance - 0.2) < 1e-12)
    }

    /// Σ (observed − expected)²/expected, written out.
    private static var pearson: Double {
        let table: [[Double]] = [[30, 50, 20], [60, 60, 80]]
        var sum = 0.0
        for row in table {
            let whole = row.reduce(0, +)
            for (column, observed) in row.enumerated() {
                let expected = whole * (table[0][column] + table[1][column]) / 300
                sum += (observed - expected) * (observed - expected) / expected
            }
        }
        return sum
    }

    @Test func `says nothing of too little`() {
        #expect(MixComparison([], []).p == 1)
        #expect(MixComparison([5, 5], [0, 0]).p == 1)
        #expect(MixComparison([3, 0], [0, 3]).p == 1)
        #expect(MixComparison([100, 0], [100, 0]).p == 1)
        #expect(MixComparison([300, 0], [0, 300]).distance == 1)
    }

    @Test func `takes rare kinds together`() {
        // Forty kinds that come three times each in one sample only: none by itself, all together.
        let one = [1_000] + [Int](repeating: 0, count: 40)
        let other = [1_000] + [Int](repeating: 3, count: 40)
        #expect(MixComparison(one, other).p < 1e-10)
    }
}
