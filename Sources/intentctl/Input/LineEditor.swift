import CEdit
import Glibc
import Terminal
import Wire

/// Lines that a person types, with editing and a history. Off a terminal it reads plain lines of standard input, without
/// libedit, so that a script can pipe them in.
struct LineEditor {
    private static let historyLength: Int32 = 1_000
    private static let lineLimit = 1 << 20

    let isInteractive: Bool
    private let history: String?
    private var framer = LineFramer(limit: lineLimit)
    private var isAtEnd = false

    /// - Parameter completions: the words that could stand at the end of a line that begins so.
    init(completions: ((_ line: String) -> [String])? = nil) {
        isInteractive = isatty(STDIN_FILENO) == 1 && Output.standard.isTerminal
        guard isInteractive else {
            history = nil
            return
        }
        // libedit takes each byte for a character unless a locale is set.
        setlocale(LC_CTYPE, "")
        if nl_langinfo(nl_item(CODESET)).map({ String(cString: $0) }) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
        history = Self.historyFile()
        Completion.words = completions
        if completions != nil { Completion.begin() }
        using_history()
        stifle_history(Self.historyLength)
        if let history { read_history(history) }
    }

    /// The next line; nil at the end of the input.
    mutating func next(prompt: String) throws(Failure) -> String? {
        guard isInteractive else { return try plainLine() }
        guard let typed = readline(prompt) else {
            Output.standard.write("\n")
            return nil
        }
        defer { free(typed) }
        let line = String(cString: typed)
        if !line.trimmed.isEmpty {
            add_history(typed)
            remember()
        }
        return line
    }

    /// Writes the history after every line, so that nothing is lost however the chat ends. Only its owner may read it.
    private func remember() {
        guard let history else { return }
        let mask = umask(0o077)
        defer { umask(mask) }
        if write_history(history) == 0 { chmod(history, 0o600) }
    }

    /// The history lies in $XDG_STATE_HOME, by default ~/.local/state (XDG Base Directory Specification 0.8).
    private static func historyFile() -> String? {
        func absolute(_ name: String) -> String? { environment(name).flatMap { $0.hasPrefix("/") ? $0 : nil } }
        let state = absolute("XDG_STATE_HOME") ?? absolute("HOME").map { $0 + "/.local/state" }
        guard let state else { return nil }
        var folder = ""
        for part in (state + "/intentctl").split(separator: "/") {
            folder += "/" + part
            mkdir(folder, 0o700)
        }
        return folder + "/history"
    }

    private mutating func plainLine() throws(Failure) -> String? {
        while true {
            switch framer.next() {
            case .line(let line): return String(decoding: line, as: UTF8.self)
            case .tooLong: throw .failed("A line of the input is longer than \(Self.lineLimit) bytes.")
            case nil: break
            }
            if isAtEnd { return framer.finish().map { String(decoding: $0, as: UTF8.self) } }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            isAtEnd = count <= 0
            if count > 0 { buffer[..<count].withUnsafeBytes { framer.append($0) } }
        }
    }
}
