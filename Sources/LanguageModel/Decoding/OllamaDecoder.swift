import Wire

/// Decodes Ollama's stream: one JSON object per line, with `done` on the last and `error` on any.
struct OllamaDecoder: AnswerDecoder {
    var framer = LineFramer(limit: lineLimit)
    var isOver = false
    private(set) var remoteHost: String?

    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if !isOver, let line = framer.finish() { read(line, into: &pieces) }
        return pieces
    }

    mutating func read(_ line: [UInt8], into pieces: inout [Piece]) {
        guard line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }) else { return }
        guard let value = object(line, called: "a line", into: &pieces) else { return }
        if let error = value["error"] { return end(.error(errorText(error)), into: &pieces) }
        if let host = value["remote_host"]?.string, !host.isEmpty { remoteHost = host }
        if let text = value["message"]?["content"]?.string, !text.isEmpty { pieces.append(.text(text)) }
        guard value["done"]?.bool == true else { return }
        let summary = AnswerSummary(
            promptTokens: value["prompt_eval_count"]?.quantity,
            completionTokens: value["eval_count"]?.quantity,
            reason: value["done_reason"]?.string
        )
        end(.done(summary), into: &pieces)
    }
}

/// The text of an `error` member in Ollama's or OpenAI's form.
func errorText(_ value: JSON) -> String { value.string ?? value["message"]?.string ?? value.description }
