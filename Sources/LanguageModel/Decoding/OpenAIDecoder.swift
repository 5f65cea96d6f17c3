import Wire

/// Decodes OpenAI's stream: server-sent events, each of which is a JSON object, with `[DONE]` as the last.
struct OpenAIDecoder: AnswerDecoder {
    var framer = LineFramer(limit: lineLimit)
    /// The data lines of the event that is being read.
    private var event: [UInt8]?
    private var summary = AnswerSummary()
    var isOver = false
    /// Always nil, since no field of this protocol names a host.
    var remoteHost: String? { nil }

    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if !isOver, let line = framer.finish() { read(line, into: &pieces) }
        if !isOver { dispatch(into: &pieces) }
        // Not every server sends `[DONE]`; an answer with a reason for its end is complete.
        if !isOver, summary.reason != nil { end(.done(summary), into: &pieces) }
        return pieces
    }

    mutating func read(_ line: [UInt8], into pieces: inout [Piece]) {
        if line.isEmpty { return dispatch(into: &pieces) }
        // Some servers put the error of a stream on a bare line, and an HTML page is no event at all.
        if line.first == UInt8(ascii: "{") { return read(event: line, into: &pieces) }
        if line.first == UInt8(ascii: "<") { return end(.error("the answer is not an event stream"), into: &pieces) }
        let prefix = Array("data:".utf8)
        guard line.starts(with: prefix) else { return }
        var data = line.dropFirst(prefix.count)
        if data.first == 0x20 { data = data.dropFirst() }
        if event == nil { event = [] } else { event?.append(0x0A) }
        event?.append(contentsOf: data)
        if let size = event?.count, size > lineLimit {
            end(.error("an event is longer than \(lineLimit) bytes"), into: &pieces)
        }
    }

    /// Ends the event that is being read.
    private mutating func dispatch(into pieces: inout [Piece]) {
        guard let data = event.take() else { return }
        if data.elementsEqual("[DONE]".utf8) { return end(.done(summary), into: &pieces) }
        if !data.isEmpty { read(event: data, into: &pieces) }
    }

    private mutating func read(event data: [UInt8], into pieces: inout [Piece]) {
        guard let value = object(data, called: "an event", into: &pieces) else { return }
        if let error = value["error"], !error.isNull { return end(.error(errorText(error)), into: &pieces) }
        if let usage = value["usage"], !usage.isNull {
            summary.promptTokens = usage["prompt_tokens"]?.quantity
            summary.completionTokens = usage["completion_tokens"]?.quantity
        }
        let choice = value["choices"]?[0]
        if let text = choice?["delta"]?["content"]?.string, !text.isEmpty { pieces.append(.text(text)) }
        if let reason = choice?["finish_reason"]?.string { summary.reason = reason }
    }
}
