import CEdit
import Terminal

/// The work of Tab in a conversation.
struct Completion {
    /// The words that could stand at the end of a line that begins so.
    let words: (_ line: String) -> [String]

    /// Completes the word before the cursor as far as that is certain, and lists what it could be where it is not.
    ///
    /// - Returns: what libedit is to do next.
    func complete(_ editor: OpaquePointer) -> Int32 {
        guard let line = el_line(editor)?.pointee, let start = line.buffer, let cursor = line.cursor else {
            return CC_ERROR
        }
        let before = String(decoding: UnsafeRawBufferPointer(start: start, count: cursor - start), as: UTF8.self)
        let begun = String(before.split(separator: " ", omittingEmptySubsequences: false).last ?? "")
        let matches = words(before).filter { $0.hasPrefix(begun) }
        guard let first = matches.first else { return CC_REFRESH_BEEP }
        let shared = matches.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        let rest = shared.dropFirst(begun.count) + (matches.count == 1 ? " " : "")
        if !rest.isEmpty {
            el_insertstr(editor, String(rest))
            return CC_REFRESH
        }
        Output.standard.write("\n" + matches.map(Printable.line).joined(separator: "  ") + "\n")
        return CC_REDISPLAY
    }
}

extension String {
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0.0 == $0.1 }.map { $0.0 })
    }
}
