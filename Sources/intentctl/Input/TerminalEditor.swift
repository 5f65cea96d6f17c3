import CEdit
import Glibc
import Terminal
import Wire

/// libedit's line editor with a history, in which a line may hold several: Ctrl-O and pasted line feeds stay in it.
///
/// libedit calls functions of C, which hold no state, so what they need stands in one place; the tool has one thread and
/// one editor, and libedit calls from that thread.
final class TerminalEditor {
    private static let historyLength: Int32 = 1_000
    /// Nothing that a terminal sends: the editor is given it when a line is to be put back.
    private static let restoring = "\u{1B}[9999~"

    /// What libedit's calls need.
    private struct State {
        var completion: Completion?
        var prompt: UnsafeMutablePointer<CChar>?
        /// The text that is put into the next line.
        var restored = ""
    }

    nonisolated(unsafe) private static var state = State()

    private let editor: OpaquePointer
    private let lines: OpaquePointer?
    private let history: String?

    /// nil where libedit cannot work with this terminal.
    init?(completion: Completion?) {
        // libedit takes each byte for a character unless a locale is set.
        setlocale(LC_CTYPE, "")
        if nl_langinfo(nl_item(CODESET)).map({ String(cString: $0) }) != "UTF-8" { setlocale(LC_CTYPE, "C.UTF-8") }
        guard let editor = intentctl_editor({ _ in TerminalEditor.state.prompt }) else { return nil }
        self.editor = editor
        Self.state.completion = completion
        Self.defineKeys(editor)
        history = Self.historyFile()
        lines = intentctl_history(editor, Self.historyLength)
        if let history, let lines { _ = intentctl_history_do(lines, H_LOAD, history) }
        el_source(editor, nil)
    }

    deinit {
        if let lines { history_end(lines) }
        el_end(editor)
    }

    /// The next line without its end; nil at the end of the input.
    func next(prompt: String) -> String? {
        Self.state.prompt = strdup(prompt)
        defer {
            free(Self.state.prompt)
            Self.state.prompt = nil
        }
        if !Self.state.restored.isEmpty { el_push(editor, Self.restoring) }
        var count: Int32 = 0
        let typed = Paste.marked { el_gets(editor, &count) }
        guard let typed, count > 0 else { return nil }
        let line = String(cString: typed)
        return line.hasSuffix("\n") ? String(line.dropLast()) : line
    }

    /// Has the next line begin with this text.
    func putBack(_ text: String) { Self.state.restored = text }

    /// Keeps a line in the history, which is written each time, so that nothing is lost however the chat ends. Only its
    /// owner may read it.
    func remember(_ line: String) {
        guard let lines, !line.trimmed.isEmpty else { return }
        _ = intentctl_history_do(lines, H_ENTER, line)
        guard let history else { return }
        let mask = umask(0o077)
        defer { umask(mask) }
        if intentctl_history_do(lines, H_SAVE, history) >= 0 { chmod(history, 0o600) }
    }

    private static func defineKeys(_ editor: OpaquePointer) {
        intentctl_define(editor, "intentctl-complete") { editor, _ in
            guard let editor, let completion = TerminalEditor.state.completion else { return UInt8(CC_ERROR) }
            return UInt8(completion.complete(editor))
        }
        intentctl_define(editor, "intentctl-newline") { editor, _ in
            UInt8(el_insertstr(editor, "\n") == 0 ? CC_REFRESH : CC_ERROR)
        }
        intentctl_define(editor, "intentctl-paste") { editor, _ in
            var scalars = String.UnicodeScalarView()
            while case let key = intentctl_key(editor), key >= 0 {
                scalars.append(Unicode.Scalar(UInt32(key)) ?? "\u{FFFD}")
                guard key == 0x7E, scalars.suffix(Paste.end.count).elementsEqual(Paste.end) else { continue }
                scalars.removeLast(Paste.end.count)
                break
            }
            el_insertstr(editor, Paste.text(scalars))
            return UInt8(CC_REFRESH)
        }
        intentctl_define(editor, "intentctl-restore") { editor, _ in
            el_insertstr(editor, TerminalEditor.state.restored)
            TerminalEditor.state.restored = ""
            return UInt8(CC_REFRESH)
        }
        for key in keys { intentctl_bind(editor, key.key, key.value) }
    }

    private static let keys: KeyValuePairs<String, String> = [
        "^I": "intentctl-complete", "^O": "intentctl-newline", Paste.begin: "intentctl-paste",
        "\\e[9999~": "intentctl-restore",
        // These are the keys of other line editors, which libedit leaves unbound.
        "^R": "em-inc-search-prev", "\\e[1~": "ed-move-to-beg", "\\e[4~": "ed-move-to-end", "\\e[7~": "ed-move-to-beg",
        "\\e[8~": "ed-move-to-end", "\\e[H": "ed-move-to-beg", "\\e[F": "ed-move-to-end",
        "\\e[3~": "ed-delete-next-char", "\\e[2~": "ed-quoted-insert", "\\e[1;5C": "em-next-word",
        "\\e[1;5D": "ed-prev-word", "\\e[5C": "em-next-word", "\\e[5D": "ed-prev-word",
    ]

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
}
