import Wire

/// Decodes Ollama's stream: one JSON object per line, with `done` on the last and `error` on any. An answer that is one
/// object, however many lines it has, is read as well.
struct OllamaDecoder: AnswerDecoder {
    var lines = LineSource()
    var isOver = false
    var aside = Aside()
    private(set) var remoteHost: String?
    private var spread = SpreadObject()

    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if !isOver, let line = lines.finish() { read(line, into: &pieces) }
        return pieces
    }

    mutating func read(_ line: [UInt8], into pieces: inout [Piece]) {
        let line = line.withoutSpace
        guard !line.isEmpty, let whole = spread.take(line),
            let value = object(whole, called: "a line", into: &pieces)
        else { return }
        if let error = ReportedError.words(in: value) { return end(.error(error), into: &pieces) }
        if let host = value["remote_host"]?.string, !host.isEmpty { remoteHost = host }
        switch value["message"] {
        case .object(_)?: read(message: value["message"] ?? .null, into: &pieces)
        case .null?, nil:
            guard value["done"]?.bool == true else {
                return end(.error("a line holds neither a message nor an end"), into: &pieces)
            }
        default: return end(.error("a message is not an object"), into: &pieces)
        }
        guard !isOver, value["done"]?.bool == true else { return }
        let summary = AnswerSummary(
            promptTokens: value["prompt_eval_count"]?.quantity,
            completionTokens: value["eval_count"]?.quantity,
            reason: value["done_reason"]?.string
        )
        end(.done(summary), into: &pieces)
    }
}
