import Statistics

/// Fits temperature, scope cut and threshold on held-out rows. Every held-out row counts once, whatever its weight.
///
/// The threshold is a promise about the precision of local answers, so it is proven and not just estimated: the lowest one
/// of a fixed grid whose lower confidence bound reaches the target, at a level that is shared out over the grid.
struct Calibrator {
    let heldOut: HeldOut
    let classes: Int
    let settings: Settings

    func fit() -> Calibration {
        var calibration = Calibration(
            temperature: temperature(),
            knownWords: ScopeScore.knownWords,
            knownCharacters: ScopeScore.knownCharacters,
            outOfScopeCut: -.greatestFiniteMagnitude
        )
        calibration.outOfScopeCut = cut(calibration)
        calibration.threshold = settings.threshold.map { .fixed(Float($0)) } ?? threshold(calibration)
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
            for (index, row) in heldOut.rows.enumerated() where row.label >= 0 {
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
                slope += Double(mean - own)
                curvature += Double(Portable.sum(second) / total - mean * mean)
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
        let scores = heldOut.rows.filter { $0.label >= 0 }.map { ScopeScore.score($0, calibration) }.sorted()
        guard !scores.isEmpty else { return -.greatestFiniteMagnitude }
        return scores[min(scores.count - 1, Int(Double(scores.count) * (1 - settings.inScopeShare)))]
    }

    /// The lowest of 20 thresholds, which leave 5 % to 100 % of the in-scope rows answered, at which the precision of all
    /// answers is proven by Clopper and Pearson's lower bound, at a level that holds for all 20 at once (Bonferroni).
    private func threshold(_ calibration: Calibration) -> Threshold {
        var answers: [(confidence: Float, right: Bool)] = []
        var inScope: [Float] = []
        for (index, row) in heldOut.rows.enumerated() {
            let confidence = self.confidence(of: index, temperature: calibration.temperature)
            let answered = ScopeScore.score(row, calibration) >= calibration.outOfScopeCut
            if row.label >= 0 { inScope.append(answered ? confidence : -1) }
            if answered { answers.append((confidence, row.label == row.best)) }
        }
        inScope.sort(by: >)
        answers.sort { $0.confidence > $1.confidence }
        let grid = 20
        let level = 1 - 0.05 / Double(grid)
        var needed = Int.max
        var proven: Threshold?
        var answered = 0
        var right = 0
        for step in 1...grid {
            // This threshold leaves `count` in-scope rows answered.
            let count = (inScope.count * step + grid - 1) / grid
            guard count > 0, inScope[count - 1] >= 0 else { continue }
            let value = inScope[count - 1]
            while answered < answers.count, answers[answered].confidence >= value {
                if answers[answered].right { right += 1 }
                answered += 1
            }
            let proportion = Proportion(successes: right, trials: answered)
            let bound = proportion.lowerBound(confidence: level)
            if bound >= settings.targetPrecision {
                let covered = inScope.reduce(0) { $0 + ($1 >= value ? 1 : 0) }
                proven = .proven(
                    value: value,
                    coverage: Double(covered) / Double(inScope.count),
                    precision: bound
                )
            } else {
                needed = min(needed, rowsNeeded(proportion, level: level))
            }
        }
        if let proven { return proven }
        // Where no number of such answers would do, the count is that of answers without an error.
        return .unproven(rowsNeeded: needed == .max ? Self.errorFreeRows(settings.targetPrecision, level) : needed)
    }

    /// The number of calibration rows that would prove the target if the share of right answers stayed as it is; at least
    /// one more than there are. `Int.max` if that share does not exceed the target.
    private func rowsNeeded(_ observed: Proportion, level: Double) -> Int {
        let target = settings.targetPrecision
        let share = Double(observed.trials) / Double(max(heldOut.rows.count, 1))
        guard share > 0 else { return .max }
        var answers = Double(Self.errorFreeRows(target, level))
        if observed.estimate > target, observed.successes < observed.trials {
            // Steps of a tenth are as exact as such an extrapolation can be.
            while answers < 1e9 {
                let trials = Int(answers)
                let successes = Int((Double(trials) * observed.estimate).rounded(.down))
                if Proportion(successes: successes, trials: trials).lowerBound(confidence: level) >= target { break }
                answers *= 1.1
            }
        } else if observed.estimate <= target, observed.trials > 0 {
            return .max
        }
        return max(heldOut.rows.count + 1, Int((answers / share).rounded(.up)))
    }

    /// The number of answers that prove the target if all of them are right: the least n with target^n ≤ 1 − level.
    private static func errorFreeRows(_ target: Double, _ level: Double) -> Int {
        Int((Portable.log(1 - level) / Portable.log(target)).rounded(.up))
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
