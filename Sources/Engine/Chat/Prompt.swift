import Wire
import World

// What an LLM is told. A person's words stand in messages of their own, never among the instructions; what the local
// model thinks is given as JSON, so that no name of an intent can speak for us.
extension LLM.Prompt {
    /// What is known when the question is put.
    struct Context {
        var message: String
        var history: [Turn] = []
        var instructions: String
        /// What the local model makes of the message.
        var alternatives: [(intent: String, confidence: Float)]
        var threshold: Float?
        var inScope: Bool
        /// Tokens that the LLM can hold; nil where nobody knows.
        var window: Int?
    }

    /// Where nothing is known of the window: what Ollama gives a model on a small machine.
    static let usualWindow = 4_096
    /// Of the window, what is left for the reply, but no more than this many tokens.
    private static let replyTokens = 1_024

    /// Bytes that one token stands for at least, over long texts: English has about four, CJK three. So the estimate
    /// is rather too high.
    private static let bytesPerToken = 3
    /// Of the frame around a message.
    private static let frameTokens = 8

    /// - Returns: the prompt, and whether something of the conversation did not fit.
    static func asking(_ context: Context, model: String?, uid: UInt32) -> (prompt: LLM.Prompt, isCut: Bool) {
        let system = Message(.system, instructions(context))
        let window = context.window ?? usualWindow
        var room = window - min(replyTokens, window / 4) - tokens(system.text)
        // What is asked goes before what was said before it.
        let (message, isCut) = fitting(context.message, tokens: max(room, window / 4))
        room -= tokens(message)
        var messages = [Message(.user, message)]
        // A turn that nobody could answer would only teach the LLM to give up.
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

    /// Whether the LLM read fewer tokens than the prompt can have: it cut the prompt and did not say so.
    func isCutShort(promptTokens: Int?) -> Bool {
        guard let promptTokens, promptTokens > 0 else { return false }
        let bytes = messages.reduce(0) { $0 + $1.text.utf8.count }
        // No tokeniser reaches this much over a long text.
        return bytes > 2_000 && promptTokens < bytes / 12
    }

    private static func tokens(_ text: String) -> Int {
        (text.utf8.count + bytesPerToken - 1) / bytesPerToken + frameTokens
    }

    /// Its beginning and its end: a question stands in one of them.
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
            writer.name("intent")
            writer.value(entry.intent)
            writer.name("confidence")
            writer.value(entry.confidence)
            writer.endObject()
        }
        writer.endArray()
        writer.name("needed_confidence")
        if let threshold = context.threshold { writer.value(threshold) } else { writer.null() }
        writer.name("in_scope")
        writer.value(context.inScope)
        writer.endObject()
        return """
            \(context.instructions)

            A small classifier has looked at the last message of the user. It may be wrong. What it thinks, best guess first:
            \(String(decoding: writer.bytes, as: UTF8.self))
            """
    }
}

extension Sequence<Unicode.Scalar> {
    /// As many of the first scalars as UTF-8 of this length holds.
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
