import World

/// Makes sentences without a model, which say so, for trying things out and for tests. The same question gets the same
/// answer. The model's name can ask for misbehaviour: `standin:slow`, `standin:stall`, `standin:cut`, `standin:error`,
/// `standin:silence`.
struct Standin {
    enum Step: Equatable {
        case text(String)
        case pause(Duration)
        /// A silence without end.
        case stall
        case cut
        case error(String)
        case done
    }

    private static let openings = [
        "I am the built-in stand-in for an LLM, and no model made this reply.",
        "This is the stand-in's reply: no LLM is connected.",
        "A stand-in speaks here, not an LLM.",
    ]
    private static let thoughts = [
        "A real one would look into what you wrote", "A real one would now think about your message",
        "A real one would have more to say about it",
    ]

    /// The name under which it answers, whatever model was asked for.
    static func name(_ model: String) -> String { model.hasPrefix("standin:") ? model : "standin" }

    let steps: [Step]
    let words: Int
    /// Whether there were more words than allowed.
    let isTruncated: Bool

    init(_ prompt: LLM.Prompt, model: String) {
        let question = prompt.messages.last { $0.role == .user }?.text ?? ""
        var seed = Self.hash(prompt.messages)
        func pick(_ choices: [String]) -> String {
            defer { seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
            return choices[Int((seed >> 33) % UInt64(choices.count))]
        }
        let opening = pick(Self.openings)
        let thought = pick(Self.thoughts)
        let text =
            "\(opening) \(thought) (\(question.unicodeScalars.count) characters). Set llm.backend to connect one."
        let words = text.split(separator: " ").enumerated().map { ($0.offset == 0 ? "" : " ") + $0.element }
        let kept = prompt.maxTokens.map { words.prefix(max(1, $0)) } ?? words[...]
        self.words = kept.count
        isTruncated = kept.count < words.count
        let play = model.hasPrefix("standin:") ? String(model.dropFirst("standin:".count)) : ""
        var steps: [Step] = []
        for (index, word) in kept.enumerated() {
            if play == "slow" { steps.append(.pause(.milliseconds(index == 0 ? 300 : 40))) }
            steps.append(.text(word))
        }
        switch play {
        case "stall": steps = Array(steps.prefix(3)) + [.stall]
        case "cut": steps = Array(steps.prefix(3)) + [.cut]
        case "error": steps = [.error("the stand-in plays an error")]
        case "silence": steps = [.stall]
        default: steps.append(.done)
        }
        self.steps = steps
    }

    /// FNV-1a (Fowler, Noll, Vo), the same in every process.
    private static func hash(_ messages: [LLM.Prompt.Message]) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for message in messages {
            for byte in (message.role.rawValue + "\n" + message.text + "\n").utf8 {
                hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            }
        }
        return hash
    }
}
