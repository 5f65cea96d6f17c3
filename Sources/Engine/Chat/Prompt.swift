import Wire
import World

// The prompt of an LLM. A person's words stand in messages of their own, never among the instructions. The local
// model's guesses are given as JSON, so that neither the name of an intent nor its summary can pass for an instruction.

extension LLM.Prompt {
    /// Everything that goes into a prompt.
    struct Context {
        var message: String
        var history: [Turn] = []
        var instructions: String
        /// The local model's guesses, best first, with what a person says that the intent is about.
        var alternatives: [(intent: String, confidence: Float, summary: String?)]
        var threshold: Float?
        var inScope: Bool
        /// The number of tokens that the LLM can hold; nil if unknown.
        var window: Int?
    }

    /// The window assumed if it is unknown, in tokens: Ollama's default on a small machine.
    static let usualWindow = 4_096
    /// The most tokens that are left for the reply; a quarter of the window if that is less.
    private static let replyTokens = 1_024

    /// Bytes per token for an estimate that is rather too high, since a prompt must never overflow the window: long
    /// texts have about four in English and three in CJK. ``Turn`` estimates with the mean, as nothing breaks if it is
    /// wrong.
    private static let bytesPerToken = 3
    /// Tokens of the frame around a message.
    private static let frameTokens = 8

    /// Makes the prompt that fits the window.
    ///
    /// - Returns: the prompt, and whether a part of the conversation did not fit.
    static func asking(_ context: Context, model: String?, uid: UInt32) -> (prompt: LLM.Prompt, isCut: Bool) {
        let system = Message(.system, instructions(context))
        let window = context.window ?? usualWindow
        var room = window - min(replyTokens, window / 4) - tokens(system.text)
        // The question has precedence over the conversation before it.
        let (message, isCut) = fitting(context.message, tokens: max(room, window / 4))
        room -= tokens(message)
        var messages = [Message(.user, message)]
        // A turn without a real answer would only teach the LLM to give up.
        let turns = context.history.filter { $0.route != .fallback }
        var kept = 0
        for turn in turns.reversed() {
            let weight = tokens(turn.text) + tokens(turn.reply)
            guard weight <= room else { break }
            room -= weight
            kept += 1
            messages.append(Message(.assistant, turn.reply))
            messages.append(Message(.user, turn.text))
        }
        messages.append(system)
        return (LLM.Prompt(messages.reversed(), model: model, uid: uid), isCut || kept < turns.count)
    }

    /// Returns whether the LLM has cut the prompt without saying so: it read fewer tokens than the prompt can have.
    func isCutShort(promptTokens: Int?) -> Bool {
        guard let promptTokens, promptTokens > 0 else { return false }
        let bytes = messages.reduce(0) { $0 + $1.text.utf8.count }
        // No tokeniser reaches twelve bytes per token over a long text.
        return bytes > 2_000 && promptTokens < bytes / 12
    }

    private static func tokens(_ text: String) -> Int {
        (text.utf8.count + bytesPerToken - 1) / bytesPerToken + frameTokens
    }

    /// Returns the text, or its beginning and its end if it is too long: a question stands in one of them.
    private static func fitting(_ text: String, tokens budget: Int) -> (String, isCut: Bool) {
        guard tokens(text) > budget else { return (text, false) }
        let half = max(0, budget - 2 * frameTokens) * bytesPerToken / 2
        let scalars = text.unicodeScalars
        let head = scalars.prefix(bytes: half)
        let tail = scalars.reversed().prefix(bytes: half).reversed()
        var cut = String.UnicodeScalarView()
        cut.append(contentsOf: head)
        cut.append(contentsOf: "\n[…]\n".unicodeScalars)
        cut.append(contentsOf: tail)
        return (String(cut), true)
    }

    private static func instructions(_ context: Context) -> String {
        var writer = JSONWriter(capacity: 256)
        writer.beginObject()
        writer.name("intents")
        writer.beginArray()
        for entry in context.alternatives {
            writer.beginObject()
            writer.member("intent", entry.intent)
            writer.member("confidence", entry.confidence)
            if let summary = entry.summary { writer.member("summary", summary) }
            writer.endObject()
        }
        writer.endArray()
        writer.member("needed_confidence", context.threshold)
        writer.member("in_scope", context.inScope)
        writer.endObject()
        return """
            \(context.instructions)

            A small classifier has looked at the last message of the user. It may be wrong. What it thinks, best guess first:
            \(String(decoding: writer.bytes, as: UTF8.self))
            """
    }
}

extension Sequence<Unicode.Scalar> {
    /// Returns the first scalars, as many as fit into this many bytes of UTF-8.
    fileprivate func prefix(bytes limit: Int) -> [Unicode.Scalar] {
        var room = limit
        var kept: [Unicode.Scalar] = []
        for scalar in self {
            room -= UTF8.width(scalar)
            if room < 0 { break }
            kept.append(scalar)
        }
        return kept
    }
}
