import Learning
import Statistics
import Wire
import World

// The comparison may be looked at as often as one likes, so its intervals are confidence sequences: they hold at all
// looks together. That needs ratings in the order in which people gave them, while the log is in the order of answers.
// So the log is read first and only the lines of rated answers are kept, then the ratings are gone through; memory
// grows with ratings and units, not with requests. The sizes of the arms are tested against the probabilities they were
// drawn with: if they do not fit, something loses requests of one arm, and no verdict is given.

/// The figures of the experiment: first `count` every line, then `compare` once.
struct ExperimentTally: Sendable {
    /// The probability that the interval of the difference ever excludes the truth.
    static let alpha = 0.05
    /// The probability that a sound assignment ever raises the alarm.
    static let mismatchAlpha = 0.01
    /// The most units that enter the test of the assignment, which bounds the memory: a million are enough.
    static let mostUnits = 1 << 20

    private struct Assigned: Sendable {
        var arm: Arm
        var llmProbability: Double
        var route: Route
        var unit: Int
    }

    private let unit: Configuration.Experiment.Unit
    private let rated: [FeedbackStore.RatedAnswer]
    private var places: [Identifier: Int] = [:]
    private var assigned: [Assigned?]
    private var local = ArmTally()
    private var llm = ArmTally()
    private var answers = 0
    private var first: Timestamp?
    private var last: Timestamp?
    private var assignment = AssignmentTest()
    private var units: Set<Int> = []
    private var blocks = MatchedBlocks()
    private var difference = DifferenceSequence()

    init(unit: Configuration.Experiment.Unit, rated: [FeedbackStore.RatedAnswer]) {
        (self.unit, self.rated) = (unit, rated)
        assigned = Array(repeating: nil, count: rated.count)
        for (place, rated) in rated.enumerated() { places[rated.answer] = place }
    }

    mutating func count(_ drawn: DrawnAnswer) {
        let (answer, at) = (drawn.answer, drawn.answer.counted.at)
        answers += 1
        first = min(first ?? at, at)
        last = max(last ?? at, at)
        if drawn.arm == .llm { llm.count(answer) } else { local.count(answer) }
        let key = drawn.unit(unit)
        // All answers of a unit share one draw.
        if unit == .request || units.count < Self.mostUnits && units.insert(key).inserted {
            assignment.add(isSecond: drawn.arm == .llm, probability: drawn.llmProbability)
        }
        if let place = places[answer.id] {
            assigned[place] = Assigned(
                arm: drawn.arm,
                llmProbability: drawn.llmProbability,
                route: answer.counted.route,
                unit: key
            )
        }
    }

    /// Compares the arms, once all lines are counted.
    mutating func compare() {
        var heard: Set<Int> = []
        for (rated, answer) in zip(rated, assigned) {
            guard let answer else { continue }
            let isLLM = answer.arm == .llm
            // A corrected intent is a complaint about the answer only if the local model gave it.
            let isSuccess = rated.rating == .up && !(rated.isCorrected && answer.route == .local)
            if isLLM { llm.count(rated) } else { local.count(rated) }
            // Ratings of one unit resemble each other; as separate trials they would feign certainty.
            guard heard.insert(answer.unit).inserted else { continue }
            if isLLM { llm.compare(isSuccess) } else { local.compare(isSuccess) }
            if let value = blocks.add(isSuccess, isSecond: isLLM, probability: answer.llmProbability) {
                difference.add(value)
            }
        }
    }

    private enum Verdict: String {
        case mismatch = "no verdict: the arms' sizes do not fit the probabilities they were drawn with"
        case nothing = "nothing to compare yet"
        case open = "no difference shown yet"
        case llm = "llm better"
        case local = "local better"
    }

    func json(abProb: Double) -> JSON {
        let (low, high) = difference.interval(alpha: Self.alpha)
        let hasMismatch = assignment.p <= Self.mismatchAlpha
        let verdict: Verdict =
            hasMismatch ? .mismatch : difference.count == 0 ? .nothing : low > 0 ? .llm : high < 0 ? .local : .open
        return [
            "ab_prob": .double(abProb), "unit": .string(unit.rawValue), "confidence": .double(1 - Self.alpha),
            "since": JSON(first), "until": JSON(last), "answers": .integer(answers),
            "arms": ["local": local.json(alpha: Self.alpha), "llm": llm.json(alpha: Self.alpha)],
            "difference": [
                "estimate": difference.estimate.map { .double($0.rounded(toPlaces: 6)) } ?? .null,
                "low": .double(low.rounded(toPlaces: 6)), "high": .double(high.rounded(toPlaces: 6)),
                "blocks": .integer(difference.count), "excludes_zero": .bool(low > 0 || high < 0),
            ],
            "verdict": .string(verdict.rawValue),
            "mismatch": [
                "units": .integer(assignment.units), "llm": .integer(assignment.observed),
                "llm_expected": .double(assignment.expected.rounded(toPlaces: 2)),
                "p": .double(assignment.p.rounded(toPlaces: 6)), "alarm": .bool(hasMismatch),
            ],
            "notes": .array(notes.map { .string($0) }),
        ]
    }

    private var notes: [String] {
        let trial =
            switch unit {
            case .request: "Each rated answer counts once"
            case .session: "Each session counts once, with the answer that was rated first; without one, each answer"
            case .uid: "Each user counts once, with the answer that was rated first"
            }
        return [
            "\(trial).",
            "Answers are compared by the arm that was drawn, whoever answered in the end.",
            "Latencies are quantiles without intervals.",
        ]
    }
}
