/// Compares the counts of the same kinds in two samples, such as the intents asked for in two weeks.
///
///     let comparison = MixComparison([50, 30, 20], [30, 30, 40])
///     comparison.distance  // 0.2: a fifth of the questions moved to another intent
///     comparison.p         // 0.003: chance alone hardly does that
package struct MixComparison: Sendable, Equatable {
    /// Kinds with a lower expected count in one of the samples are pooled, since the chi-square approximation needs
    /// counts that are not small.
    private static let leastExpected = 10.0

    /// The total variation distance, 0…1: half the sum of the differences of the shares, which is the part of one
    /// sample that would have to be of another kind for the two to be mixed alike. Small samples of many kinds differ
    /// by chance alone.
    package let distance: Double
    /// The probability of a difference at least as clear between samples of one mix: Pearson's chi-square test of
    /// homogeneity. 1 if the counts are too small to tell.
    package let p: Double

    /// - Parameters:
    ///   - first: the count of each kind in one sample.
    ///   - second: the counts of the same kinds, in the same order, in the other.
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
            // A table with two rows has (a/n − b/m)² over its variance for each column.
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
