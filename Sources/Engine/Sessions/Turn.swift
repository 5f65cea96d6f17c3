package import Wire
package import World

/// One exchange of a conversation: a message and its answer.
package struct Turn: Sendable, Equatable {
    package let answer: Identifier
    package let at: Timestamp
    package let text: String
    package let reply: String
    package let route: Route
    package let intent: String
    /// The estimated number of tokens of an LLM's context that it takes.
    package let tokens: Int

    package init(answer: Identifier, at: Timestamp, text: String, reply: String, route: Route, intent: String) {
        (self.answer, self.at, self.text, self.reply, self.route) = (answer, at, text, reply, route)
        self.intent = intent
        tokens = Self.tokens(text.unicodeScalars.count + reply.unicodeScalars.count)
    }

    /// The mean of English text: this budget decides how much is kept. Whether a prompt fits the window of an LLM is
    /// decided by the stricter estimate of ``LLM/Prompt``.
    private static let charactersPerToken = 4

    private static func tokens(_ characters: Int) -> Int { (characters + charactersPerToken - 1) / charactersPerToken }

    /// Returns the turn with its reply, and if necessary its text, cut to the budget.
    func fitting(tokens budget: Int) -> Turn {
        guard tokens > budget else { return self }
        let room = budget * Self.charactersPerToken
        let text = text.start(room)
        return with(text: text, reply: reply.start(room - text.unicodeScalars.count))
    }

    func with(text: String, reply: String) -> Turn {
        Turn(answer: answer, at: at, text: text, reply: reply, route: route, intent: intent)
    }

    /// The approximate memory that it takes, in bytes.
    var weight: Int { text.utf8.count + reply.utf8.count + 160 }

    package var json: JSON {
        [
            "id": .string(answer.description), "at": .string(at.rfc3339), "text": .string(text),
            "reply": .string(reply), "route": .string(route.rawValue), "intent": .string(intent),
        ]
    }
}

extension String {
    /// Returns the first scalars, at most `count`.
    fileprivate func start(_ count: Int) -> String { String(unicodeScalars.prefix(max(0, count))) }
}
