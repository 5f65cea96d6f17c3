import Classifier
import Learning
import Statistics
import TestSupport

// What models claim of texts that nobody has seen, beside what is true of such texts.

/// Trains one model for each seed and shape, and counts.
func tellClaims(seeds: Int, only: String? = nil) async throws {
    for shape in [Honesty.Shape.practice, .kiosk, .shop, .bank] where only.map({ "\(shape)".hasPrefix($0) }) ?? true {
        let began = now()
        var tally = HonestyTally()
        for seed in 1...seeds { tally.add(try await Honesty.measure(shape, seed: UInt64(seed), threads: 2)) }
        tell(tally, of: "\(shape), \(seeds) seeds, \(fixed(now() - began, 0)) s")
    }
}

/// Draws a few rows of each intent from split train, for each seed others, trains on them alone, and tries the model on
/// all other rows of train and val. The test rows stay out of it, and so do out-of-scope rows.
func tellFewShots(_ path: String, seeds: Int) async throws {
    let parsed = DataFile.parse(try read(path), format: DataFile.Format.of(path: path))
    guard parsed.usable else { throw VersionBuilder.Failure.unusable(path, parsed.findings) }
    let rows = parsed.rows.filter { $0.split != .test && $0.intent != DataRow.outOfScope }
    let name = path.split(separator: "/").last ?? ""
    for size in [5, 10] {
        let began = now()
        var tally = HonestyTally()
        for seed in 1...seeds {
            var random = SplitMix64(seed: UInt64(seed))
            var order = Array(rows.indices)
            random.shuffle(&order)
            var drawn: [DataRow] = []
            var fresh: [Example] = []
            var counts: [String: Int] = [:]
            for row in order.map({ rows[$0] }) {
                if row.split != .val, counts[row.intent, default: 0] < size {
                    counts[row.intent, default: 0] += 1
                    drawn.append(row)
                } else {
                    fresh.append(Example(text: row.text, intent: row.intent))
                }
            }
            let model = try await Trainer.train(VersionBuilder.lesson(of: drawn).train, threads: 2)
            tally.add(Honesty(of: model, on: fresh))
        }
        tell(tally, of: "\(name), \(size) rows of each intent, \(seeds) seeds, \(fixed(now() - began, 0)) s")
    }
}

private func tell(_ tally: HonestyTally, of what: String) {
    print(what)
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
