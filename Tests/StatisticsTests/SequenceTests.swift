import Statistics
import Testing

@Suite struct `Confidence sequences` {
    private static let alpha = 0.05

    @Test func `of a rate: the ends are where the evidence reaches its limit`() {
        for (successes, trials) in [(0, 1), (1, 1), (3, 7), (50, 100), (99, 100), (0, 5_000), (1_234, 5_000)] {
            let sequence = RateSequence(successes: successes, trials: trials)
            let (low, high) = sequence.interval(alpha: Self.alpha)
            let estimate = sequence.estimate ?? .nan
            #expect(0 <= low && low <= estimate && estimate <= high && high <= 1)
            for end in [low, high] where end > 0 && end < 1 {
                #expect(isClose(sequence.logEvidence(against: end), Portable.log(20), relative: 1e-6))
            }
            // The other side of the coin.
            let mirrored = RateSequence(successes: trials - successes, trials: trials).interval(alpha: Self.alpha)
            #expect(abs(mirrored.low - (1 - high)) < 1e-9 && abs(mirrored.high - (1 - low)) < 1e-9)
            #expect(sequence.interval(alpha: 0.001).low <= low && sequence.interval(alpha: 0.001).high >= high)
        }
        #expect(RateSequence().interval(alpha: 0.05) == (0, 1))
        #expect(RateSequence().estimate == nil)
    }

    @Test(arguments: [(3, 10, 0.5), (80, 100, 0.7), (0, 1, 0.25), (500, 500, 0.99), (0, 300, 0.01)])
    func `of a rate: the evidence is the mixture's likelihood ratio`(successes: Int, trials: Int, p: Double) {
        let evidence = RateSequence(successes: successes, trials: trials).logEvidence(against: p)
        #expect(abs(evidence - Self.rate(successes, trials, p)) < 1e-9)
    }

    /// The predictive probabilities of Jeffreys's mixture, (s + ½)/(n + 1), multiplied up: the same martingale step by step.
    private static func rate(_ successes: Int, _ trials: Int, _ p: Double) -> Double {
        var log = 0.0
        var (s, n) = (0.0, 0.0)
        for trial in 0..<trials {
            let isSuccess = trial < successes
            let predicted = (s + 0.5) / (n + 1)
            log += Portable.log(isSuccess ? predicted / p : (1 - predicted) / (1 - p))
            s += isSuccess ? 1 : 0
            n += 1
        }
        return log
    }

    @Test(arguments: [0.5, 0.9, 0.02])
    func `of a rate cover it at every look, but for the stated share of runs`(p: Double) {
        let runs = 1_000
        var missed = 0
        for seed in 0..<runs {
            var random = SplitMix64(seed: UInt64(seed))
            var sequence = RateSequence()
            for _ in 0..<1_000 {
                sequence.add(random.unit() < p)
                if sequence.logEvidence(against: p) >= Portable.log(1 / Self.alpha) {
                    missed += 1
                    break
                }
            }
        }
        #expect(missed <= mostAlarms(runs: runs, rate: Self.alpha))
        #expect(missed > 0, "a test that never errs is too wide")
    }

    @Test func `of a difference hold what was seen, shrink, and turn with the sign`() {
        var random = SplitMix64(seed: 5)
        var sequence = DifferenceSequence()
        var mirrored = DifferenceSequence()
        #expect(sequence.interval(alpha: Self.alpha) == (-1, 1))
        var widths: [Double] = []
        for count in 1...4_096 {
            let value = (random.unit() < 0.8 ? 1.0 : 0) - Double(random.next(below: 5)) / 4
            sequence.add(value)
            mirrored.add(-value)
            guard count & (count - 1) == 0 else { continue }
            let (low, high) = sequence.interval(alpha: Self.alpha)
            let estimate = sequence.estimate ?? .nan
            #expect(-1 <= low && low <= estimate && estimate <= high && high <= 1)
            let other = mirrored.interval(alpha: Self.alpha)
            #expect(abs(other.low + high) < 1e-9 && abs(other.high + low) < 1e-9)
            for value in [-0.9, -0.2, 0, 0.2, 0.3, 0.9] {
                #expect(sequence.excludes(value, alpha: Self.alpha) == !(low < value && value < high))
            }
            let strict = sequence.interval(alpha: 0.001)
            #expect(strict.low <= low && high <= strict.high)
            widths.append(high - low)
        }
        #expect(widths[12] < widths[9] / 2 && widths[9] < widths[6])
    }

