/// What a decoder makes of an answer's bytes.
enum Piece: Equatable {
    case text(String)
    /// The answer is whole; whatever comes after it does not count.
    case done(Ending)
    /// The LLM says that it failed, or its words are not what they should be.
    case error(String)
}

/// What the LLM says of its own answer.
struct Ending: Equatable {
    var promptTokens: Int?
    var completionTokens: Int?
    var reason: String?
    /// Another host that made the answer, if the LLM names one.
    var remoteHost: String?
}

/// Bytes of an answer to pieces; how they are cut into chunks makes no difference.
protocol AnswerDecoder {
    /// The host that the LLM says it relays to.
    var remoteHost: String? { get }
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Piece]
    /// At the end of the bytes. Without a `.done` or `.error` in any piece, the answer was cut.
    mutating func finish() -> [Piece]
}

/// A line longer than this is no answer.
let lineLimit = 1 << 20
