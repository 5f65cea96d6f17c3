import Learning
import Testing

@testable import Engine

/// The order of decision, every combination once: mode, then policy, then experiment, then threshold and scope.
@Suite struct `The order of decision` {
    struct Case: Sendable, CustomStringConvertible {
        var mode: Mode
        var policy: Policy
        var confidence: Float
        var threshold: Float?
        var inScope: Bool
        var arm: Arm?

        var description: String {
            "\(mode) \(policy) \(confidence) of \(threshold.map { "\($0)" } ?? "none") scope \(inScope) arm "
                + (arm?.rawValue ?? "none")
        }

        var decision: Decision {
            Decision(
                Question(
                    mode: mode,
                    policy: policy,
                    confidence: confidence,
                    threshold: threshold,
                    inScope: inScope,
                    arm: arm
                )
            )
        }
    }

    static let all: [Case] = {
        var cases: [Case] = []
        for mode in Mode.allCases {
            for policy in Policy.allCases {
                for confidence: Float in [0.49, 0.5, 0.51] {
                    for threshold: Float? in [nil, 0.5] {
                        for inScope in [false, true] {
                            for arm in [nil, Arm.local, .llm] {
                                cases.append(
                                    Case(
                                        mode: mode,
                                        policy: policy,
                                        confidence: confidence,
                                        threshold: threshold,
                                        inScope: inScope,
                                        arm: arm
                                    )
                                )
                            }
                        }
                    }
                }
            }
        }
        return cases
    }()

    /// Written as the protocol says it, sentence by sentence, and not as the code does.
    private func expected(_ question: Case) -> Decision {
        let reaches = question.threshold.map { question.confidence >= $0 } ?? false
        let sure = reaches && question.inScope
        let doubt: Reason = question.inScope ? .belowThreshold : .outOfScope
        // "mode local or llm decides alone, whatever policy, experiment and scope"
        if question.mode == .local { return .local(.mode) }
        if question.mode == .llm { return .relay(.mode, localIfItFails: false) }
        // "a never-local intent goes to the LLM, a local one never: below the threshold it gets the fallback"
        if question.policy == .neverLocal { return .relay(.policy, localIfItFails: false) }
        if question.policy == .local { return sure ? .local(.confident) : .fallback(doubt) }
        // "arm llm asks the LLM, and if that fails and the local model was sure, the local model answers"
        if question.arm == .llm { return .relay(.experiment, localIfItFails: sure) }
        // "arm local does exactly what happens without an experiment"
        return sure ? .local(.confident) : .relay(doubt, localIfItFails: false)
    }

    @Test(arguments: all)
    func `is mode, policy, experiment, threshold`(question: Case) {
        #expect(question.decision == expected(question))
    }

    @Test func `makes arm local the same as no experiment`() {
        for question in Self.all where question.arm == .local {
            var without = question
            without.arm = nil
            #expect(question.decision == without.decision)
        }
    }

    @Test func `draws an arm only where it can decide something`() {
        for mode in Mode.allCases {
            for policy in Policy.allCases {
                for abProb in [0, 1e-9, 0.5, 1] {
                    let draws = Decision.drawsArm(mode: mode, policy: policy, abProb: abProb)
                    #expect(draws == (mode == .auto && policy == .auto && abProb > 0))
                }
            }
        }
    }

    @Test func `without an LLM ends in the local model or the fallback`() {
        for question in Self.all {
            let ending = question.decision.ending(llmFailure: .llmOff)
            let (route, reason) = (ending.route, ending.reason)
            #expect(route != .llm)
            switch question.decision {
            case .local(let why): #expect((route, reason) == (.local, why))
            case .fallback(let why): #expect((route, reason) == (.fallback, why))
            case .relay(_, let localIfItFails):
                #expect((route, reason) == (localIfItFails ? .local : .fallback, .llmOff))
            }
        }
    }
}

@Suite struct `The experiment's arms` {
    @Test(arguments: [(0.05, 10_000), (0.3, 100_000), (0.5, 10_000), (0.9, 10_000)])
    func `are drawn with the probability that was asked for`(probability: Double, rounds: Int) {
        var llm = 0
        for number in 0..<rounds where Draw(abProb: probability, salt: "salt", unit: "session \(number)").arm == .llm {
            llm += 1
        }
        // Five standard deviations.
        let tolerance = 5 * (probability * (1 - probability) / Double(rounds)).squareRoot()
        #expect(abs(Double(llm) / Double(rounds) - probability) < tolerance)
    }

    @Test func `stick to their unit and change with the salt`() {
        var changed = 0
        for number in 0..<1_000 {
            let draw = Draw(abProb: 0.5, salt: "a", unit: "\(number)")
            #expect(draw == Draw(abProb: 0.5, salt: "a", unit: "\(number)"))
            if draw.arm != Draw(abProb: 0.5, salt: "b", unit: "\(number)").arm { changed += 1 }
        }
        #expect((400...600).contains(changed))
    }

    @Test func `name the probability with which they were drawn`() {
        for number in 0..<200 {
            let draw = Draw(abProb: 0.2, salt: "a", unit: "\(number)")
            #expect(draw.propensity == (draw.arm == .llm ? 0.2 : 0.8))
        }
        #expect(Draw(abProb: 1, salt: "a", unit: "x") == Draw(abProb: 1, salt: "b", unit: "y"))
        #expect(Draw(abProb: 1, salt: "a", unit: "x").arm == .llm)
        #expect(Draw(abProb: 0, salt: "a", unit: "x").arm == .local)
    }

    @Test func `only grow: who has arm llm keeps it when the probability rises`() {
        for number in 0..<1_000 where Draw(abProb: 0.2, salt: "a", unit: "\(number)").arm == .llm {
            #expect(Draw(abProb: 0.4, salt: "a", unit: "\(number)").arm == .llm)
        }
    }

    @Test func `tell salt and unit apart`() {
        let one = (0..<64).map { Draw(abProb: 0.5, salt: "ab", unit: "c\($0)").arm }
        let other = (0..<64).map { Draw(abProb: 0.5, salt: "a", unit: "bc\($0)").arm }
        #expect(one != other)
    }
}