    @Test(arguments: [-1.0, 1, 0])
    func `of a difference that is always the same`(value: Double) {
        var sequence = DifferenceSequence()
        for _ in 0..<500 { sequence.add(value) }
        let (low, high) = sequence.interval(alpha: Self.alpha)
        #expect(low <= value && value <= high && high - low < 0.1)
    }
}

@Suite struct `Simulated experiments` {
    private static let alpha = 0.05

    @Test(arguments: [
        Simulation(), Simulation(probability: 0.1), Simulation(probability: 0.3, local: 0.5, llm: 0.5),
        Simulation(local: 0.97, llm: 0.97), Simulation(probability: 0.9),
    ])
    func `of equal arms, looked at after every answer, raise no more false alarms than stated`(_ arms: Simulation) {
        let runs = 600
        var alarms = 0
        for seed in 0..<runs where arms.run(2_000, alpha: Self.alpha, seed: UInt64(seed)).alarm != nil { alarms += 1 }
        #expect(alarms <= mostAlarms(runs: runs, rate: Self.alpha))
    }

    @Test(arguments: [
        (Simulation(local: 0.7, llm: 0.8), 4_000), (Simulation(probability: 0.1, local: 0.7, llm: 0.8), 12_000),
        (Simulation(probability: 0.3, local: 0.8, llm: 0.7), 5_000), (Simulation(local: 0.5, llm: 0.7), 1_500),
        (Simulation(local: 0.8, llm: 0.84), 20_000),
    ])
    func `of unequal arms find the better one`(_ arms: Simulation, _ answers: Int) {
        var found = 0
        for seed in 0..<100 {
            let outcome = arms.run(answers, alpha: Self.alpha, seed: UInt64(seed))
            if outcome.alarm != nil, outcome.sign * (arms.llm - arms.local) > 0 { found += 1 }
        }
        #expect(found >= 95)
    }

    @Test func `keep the true difference in the interval at every look`() {
        let runs = 300
        var missed = 0
        for seed in 0..<runs {
            let outcome = Simulation(local: 0.7, llm: 0.75).run(1_000, alpha: Self.alpha, seed: UInt64(seed), every: 20)
            if outcome.misses > 0 { missed += 1 }
        }
        #expect(missed <= mostAlarms(runs: runs, rate: Self.alpha))
    }

    @Test func `would raise many false alarms with an interval for one look`() {
        let runs = 300
        var alarms = 0
        for seed in 0..<runs {
            var random = SplitMix64(seed: UInt64(seed))
            var sum = 0.0
            var squares = 0.0
            for count in 1...1_000 {
                let difference = (random.unit() < 0.8 ? 1.0 : 0) - (random.unit() < 0.8 ? 1.0 : 0)
                sum += difference
                squares += difference * difference
                if count >= 30, sum * sum > 1.96 * 1.96 * squares {
                    alarms += 1
                    break
                }
            }
        }
        #expect(alarms > mostAlarms(runs: runs, rate: Self.alpha))
    }

