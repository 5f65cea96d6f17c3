import Wire

/// A part of an answer, as a decoder reads it from the bytes.
enum Piece: Equatable {
    case text(String)
    /// The answer is complete. Anything that comes after it is ignored.
    case done(AnswerSummary)
    /// The LLM reports an error, or the bytes do not follow its protocol.
    case error(String)
}

/// The LLM's report about a complete answer.
struct AnswerSummary: Equatable {
    var promptTokens: Int?
    var completionTokens: Int?
    /// Why the answer ended, such as `stop` and `length`.
    var reason: String?
}

/// Turns the bytes of an answer into pieces. The pieces do not depend on how the bytes are cut into chunks.
protocol AnswerDecoder {
    /// The host to which the LLM says it relays.
    var remoteHost: String? { get }
    var framer: LineFramer { get set }
    /// Whether the answer has ended, so that further bytes are ignored.
    var isOver: Bool { get set }
    mutating func read(_ line: [UInt8], into pieces: inout [Piece])
    /// Ends the bytes. If no piece was `.done` or `.error`, the answer was cut off.
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

    /// Reads bytes that must be a JSON object; if they are not, that is the end of the answer.
    mutating func object(_ bytes: [UInt8], called what: String, into pieces: inout [Piece]) -> JSON? {
        do {
            let value = try JSONParser.parse(bytes)
            if case .object = value { return value }
            end(.error("\(what) is not a JSON object"), into: &pieces)
        } catch {
            end(.error("\(what) is not JSON: \(error)"), into: &pieces)
        }
        return nil
    }

    mutating func end(_ piece: Piece, into pieces: inout [Piece]) {
        pieces.append(piece)
        isOver = true
    }
}

/// The longest line in bytes that is read.
let lineLimit = 1 << 20
