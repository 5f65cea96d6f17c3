import Statistics

/// Answers of an experiment, one after the other, with a look after each.
struct Simulation {
    /// Of the LLM arm.
    var probability = 0.5
    var local = 0.8
    var llm = 0.8

    /// Where the difference's interval first excludes 0, and what it is then and at the end.
    struct Outcome {
        var alarm: Int?
        var sign = 0.0
        /// Looks whose interval did not hold the true difference.
        var misses = 0
    }

    /// - Parameter every: how often the whole interval is looked at; whether it excludes 0, after every answer.
    func run(_ answers: Int, alpha: Double, seed: UInt64, every: Int = .max) -> Outcome {
        var random = SplitMix64(seed: seed)
        var blocks = MatchedBlocks()
        var sequence = DifferenceSequence()
        var outcome = Outcome()
        for answer in 1...answers {
            let isLLM = random.unit() < probability
            let isSuccess = random.unit() < (isLLM ? llm : local)
            guard let difference = blocks.add(isSuccess, isSecond: isLLM, probability: probability) else { continue }
            sequence.add(difference)
            if outcome.alarm == nil, sequence.excludes(0, alpha: alpha) {
                outcome.alarm = answer
                outcome.sign = sequence.estimate ?? 0
                if every == .max { break }
            }
            if answer.isMultiple(of: every) {
                let (low, high) = sequence.interval(alpha: alpha)
                if !(low...high).contains(llm - local) { outcome.misses += 1 }
            }
        }
        return outcome
    }
}

/// The most false alarms that `runs` runs may show if each raises one with probability `rate`, and only one test in a
/// million should fail by chance: the binomial distribution's upper quantile.
func mostAlarms(runs: Int, rate: Double) -> Int {
    var alarms = 0
    while Portable.incompleteBeta(Double(alarms + 1), Double(runs - alarms), at: rate) > 1e-6 { alarms += 1 }
    return alarms
}
