import Wire

/// A part of an answer, as a decoder reads it from the bytes.
enum Piece: Equatable {
    case text(String)
    /// The answer has ended. Anything that comes after it is ignored.
    case done(AnswerSummary)
    /// The LLM reports an error, or the bytes do not follow its protocol.
    case error(String)
}

/// The LLM's report about an answer that has ended.
struct AnswerSummary: Equatable {
    var promptTokens: Int?
    var completionTokens: Int?
    /// Why the answer ended, such as `stop` and `length`.
    var reason: String?

    enum End { case whole, truncated, refused, broken }

    /// What the reason says about the answer. Only words that are known to say so make it whole, and an end without a reason.
    var end: End {
        switch reason?.lowercased() {
        case nil, "", "stop", "eos", "eos_token", "end_of_sequence", "stop_sequence", "end_turn": .whole
        case "length", "max_tokens", "model_length": .truncated
        case "content_filter", "refusal", "safety", "recitation": .refused
        default: .broken
        }
    }
}

/// The thinking that an LLM sends beside its answer. Nothing of it is ever shown.
struct Aside: Equatable {
    /// The number of pieces of thinking.
    var thoughts = 0
    /// The words of a refusal.
    var refusal = ""
    /// The number of tools that it wants to be called.
    var calls = 0
}

/// Turns the bytes of an answer into pieces. The pieces do not depend on how the bytes are cut into chunks.
protocol AnswerDecoder {
    /// The host to which the LLM says it relays.
    var remoteHost: String? { get }
    var aside: Aside { get set }
    var lines: LineSource { get set }
    /// Whether the answer has ended, so that further bytes are ignored.
    var isOver: Bool { get set }
    mutating func read(_ line: [UInt8], into pieces: inout [Piece])
    /// Ends the bytes. If no piece was `.done` or `.error`, the answer was cut off.
    mutating func finish() -> [Piece]
}

extension AnswerDecoder {
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
        guard !isOver else { return [] }
        lines.append(bytes)
        var pieces: [Piece] = []
        while !isOver, let frame = lines.next() {
            switch frame {
            case .line(let line): read(line, into: &pieces)
            case .tooLong: end(.error("a line is longer than \(LineSource.limit) bytes"), into: &pieces)
            }
        }
        return pieces
    }

    /// Reads bytes that must be a JSON object; if they are not, that is the end of the answer.
    mutating func object(_ bytes: [UInt8], called what: String, into pieces: inout [Piece]) -> JSON? {
        do {
            let value = try ServerJSON.parse(bytes)
            if case .object = value { return value }
            end(.error("\(what) is not a JSON object"), into: &pieces)
        } catch {
            end(.error("\(what) is not JSON: \(error)"), into: &pieces)
        }
        return nil
    }

    /// Reads a message, or the part of one that is new.
    mutating func read(message: JSON, into pieces: inout [Piece]) {
        for name in ["thinking", "reasoning_content", "reasoning", "reasoning_details"] {
            if message[name]?.string?.isEmpty == false || message[name]?.array?.isEmpty == false { aside.thoughts += 1 }
        }
        aside.refusal += message["refusal"]?.string ?? ""
        aside.calls += message["tool_calls"]?.array?.count ?? 0
        if message["function_call"]?.object != nil { aside.calls += 1 }
        switch message["content"] {
        case nil, .null?: break
        case .array(let parts)?: for part in parts where !isOver { read(part: part, into: &pieces) }
        case let part?: read(part: part, into: &pieces)
        }
    }

    /// Reads a text, or an object that says what it is.
    private mutating func read(part: JSON, into pieces: inout [Piece]) {
        if let text = part.string {
            if !text.isEmpty { pieces.append(.text(text)) }
            return
        }
        switch part["type"]?.string {
        case "thinking", "redacted_thinking", "reasoning": aside.thoughts += 1
        case "refusal": aside.refusal += part["refusal"]?.string ?? ""
        case nil, "text", "output_text":
            guard let text = part["text"]?.string else {
                return end(.error("the content is neither a text nor a list of texts"), into: &pieces)
            }
            if !text.isEmpty { pieces.append(.text(text)) }
        case let kind?: end(.error("the content has a part of the kind \(kind)"), into: &pieces)
        }
    }

    mutating func end(_ piece: Piece, into pieces: inout [Piece]) {
        pieces.append(piece)
        isOver = true
    }
}