    /// Those who ask with another probability ask harder questions: pooled arms would differ by 0.4 for nothing.
    @Test func `do not take who asks for what the arms do`() {
        let runs = 300
        var alarms = 0
        var pooled = 0.0
        for seed in 0..<runs {
            var random = SplitMix64(seed: UInt64(seed))
            var blocks = MatchedBlocks()
            var sequence = DifferenceSequence()
            var arms = [RateSequence(), RateSequence()]
            var hasAlarm = false
            for _ in 0..<1_000 {
                let isHard = random.unit() < 0.5
                let probability = isHard ? 0.9 : 0.1
                let isLLM = random.unit() < probability
                let isSuccess = random.unit() < (isHard ? 0.4 : 0.9)
                arms[isLLM ? 1 : 0].add(isSuccess)
                guard let value = blocks.add(isSuccess, isSecond: isLLM, probability: probability) else { continue }
                sequence.add(value)
                if sequence.excludes(0, alpha: Self.alpha) { hasAlarm = true }
            }
            if hasAlarm { alarms += 1 }
            pooled += ((arms[1].estimate ?? 0) - (arms[0].estimate ?? 0)) / Double(runs)
        }
        #expect(pooled < -0.3)
        #expect(alarms <= mostAlarms(runs: runs, rate: Self.alpha))
    }

    @Test func `blocks take whole sets, and leave what has no counterpart`() {
        var blocks = MatchedBlocks()
        #expect(blocks.add(true, isSecond: true, probability: 0.5) == nil)
        #expect(blocks.add(true, isSecond: true, probability: 0.5) == nil)
        #expect(blocks.add(false, isSecond: false, probability: 0.2) == nil)
        #expect(blocks.add(false, isSecond: false, probability: 0.5) == 1)
        #expect(blocks.add(true, isSecond: false, probability: 0.5) == 0)
        #expect(blocks.add(true, isSecond: false, probability: 0.5) == nil)
        // Four to one at a fifth.
        #expect(blocks.add(true, isSecond: false, probability: 0.2) == nil)
        #expect(blocks.add(false, isSecond: true, probability: 0.2) == nil)
        #expect(blocks.add(true, isSecond: false, probability: 0.2) == nil)
        #expect(blocks.add(true, isSecond: false, probability: 0.2) == -0.75)
        for _ in 0..<50 { #expect(blocks.add(true, isSecond: true, probability: 1) == nil) }
    }
}

@Suite struct `The test of the assignment` {
    private func run(_ units: Int, seed: UInt64, loses: Double = 0, _ probability: (inout SplitMix64) -> Double)
        -> Double
    {
        var random = SplitMix64(seed: seed)
        var test = AssignmentTest()
        for _ in 0..<units {
            let probability = probability(&random)
            let isLLM = random.unit() < probability
            // Units of the LLM arm that never reach the log.
            if isLLM, random.unit() < loses { continue }
            test.add(isSecond: isLLM, probability: probability)
        }
        return test.p
    }

    @Test func `raises no more false alarms than stated, whatever the probabilities`() {
        let runs = 1_000
        for alpha in [0.05, 0.01] {
            let fixed = (0..<runs).count { run(1_000, seed: UInt64($0)) { _ in 0.5 } <= alpha }
            let varying = (0..<runs).count { run(1_000, seed: UInt64($0)) { $0.unit() } <= alpha }
            #expect(fixed <= mostAlarms(runs: runs, rate: alpha))
            #expect(varying <= mostAlarms(runs: runs, rate: alpha))
        }
    }

    @Test func `finds units that one arm loses`() {
        let tenth = (0..<100).count { run(20_000, seed: UInt64($0), loses: 0.1) { _ in 0.5 } <= 0.01 }
        let third = (0..<100).count { run(3_000, seed: UInt64($0), loses: 0.3) { 0.1 + 0.8 * $0.unit() } <= 0.01 }
        #expect(tenth >= 95)
        #expect(third >= 95)
    }

    @Test func `knows the impossible, and takes the certain for no evidence`() {
        var test = AssignmentTest()
        for _ in 0..<100 { test.add(isSecond: true, probability: 1) }
        #expect(test.p == 1)
        test.add(isSecond: false, probability: 1)
        #expect(test.p == 0)
        #expect(test.units == 101 && test.observed == 100 && test.expected == 101)
    }
}
