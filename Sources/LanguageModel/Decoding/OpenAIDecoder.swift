import Wire

/// Decodes OpenAI's stream: server-sent events, each of which is a JSON object, with `[DONE]` as the last. An answer that is
/// one object without events, however many lines it has, is read as well.
struct OpenAIDecoder: AnswerDecoder {
    var lines = LineSource()
    var isOver = false
    var aside = Aside()
    /// The data lines of the event that is being read; nil before the first one.
    private var event: SpreadObject?
    /// The value of the event's field `event`.
    private var name = ""
    /// An object outside of events.
    private var document = SpreadObject()
    private var summary = AnswerSummary()
    /// Always nil, since no field of this protocol names a host.
    var remoteHost: String? { nil }

    mutating func finish() -> [Piece] {
        var pieces: [Piece] = []
        if !isOver, let line = lines.finish() { read(line, into: &pieces) }
        if !isOver { dispatch(into: &pieces) }
        // Not every server sends `[DONE]`; an answer with a reason for its end is complete.
        if !isOver, !document.isUnderWay, summary.reason != nil { end(.done(summary), into: &pieces) }
        return pieces
    }

    mutating func read(_ line: [UInt8], into pieces: inout [Piece]) {
        let line = line.withoutSpace
        if line.isEmpty {
            dispatch(into: &pieces)
            name = ""
            return
        }
        // Some servers put the error of a stream, or all of an answer, on bare lines, and an HTML page is no event at all.
        if document.isUnderWay || line.first == UInt8(ascii: "{") {
            if let whole = document.take(line) { read(event: whole, into: &pieces) }
            return
        }
        if line.first == UInt8(ascii: "<") { return end(.error("the answer is not an event stream"), into: &pieces) }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        let value = line[colon...].dropFirst().withoutSpace
        switch String(decoding: line[..<colon].withoutSpace, as: UTF8.self) {
        case "data": add(value, into: &pieces)
        case "event": name = String(decoding: value, as: UTF8.self)
        // The empty name is that of a comment.
        case "", "id", "retry": break
        case "error": end(.error(Self.words(value)), into: &pieces)
        default: end(.error("a line is none of an event stream: \(Self.words(line))"), into: &pieces)
        }
    }

    private mutating func add(_ data: ArraySlice<UInt8>, into pieces: inout [Piece]) {
        // Taken out and put back, so that the bytes are not copied.
        var whole = event.take() ?? SpreadObject()
        whole.add(data)
        guard whole.bytes.count <= LineSource.limit else {
            return end(.error("an event is longer than \(LineSource.limit) bytes"), into: &pieces)
        }
        // Some servers leave out the empty line that ends an event.
        let isWhole = whole.isWhole || whole.bytes.elementsEqual("[DONE]".utf8)
        event = whole
        if isWhole { dispatch(into: &pieces) }
    }

    /// Ends the event that is being read.
    private mutating func dispatch(into pieces: inout [Piece]) {
        guard let data = event.take()?.bytes, !data.isEmpty else { return }
        if data.elementsEqual("[DONE]".utf8) { return end(.done(summary), into: &pieces) }
        if name.lowercased().contains("error") { return end(.error(Self.words(data)), into: &pieces) }
        if ["ping", "keepalive", "keep-alive", "heartbeat"].contains(name.lowercased()) { return }
        read(event: data, into: &pieces)
    }

    private mutating func read(event data: [UInt8], into pieces: inout [Piece]) {
        guard let value = object(data, called: "an event", into: &pieces) else { return }
        if let error = ReportedError.words(in: value) { return end(.error(error), into: &pieces) }
        if let usage = value["usage"], !usage.isNull {
            summary.promptTokens = usage["prompt_tokens"]?.quantity
            summary.completionTokens = usage["completion_tokens"]?.quantity
        } else if value["choices"] == nil {
            if value["type"]?.string == "ping" { return }
            return end(.error("an event holds neither choices nor usage"), into: &pieces)
        }
        guard let choice = value["choices"]?[0], !choice.isNull else { return }
        if let error = ReportedError.words(in: choice) { return end(.error(error), into: &pieces) }
        let parts = [choice["delta"], choice["message"]].compactMap { $0 }.filter { !$0.isNull }
        for part in parts where !isOver {
            guard case .object = part else { return end(.error("a delta is not an object"), into: &pieces) }
            read(message: part, into: &pieces)
        }
        guard !isOver else { return }
        switch choice["finish_reason"] {
        case nil, .null?: break
        // Some servers have an empty reason as long as there is none.
        case .string(let reason)?: if !reason.isEmpty { summary.reason = reason }
        default: end(.error("a finish_reason is not a text"), into: &pieces)
        }
    }

    /// The words of an error that is JSON or not.
    private static func words(_ bytes: some Collection<UInt8>) -> String {
        if let value = try? ServerJSON.parse(Array(bytes)) {
            return ReportedError.words(in: value) ?? ReportedError.text(value)
        }
        return String(decoding: bytes.prefix(2_000), as: UTF8.self)
    }
}
