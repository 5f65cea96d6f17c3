import Statistics

/// The answer of a model to a text that it was not trained on.
struct HeldOutAnswer: Sendable {
    /// The calibrated confidence; nil if the text would not be answered locally at any threshold.
    var confidence: Float?
    var isRight: Bool
    var isInScope: Bool
    /// The share of one that it counts: all rows of a group together count 1.
    var count: Double
    /// Whether it stands for its group where bounds are computed.
    var isEvidence: Bool
}

/// Searches the threshold from which on answers are given locally.
///
/// A threshold is a promise about the precision of all answers, so it is proven where that is possible: of a fixed grid of
/// 20 coverages the largest at which Clopper and Pearson's lower bound reaches the target, at a level that is shared out
/// over the grid (Bonferroni). A bound needs independent trials. Rows of one group are none, so that one row speaks for
/// each.
///
/// With few groups nothing can be proven, and to answer nothing would help nobody. Then the threshold is estimated: the
/// bound is one-sided at 75 %, and not corrected for the choice. Of many models that are not good enough, some pass such a
/// test by luck, so that the calibrated confidences, which rest on all rows, must say the same. It is called an estimate
/// wherever it is shown.
struct ThresholdSearch {
    private static let grid = 20
    private static let provenLevel = 1 - 0.05 / Double(grid)
    private static let estimatedLevel = 0.75

    private let target: Double
    /// The confidences of in-scope rows, highest first, with what each counts; rows that are not answered are missing.
    private let answered: [(confidence: Float, count: Double)]
    private let inScope: Double
    /// The evidence, surest first.
    private let evidence: [(confidence: Float, isRight: Bool)]
    /// How many groups there are, answered or not.
    private let groups: Int

    init(_ answers: [HeldOutAnswer], target: Double) {
        self.target = target
        inScope = answers.reduce(0) { $0 + ($1.isInScope ? $1.count : 0) }
        answered = answers.compactMap { answer in
            guard answer.isInScope, let confidence = answer.confidence else { return nil }
            return (confidence, answer.count)
        }.sorted { ($0.confidence, $0.count) > ($1.confidence, $1.count) }
        groups = answers.count(where: \.isEvidence)
        evidence = answers.compactMap { answer in
            guard answer.isEvidence, let confidence = answer.confidence else { return nil }
            return (confidence, answer.isRight)
        }.sorted { $0.confidence > $1.confidence }
    }

    /// One of the 20 thresholds.
    private struct Candidate {
        var value: Float
        /// The share of in-scope rows that reach it, 0…1.
        var coverage: Double
        /// Right ones among the groups that are answered.
        var observed: Proportion
        /// The mean confidence of those groups.
        var confidence: Double
    }

    func threshold() -> Threshold {
        let candidates = candidates()
        for candidate in candidates.reversed() {
            let bound = bound(of: candidate.observed, .proven)
            guard bound >= target else { continue }
            return .proven(value: candidate.value, coverage: candidate.coverage, precision: bound)
        }
        for candidate in candidates.reversed() {
            let bound = bound(of: candidate.observed, .estimated)
            guard bound >= target, candidate.confidence >= target else { continue }
            return .estimated(
                value: candidate.value,
                coverage: candidate.coverage,
                precision: bound,
                groupsMissing: missing(candidates, .proven)
            )
        }
        return .unproven(groupsMissing: missing(candidates, .estimated))
    }

    private enum Basis { case proven, estimated }

    /// A lower bound of the precision. An estimate is compared as it is printed, in hundredths of a percent.
    private func bound(of observed: Proportion, _ basis: Basis) -> Double {
        switch basis {
        case .proven: observed.lowerBound(confidence: Self.provenLevel)
        case .estimated: observed.lowerBound(confidence: Self.estimatedLevel).rounded(toPlaces: 4)
        }
    }

    /// The thresholds that leave 5 %, 10 % … 100 % of the in-scope rows answered, as far as they are answered at all.
    private func candidates() -> [Candidate] {
        var candidates: [Candidate] = []
        var (row, covered) = (0, 0.0)
        var (answers, right, sure) = (0, 0, 0.0)
        for step in 1...Self.grid {
            // Sums of shares such as 1/3 miss a round number by a hair.
            let wanted = inScope * Double(step) / Double(Self.grid) - 1e-6
            while row < answered.count, covered < wanted {
                covered += answered[row].count
                row += 1
            }
            guard row > 0, covered >= wanted else { break }
            let value = answered[row - 1].confidence
            while row < answered.count, answered[row].confidence >= value {
                covered += answered[row].count
                row += 1
            }
            while answers < evidence.count, evidence[answers].confidence >= value {
                if evidence[answers].isRight { right += 1 }
                sure += Double(evidence[answers].confidence)
                answers += 1
            }
            let observed = Proportion(successes: right, trials: answers)
            candidates.append(
                Candidate(
                    value: value,
                    coverage: min(1, covered / inScope),
                    observed: observed,
                    confidence: sure / Double(max(answers, 1))
                )
            )
        }
        return candidates
    }

    /// About how many more groups would do: as many as it takes if the share of right answers stays as it is, and where
    /// that is not enough at any threshold, the least number that can do, all of them answered rightly.
    private func missing(_ candidates: [Candidate], _ basis: Basis) -> Int {
        let projected = candidates.compactMap { candidate -> Int? in
            guard let trials = trials(at: candidate.observed, basis) else { return nil }
            let share = Double(candidate.observed.trials) / Double(max(groups, 1))
            return Int((Double(trials) / share).rounded(.up)) - groups
        }.min()
        let least = (candidates.map(\.observed) + [Proportion(successes: 0, trials: 0)])
            .map { errorFree(after: $0, basis) }.min()
        return Self.rounded(max(1, projected ?? least ?? 1))
    }

    /// Two digits are as exact as such a number can be.
    private static func rounded(_ count: Int) -> Int {
        var unit = 1
        while count / unit >= 100 { unit *= 10 }
        return (count + unit - 1) / unit * unit
    }

    /// How many trials with this share of successes reach the target; nil if none do.
    private func trials(at observed: Proportion, _ basis: Basis) -> Int? {
        guard observed.trials > 0, observed.estimate > target else { return nil }
        if observed.successes == observed.trials { return observed.trials + errorFree(after: observed, basis) }
        var trials = Double(observed.trials)
        while trials < 1e9 {
            let successes = Int((trials * observed.estimate).rounded(.down))
            if bound(of: Proportion(successes: successes, trials: Int(trials)), basis) >= target { return Int(trials) }
            // Steps of a twentieth are as exact as such an extrapolation can be.
            trials = max(trials + 1, trials * 1.05)
        }
        return nil
    }

    /// How many more trials reach the target if all of them succeed.
    private func errorFree(after observed: Proportion, _ basis: Basis) -> Int {
        func reaches(_ more: Int) -> Bool {
            let all = Proportion(successes: observed.successes + more, trials: observed.trials + more)
            return bound(of: all, basis) >= target
        }
        var (low, high) = (0, 1)
        while !reaches(high), high < 1 << 30 { (low, high) = (high, high * 2) }
        while high - low > 1 {
            let middle = (low + high) / 2
            if reaches(middle) { high = middle } else { low = middle }
        }
        return high
    }
}
