import Text

/// A logged answer for which an arm was drawn: the experiment's view of a log line.
struct DrawnAnswer: Sendable, Equatable {
    let answer: LoggedAnswer
    let arm: Arm
    /// The probability of the LLM arm when this one was drawn, 0…1.
    let llmProbability: Double

    /// Reads a line without its newline; nil if no arm was drawn for it, or if it was not written by an intentd.
    init?(line: [UInt8]) {
        guard !Self.ineligible.isFound(in: line), let answer = LoggedAnswer(line: line),
            let arm = answer.counted.arm, let propensity = answer.propensity, 0...1 ~= propensity
        else { return nil }
        (self.answer, self.arm) = (answer, arm)
        llmProbability = arm == .llm ? propensity : 1 - propensity
    }

    /// A key of the unit that keeps its arm: equal for answers of the same unit, within this process.
    func unit(_ unit: Configuration.Experiment.Unit) -> Int {
        var hasher = Hasher()
        switch (unit, answer.session) {
        case (.uid, _): hasher.combine(answer.uid)
        case (.session, let session?):
            hasher.combine(answer.uid)
            hasher.combine(session)
        case (.session, nil), (.request, _): hasher.combine(answer.id)
        }
        return hasher.finalize()
    }

    /// Most lines of most logs have this, and are skipped without being parsed. A person's text cannot contain it: its
    /// quotes are escaped.
    private static let ineligible = ByteSearch("\"eligible\":false")
}
