import Classifier
import TestSupport

// What models claim of texts that nobody has seen, beside what is true of such texts.

/// Trains one model for each seed and shape, and counts.
func tellClaims(seeds: Int, only: String? = nil) async throws {
    for shape in [Honesty.Shape.practice, .kiosk, .shop, .bank] where only.map({ "\(shape)".hasPrefix($0) }) ?? true {
        let began = now()
        var tally = HonestyTally()
        for seed in 1...seeds { tally.add(try await Honesty.measure(shape, seed: UInt64(seed), threads: 2)) }
        print("\(shape), \(seeds) seeds, \(fixed(now() - began, 0)) s")
        print("  proven       \(tally.proven), of these broken \(tally.broken) (nominal at most 5 %)")
        let far = fixed(100 * tally.farBelow(0.95), 0)
        let median = fixed(100 * tally.medianOfEstimated, 1)
        print(
            "  estimated    \(tally.estimated.count)"
                + (tally.estimated.isEmpty ? "" : ", true precision p50 \(median) %, \(far) % of them below 92 %")
        )
        print("  unproven     \(tally.unproven)")
        let coverages = tally.runs.map(\.coverage).sorted()
        print("  answered     p50 \(fixed(100 * coverages[coverages.count / 2], 1)) % of fresh texts")
    }
}

/// A threshold and what is claimed of it.
func words(_ threshold: Threshold) -> String {
    func share(_ value: Double) -> String { fixed(100 * value, 1) + " %" }
    return switch threshold {
    case .proven(let value, let coverage, let precision):
        "\(fixed(Double(value), 3)), proven right \(share(precision)) at \(share(coverage))"
    case .estimated(let value, let coverage, let precision, _):
        "\(fixed(Double(value), 3)), estimated right \(share(precision)) at \(share(coverage))"
    case .unproven: "none"
    case .fixed(let value): "\(fixed(Double(value), 3)), as asked for"
    }
}
