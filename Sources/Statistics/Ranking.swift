/// The `q`-quantile (0…1) of ascending values, linear between neighbours (type 7, as NumPy's default). Nil if empty.
package func quantile(_ q: Double, ofSorted values: [Double]) -> Double? {
    guard let last = values.last else { return nil }
    let position = min(max(q, 0), 1) * Double(values.count - 1)
    let index = Int(position)
    guard index + 1 < values.count else { return last }
    return values[index] + (position - Double(index)) * (values[index + 1] - values[index])
}

/// The probability that a random positive scores above a random negative, ties counting half (Mann and Whitney's U).
/// Nil if either side is empty. Scores must not be NaN.
///
///     areaUnderROC(positives: [0.9, 0.4], negatives: [0.5, 0.1])  // 0.75: three of the four pairs are in order
package func areaUnderROC(positives: [Float], negatives: [Float]) -> Double? {
    guard !positives.isEmpty, !negatives.isEmpty else { return nil }
    let positives = positives.sorted()
    let negatives = negatives.sorted()
    var below = 0
    var notAbove = 0
    // Twice the number of wins, so that ties stay whole numbers.
    var doubled = 0
    for score in positives {
        while below < negatives.count, negatives[below] < score { below += 1 }
        while notAbove < negatives.count, negatives[notAbove] <= score { notAbove += 1 }
        doubled += below + notAbove
    }
    return Double(doubled) / (2 * Double(positives.count) * Double(negatives.count))
}

/// The median of ascending values with the ends of two one-sided intervals for it, each at 95 %. The ends are order
/// statistics, so that nothing is assumed about the distribution and a few outliers change nothing. Nil if empty; with
/// fewer than five values the ends are infinite.
package func medianInterval(ofSorted values: [Double]) -> (median: Double, low: Double, high: Double)? {
    guard let median = quantile(0.5, ofSorted: values) else { return nil }
    let count = values.count
    // The highest place whose value lies above the median in at most 5 % of all samples.
    var place = -1
    while place + 1 < count,
        Portable.incompleteBeta(Double(count - place - 1), Double(place + 2), at: 0.5) <= 0.05
    { place += 1 }
    guard place >= 0 else { return (median, -.infinity, .infinity) }
    return (median, values[place], values[count - 1 - place])
}
