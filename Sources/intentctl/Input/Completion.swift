import CEdit
import Glibc

/// The work of Tab in a conversation. libedit takes functions of C, which hold no state, so the state stands here; the tool
/// has one thread, and libedit calls from it.
enum Completion {
    /// The words that could stand at the end of a line that begins so.
    nonisolated(unsafe) static var words: ((_ line: String) -> [String])?
    nonisolated(unsafe) private static var matches: [String] = []

    /// Has libedit ask ``words`` from now on.
    static func begin() {
        intentctl_complete_with { text, start, _ in
            intentctl_complete_nothing_else()
            guard let text, let line = intentctl_line() else { return nil }
            Completion.find(String(cString: text), after: String(cString: line).utf8.prefix(Int(start)))
            return rl_completion_matches(text) { _, state in
                let index = Int(state)
                return index < Completion.matches.count ? strdup(Completion.matches[index]) : nil
            }
        }
    }

    private static func find(_ begun: String, after before: Substring.UTF8View) {
        let line = String(decoding: before, as: UTF8.self) + begun
        matches = (words?(line) ?? []).filter { $0.hasPrefix(begun) }
    }
}
