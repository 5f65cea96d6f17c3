// Whether two sets of things are mixed alike.

/// Counts of the same kinds in two samples, such as what was asked in two weeks.
package struct MixComparison: Sendable, Equatable {
    /// Kinds of which fewer are to be expected in one of the samples are taken together, for the approximation's sake.
    private static let leastExpected = 10.0

    /// Half the sum of the differences of the shares, 0…1: the part of one sample that would have to be another kind
    /// for the two to be mixed alike. Chance alone gives small samples of many kinds some.
    package let distance: Double
    /// The probability of a difference at least as clear between samples of one mix: Pearson's chi-square test of
    /// homogeneity. 1 where there is too little to tell.
    package let p: Double

    /// Both of one length.
    package init(_ first: [Int], _ second: [Int]) {
        let (n, m) = (Double(first.reduce(0, +)), Double(second.reduce(0, +)))
        guard n > 0, m > 0 else {
            (distance, p) = (0, 1)
            return
        }
        var difference = 0.0
        var (statistic, kinds) = (0.0, 0)
        var rare = (first: 0.0, second: 0.0)
        let least = Self.leastExpected * (n + m) / min(n, m)
        func add(_ a: Double, _ b: Double) {
            // Of a table with two rows: (a/n − b/m)² over its variance.
            let gap = a / n - b / m
            statistic += gap * gap * n * m / (a + b)
            kinds += 1
        }
        for (a, b) in zip(first, second) {
            let (a, b) = (Double(a), Double(b))
            difference += abs(a / n - b / m)
            if a + b >= least { add(a, b) } else { rare = (rare.first + a, rare.second + b) }
        }
        if rare.first + rare.second >= least { add(rare.first, rare.second) }
        distance = difference / 2
        p = kinds < 2 ? 1 : Portable.incompleteGammaAbove(Double(kinds - 1) / 2, statistic / 2)
    }
}
