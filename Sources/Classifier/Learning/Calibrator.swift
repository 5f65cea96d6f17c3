import Statistics

/// Fits temperature, scope cut and threshold on held-out rows. The unit of evidence is the group (see ``Folds``): the rows
/// of one group together count once, whatever their number and weights.
struct Calibrator {
    private let heldOut: HeldOut
    private let classes: Int
    private let withheld: [Bool]
    private let settings: Settings
    /// The weight of each row: 1 / the number of rows in its group, so that every group weighs 1; 0 for rows left out.
    private let counts: [Double]

    /// - Parameters:
    ///   - groups: how many groups each class has to learn from. Rows of a class with one group are left out: where it is
    ///     held out, nothing is known of its class.
    ///   - withheld: whether answers of a class are not given locally, whatever their confidence.
    init(heldOut: HeldOut, groups: [Int], withheld: [Bool], settings: Settings) {
        var sizes: [Int32: Double] = [:]
        func isKept(_ row: HeldOutRow) -> Bool { row.label < 0 || groups[Int(row.label)] > 1 }
        for row in heldOut.rows where isKept(row) { sizes[row.group, default: 0] += 1 }
        (self.heldOut, classes, self.withheld, self.settings) = (heldOut, groups.count, withheld, settings)
        counts = heldOut.rows.map { isKept($0) ? 1 / (sizes[$0.group] ?? 1) : 0 }
    }

    func fit() -> Calibration {
        var calibration = Calibration(
            temperature: temperature(),
            knownWords: ScopeScore.knownWords,
            knownCharacters: ScopeScore.knownCharacters,
            outOfScopeCut: -.greatestFiniteMagnitude
        )
        calibration.outOfScopeCut = cut(calibration)
        calibration.threshold =
            settings.threshold.map { .fixed(Float($0)) }
            ?? ThresholdSearch(answers(calibration), target: settings.targetPrecision).threshold()
        return calibration
    }

    /// The temperature with the least negative log-likelihood of the in-scope rows (Guo et al., 2017), by Newton's method
    /// on its inverse, in which the negative log-likelihood is convex. It is kept in 0.1…10, since with few rows the
    /// minimum can lie anywhere.
    private func temperature() -> Float {
        let chunks = (classes + 7) / 8
        var inverse: Float = 1
        for _ in 0..<20 {
            var slope = 0.0
            var curvature = 0.0
            for (index, row) in heldOut.rows.enumerated() where row.label >= 0 && counts[index] > 0 {
                var sum = Float8(repeating: 0)
                var first = Float8(repeating: 0)
                var second = Float8(repeating: 0)
                for c in 0..<chunks {
                    let d = heldOut.scores[index * chunks + c] - row.score
                    var p = Portable.exp(d * inverse)
                    if c == chunks - 1 {
                        for lane in 0..<8 where c * 8 + lane >= classes { p[lane] = 0 }
                    }
                    sum += p
                    first += p * d
                    second += p * d * d
                }
                let total = Portable.sum(sum)
                let mean = Portable.sum(first) / total
                let label = Int(row.label)
                let own = heldOut.scores[index * chunks + label / 8][label % 8] - row.score
                slope += counts[index] * Double(mean - own)
                curvature += counts[index] * Double(Portable.sum(second) / total - mean * mean)
            }
            guard curvature > 0 else { break }
            let next = min(max(inverse - Float(slope / curvature), inverse / 2, 0.1), inverse * 2, 10)
            let change = abs(next - inverse)
            inverse = next
            if change < 1e-5 * inverse { break }
        }
        return 1 / inverse
    }

    /// The scope score that `inScopeShare` of the in-scope rows reach.
    private func cut(_ calibration: Calibration) -> Float {
        var scores: [(score: Float, count: Double)] = []
        for (row, count) in zip(heldOut.rows, counts) where row.label >= 0 && count > 0 {
            scores.append((ScopeScore.score(row, calibration), count))
        }
        scores.sort { ($0.score, $0.count) < ($1.score, $1.count) }
        var below = scores.reduce(0) { $0 + $1.count } * (1 - settings.inScopeShare)
        for (score, count) in scores {
            below -= count
            if below < 0 { return score }
        }
        return scores.last?.score ?? -.greatestFiniteMagnitude
    }

    /// Returns the answer to each held-out row. A fixed hash draws one row of each group to stand for it as evidence.
    private func answers(_ calibration: Calibration) -> [HeldOutAnswer] {
        var drawn: [Int32: (hash: UInt64, index: Int)] = [:]
        let kept = heldOut.rows.indices.filter { counts[$0] > 0 }
        for (place, index) in kept.enumerated() {
            let draw = (hash: SplitMix64.mix(UInt64(place)), index: index)
            let group = heldOut.rows[index].group
            if drawn[group].map({ draw < $0 }) ?? true { drawn[group] = draw }
        }
        return kept.map { index in
            let row = heldOut.rows[index]
            let isAnswered =
                ScopeScore.score(row, calibration) >= calibration.outOfScopeCut && !withheld[Int(row.best)]
            return HeldOutAnswer(
                confidence: isAnswered ? confidence(of: index, temperature: calibration.temperature) : nil,
                isRight: row.label == row.best,
                isInScope: row.label >= 0,
                count: counts[index],
                isEvidence: drawn[row.group]?.index == index
            )
        }
    }

    private func confidence(of index: Int, temperature: Float) -> Float {
        let chunks = (classes + 7) / 8
        let row = heldOut.rows[index]
        // The same operations in the same order as in `Softmax.fill`, so that the result is equal to the last bit.
        let inverse = 1 / temperature
        var sum = Float8(repeating: 0)
        for c in 0..<chunks {
            var p = Portable.exp((heldOut.scores[index * chunks + c] - row.score) * inverse)
            if c == chunks - 1 {
                for lane in 0..<8 where c * 8 + lane >= classes { p[lane] = 0 }
            }
            sum += p
        }
        return 1 * (1 / Portable.sum(sum))
    }
}

/// Scores how much a text looks like the training texts: the highest class score, plus the weighted shares of its n-grams
/// that are known. (Ranking by the highest score beats ranking by probability, which forgets how large all scores are.)
enum ScopeScore {
    static let knownWords: Float = 4
    static let knownCharacters: Float = 8

    static func score(_ row: HeldOutRow, _ calibration: Calibration) -> Float {
        row.score + calibration.knownWords * row.known.x + calibration.knownCharacters * row.known.y
    }
}
