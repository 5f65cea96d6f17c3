import Glibc
import Terminal
import Wire

/// Lines that a person types, with editing and a history. Off a terminal it reads plain lines of standard input, so that a
/// script can pipe them in. In both, lines between `"""` and `"""` are one.
struct LineEditor {
    /// What was typed.
    struct Line {
        var text: String
        /// Whether it has several lines or stood between quotes, so that it is a message whatever it begins with.
        var isMessage = false
        /// What the editor shows where the line is put back.
        var typed: String
    }

    private static let lineLimit = 1 << 20
    private static let quotes = "\"\"\""

    private let terminal: TerminalEditor?
    private var framer = LineFramer(limit: lineLimit)
    private var isAtEnd = false

    var isInteractive: Bool { terminal != nil }

    init(completion: Completion? = nil) {
        let isTerminal = isatty(STDIN_FILENO) == 1 && Output.standard.isTerminal
        terminal = isTerminal ? TerminalEditor(completion: completion) : nil
    }

    /// The next line; nil at the end of the input.
    mutating func next(prompt: String) throws(Failure) -> Line? {
        guard let first = try physicalLine(prompt: prompt) else { return nil }
        var line = Line(text: first, isMessage: first.contains("\n"), typed: first)
        let start = first.drop { $0.isWhitespace }
        if start.hasPrefix(Self.quotes) {
            line = Line(text: try quoted(after: String(start.dropFirst(3))), isMessage: true, typed: "")
            line.typed = Self.quotes + line.text + Self.quotes
        }
        terminal?.remember(line.typed)
        return line
    }

    /// Has the next line begin with one that was typed before.
    func putBack(_ line: Line) { terminal?.putBack(line.typed) }

    /// Reads on up to the quotes that close. They stand on a line of their own, or beside the last word.
    private mutating func quoted(after begun: String) throws(Failure) -> String {
        var lines = begun.trimmed.isEmpty ? [] : [begun]
        var (last, size) = (begun, begun.utf8.count)
        while !last.trimmed.hasSuffix(Self.quotes) {
            guard let next = try physicalLine(prompt: "… ") else {
                terminal?.remember(Self.quotes + lines.joined(separator: "\n"))
                throw .usage("A message that begins with \(Self.quotes) ends with \(Self.quotes).")
            }
            size += next.utf8.count + 1
            guard size <= Self.lineLimit else { throw Self.tooLong }
            lines.append(next)
            last = next
        }
        lines.removeLast()
        let rest = String(last[...(last.lastIndex { !$0.isWhitespace } ?? last.startIndex)].dropLast(3))
        if !rest.trimmed.isEmpty { lines.append(rest) }
        return lines.joined(separator: "\n")
    }

    private mutating func physicalLine(prompt: String) throws(Failure) -> String? {
        guard let terminal else { return try plainLine() }
        if let line = terminal.next(prompt: prompt) { return line }
        Output.standard.write("\n")
        return nil
    }

    private mutating func plainLine() throws(Failure) -> String? {
        while true {
            switch framer.next() {
            case .line(let line): return String(decoding: line, as: UTF8.self)
            case .tooLong: throw Self.tooLong
            case nil: break
            }
            if isAtEnd { return framer.finish().map { String(decoding: $0, as: UTF8.self) } }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            let code = errno
            isAtEnd = count <= 0
            guard count >= 0 else { throw .failed("Standard input cannot be read: \(description(of: code)).") }
            buffer[..<count].withUnsafeBytes { framer.append($0) }
        }
    }

    private static var tooLong: Failure { .failed("A line of the input is longer than \(lineLimit) bytes.") }
}
