import Yams

/// Who answers what an intent is about.
package enum Policy: String, Sendable, CaseIterable {
    /// The local model where it is sure, else the LLM.
    case auto
    /// Never the LLM.
    case local
    /// Never the local model.
    case neverLocal = "never-local"
    /// The local model, however sure it is, where the text is in scope.
    case always
}

/// How an intent is answered, as a file says it. What the file does not say is nil.
package struct Treatment: Sendable, Equatable {
    /// The parts that a person can write, by their names in a file.
    package enum Key: String, Sendable, CaseIterable { case policy, summary, responses, otherwise }

    package var policy: Policy?
    /// A line that says what the intent is about, for people and for an LLM; may be empty.
    package var summary: String?
    /// Variations of the answer, of which one is given; may be empty.
    package var responses: [String]?
    /// The sentence that is said of this intent where nobody can answer; never empty.
    package var otherwise: String?
    /// The lines on which the parts stand, from 1.
    package var lines: [Key: Int] = [:]

    package init() {}

    package var hasResponses: Bool { responses?.isEmpty == false }

    /// The same with what `other` says instead, part by part.
    func overridden(by other: Treatment) -> Treatment {
        var merged = self
        merged.policy = other.policy ?? policy
        merged.summary = other.summary ?? summary
        merged.responses = other.responses ?? responses
        merged.otherwise = other.otherwise ?? otherwise
        merged.lines.merge(other.lines) { $1 }
        return merged
    }
}

/// How every intent is answered: what `intents.yaml` and `responses.yaml` say together. For each part of each intent
/// `responses.yaml` has the last word.
///
///     treatments["refund"].policy    // .neverLocal
package struct Treatments: Sendable, Equatable {
    private var byIntent: [String: Treatment] = [:]
    private var responses: [ResponsesFile.Entry] = []
    /// The parts that stand in both files.
    package private(set) var overridden: [Finding] = []

    package init() {}

    package init(_ intents: [IntentSource], _ responses: ResponsesFile) {
        self.responses = responses.intents
        for intent in intents { byIntent[intent.name] = intent.treatment }
        for entry in responses.intents {
            let before = byIntent[entry.name] ?? Treatment()
            for key in Treatment.Key.allCases {
                guard let line = entry.treatment.lines[key], let other = before.lines[key] else { continue }
                overridden.add(
                    .overridden,
                    .warning,
                    line: line,
                    otherLine: other,
                    message: "responses.yaml has \(key.rawValue) of \(entry.name.shown), which also stands in "
                        + "line \(other) of intents.yaml; that of responses.yaml counts.",
                    remedy: "Remove one of them."
                )
            }
            byIntent[entry.name] = before.overridden(by: entry.treatment)
        }
    }

    /// The intents of which one of the files says anything.
    package var names: [String] { byIntent.keys.sorted() }

    /// Empty for an intent that neither file knows.
    package subscript(intent: String) -> Treatment { byIntent[intent] ?? Treatment() }

    /// All findings about the files, beside these intents: those of the training data.
    package func findings(beside intents: Set<String>) -> [Finding] {
        var findings = overridden
        for entry in responses where !intents.contains(entry.name) {
            let message = "responses.yaml has answers of \(entry.name.shown), of which the data has no rows."
            let remedy = "Write the name as the data has it, or remove it."
            findings.add(.responsesUnknownIntent, .warning, line: entry.line, message: message, remedy: remedy)
        }
        // Where nobody wrote a response, none is missed: the model alone is wanted.
        guard intents.contains(where: { self[$0].hasResponses }) else { return findings }
        for intent in intents.sorted() where intent != DataRow.outOfScope && self[intent].policy != .neverLocal {
            guard !self[intent].hasResponses else { continue }
            let message = "\(intent.shown) has no response, and others have: people read what replies.about says of it."
            let remedy = "Write responses for it in responses.yaml or intents.yaml, then `intentctl reload`."
            findings.add(.noResponse, .warning, message: message, remedy: remedy)
        }
        return findings
    }
}

extension StrictYAML {
    /// Reads one part of an intent's treatment.
    mutating func read(
        _ part: Treatment.Key,
        _ key: Entry,
        value: Node,
        of intent: String,
        into treatment: inout Treatment
    ) {
        treatment.lines[part] = key.line
        switch part {
        case .policy:
            let written = value.scalar?.string ?? ""
            treatment.policy = Policy(rawValue: written)
            if treatment.policy == nil {
                let message = "The policy \"\(written.shown)\" is not known."
                let remedy = "Use auto, local, never-local or always."
                fail(.badValue, line: value.mark?.line, message, remedy: remedy)
            }
        case .summary: treatment.summary = sentence(value, "The summary", mayBeEmpty: true)
        case .responses: treatment.responses = lines(value, of: "responses of \(intent)").map(\.text)
        case .otherwise: treatment.otherwise = sentence(value, "otherwise of \(intent)", mayBeEmpty: false)
        }
    }

    private mutating func sentence(_ node: Node, _ name: String, mayBeEmpty: Bool) -> String? {
        let text = node.scalar?.string.trimmingWhitespace()
        if let text, mayBeEmpty || !text.isEmpty { return text }
        fail(.badValue, line: node.mark?.line, "\(name) must be a text.", remedy: "Write one line of text.")
        return nil
    }
}
