import Wire

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
    var framer: LineFramer { get set }
    /// Nothing counts any more.
    var isOver: Bool { get set }
    mutating func read(_ line: [UInt8], into pieces: inout [Piece])
    /// At the end of the bytes. Without a `.done` or `.error` in any piece, the answer was cut.
    mutating func finish() -> [Piece]
}

extension AnswerDecoder {
    mutating func take(_ bytes: UnsafeRawBufferPointer) -> [Piece] {
        guard !isOver else { return [] }
        framer.append(bytes)
        var pieces: [Piece] = []
        while !isOver, let frame = framer.next() {
            switch frame {
            case .line(let line): read(line, into: &pieces)
            case .tooLong: end(.error("a line is longer than \(lineLimit) bytes"), into: &pieces)
            }
        }
        return pieces
    }

    mutating func end(_ piece: Piece, into pieces: inout [Piece]) {
        pieces.append(piece)
        isOver = true
    }
}

/// A line longer than this is no answer.
let lineLimit = 1 << 20
