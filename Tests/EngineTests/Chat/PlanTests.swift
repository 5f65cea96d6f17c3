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
        var isWithheld = false
        var arm: Arm?

        var description: String {
            "\(mode) \(policy) \(confidence) of \(threshold.map { "\($0)" } ?? "none") scope \(inScope) arm "
                + (arm?.rawValue ?? "none")
        }

        var steps: [Plan.Step] { plan.steps }
        var plan: Plan { Plan(question) }

        var question: Question {
            Question(
                mode: mode,
                policy: policy,
                confidence: confidence,
                threshold: threshold,
                inScope: inScope,
                isWithheld: isWithheld,
                arm: arm
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
    private func expected(_ question: Case) -> [Plan.Step] {
        let reaches = question.threshold.map { question.confidence >= $0 } ?? false
        let sure = reaches && question.inScope
        let doubt: Reason = question.inScope ? .belowThreshold : .outOfScope
        // "mode local or llm decides alone, whatever policy, experiment and scope"
        if question.mode == .local { return [.init(.lexical, .mode)] }
        if question.mode == .llm { return [.init(.llm, .mode), .init(.fallback)] }
        // "a never-local intent goes to the LLM, a local one never: below the threshold it gets the fallback"
        if question.policy == .neverLocal { return [.init(.llm, .policy), .init(.fallback)] }
        if question.policy == .local { return [sure ? .init(.lexical, .confident) : .init(.fallback, doubt)] }
        // "answered locally whatever the confidence, when it is the best intent and the text is in scope"
        if question.policy == .always, question.inScope { return [.init(.lexical, sure ? .confident : .policy)] }
        if question.policy == .always { return [.init(.llm, doubt), .init(.fallback)] }
        // "arm llm asks the LLM, and if that fails and the local model was sure, the local model answers"
        if question.arm == .llm { return [.init(.llm, .experiment), .init(sure ? .lexical : .fallback)] }
        // "arm local does exactly what happens without an experiment"
        return sure ? [.init(.lexical, .confident)] : [.init(.llm, doubt), .init(.fallback)]
    }

    @Test(arguments: all)
    func `is mode, policy, experiment, threshold`(question: Case) {
        #expect(question.steps == expected(question))
    }

    @Test func `leaves no doubt where the local model answers, and names one wherever it would not`() {
        for question in Self.all {
            for isWithheld in [false, true] {
                var question = question
                question.isWithheld = isWithheld
                let doubt = question.question.doubt
                if question.steps[0].tier == .lexical { #expect(doubt == nil, "\(question)") }
                // What the answer says of the local model does not depend on who was asked first.
                if question.mode != .auto { continue }
                var without = question
                without.arm = nil
                #expect(doubt == without.question.doubt)
                #expect((doubt == nil) == (without.steps[0].tier == .lexical), "\(question)")
                if let doubt { #expect(without.steps[0].reason == doubt.reason, "\(question)") }
                without.mode = .llm
                #expect(without.question.doubt == doubt)
            }
        }
    }

    static let doubts: [(question: Case, doubt: Doubt?)] = [
        (Case(mode: .auto, policy: .auto, confidence: 0.9, threshold: 0.5, inScope: true), nil),
        (Case(mode: .auto, policy: .auto, confidence: 0.4, threshold: 0.5, inScope: true), .belowThreshold),
        (Case(mode: .auto, policy: .auto, confidence: 0.9, threshold: nil, inScope: true), .unproven),
        (Case(mode: .auto, policy: .auto, confidence: 0.9, threshold: 0.5, inScope: true, isWithheld: true), .fewRows),
        (Case(mode: .auto, policy: .local, confidence: 0.4, threshold: nil, inScope: true, isWithheld: true), .fewRows),
        (Case(mode: .auto, policy: .auto, confidence: 0.9, threshold: nil, inScope: false), .outOfScope),
        (Case(mode: .auto, policy: .neverLocal, confidence: 0.9, threshold: 0.5, inScope: false), .policy),
        (Case(mode: .auto, policy: .always, confidence: 0.1, threshold: nil, inScope: true, isWithheld: true), nil),
        (Case(mode: .auto, policy: .always, confidence: 0.9, threshold: 0.5, inScope: false), .outOfScope),
        (Case(mode: .local, policy: .neverLocal, confidence: 0.1, threshold: 0.5, inScope: false), nil),
    ]

    @Test(arguments: doubts)
    func `names the first doubt there is`(question: Case, doubt: Doubt?) {
        #expect(question.question.doubt == doubt)
    }

    @Test func `makes arm local the same as no experiment`() {
        for question in Self.all where question.arm == .local {
            var without = question
            without.arm = nil
            #expect(question.steps == without.steps)
        }
    }

    @Test func `draws an arm only where it can decide something`() {
        for mode in Mode.allCases {
            for policy in Policy.allCases {
                for abProb in [0, 1e-9, 0.5, 1] {
                    let draws = Question.drawsArm(mode: mode, policy: policy, abProb: abProb)
                    #expect(draws == (mode == .auto && policy == .auto && abProb > 0))
                }
            }
        }
    }

    @Test func `without an LLM ends in the local model or the fallback`() {
        for question in Self.all {
            let plan = question.plan
            let (tier, reason) = plan.outcome { $0 == .llm ? .llmOff : nil }
            #expect(tier != .llm)
            let steps = plan.steps
            if steps[0].tier == .llm {
                #expect((tier, reason) == (steps[1].tier, .llmOff))
            } else {
                #expect((tier, reason) == (steps[0].tier, steps[0].reason))
            }
        }
    }

    @Test func `an LLM that answers gives the reason it was asked for`() {
        for question in Self.all {
            let (tier, reason) = question.plan.outcome { _ in nil }
            #expect((tier, reason) == (question.steps[0].tier, question.steps[0].reason))
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
