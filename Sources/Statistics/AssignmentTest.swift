/// A sequential test for a sample-ratio mismatch: were the units really drawn with the probabilities that were written
/// down? It may be looked at after every unit, and the probabilities may differ from unit to unit.
///
/// Against the claim stand alternatives that multiply every unit's odds by e^θ, for a fixed grid of θ of both signs; the
/// mean of their likelihood ratios is a martingale that starts at 1 if the claim holds, and ever reaches 1/α with
/// probability ≤ α (Ville's inequality). Lindon and Malek 2022, "Anytime-valid inference for multinomial count data"
/// (NeurIPS), with a mixture that needs no constant probabilities.
package struct AssignmentTest: Sendable {
    private static let shifts: [Double] = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2].flatMap { [$0, -$0] }
    private static let factors = shifts.map { Portable.exp($0) }

    private var logRatios = [Double](repeating: 0, count: shifts.count)
    private var greatest = 0.0
    package private(set) var units = 0
    /// The number of units in the second arm.
    package private(set) var observed = 0
    /// The expected value of `observed`: the sum of the units' probabilities.
    package private(set) var expected = 0.0

    package init() {}

    /// Counts one unit.
    ///
    /// - Parameters:
    ///   - isSecond: whether the unit is in the second arm.
    ///   - probability: the probability, 0…1, with which the second arm was to be drawn for this unit.
    package mutating func add(isSecond: Bool, probability: Double) {
        units += 1
        observed += isSecond ? 1 : 0
        expected += probability
        // What was impossible happened: no bet is needed to know.
        if probability == (isSecond ? 0 : 1) { greatest = .infinity }
        guard probability > 0, probability < 1 else { return }
        for (index, factor) in Self.factors.enumerated() {
            let scale = 1 - probability + probability * factor
            logRatios[index] += Portable.log((isSecond ? factor : 1) / scale)
        }
        greatest = max(greatest, logMean(logRatios))
    }

    /// An always-valid p-value, 0…1: if the claim holds, it ever falls to α or below with probability ≤ α.
    package var p: Double { Portable.exp(-greatest) }
}
