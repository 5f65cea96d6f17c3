/// Finds one short run of bytes in longer ones: a token in a message, a field in a line of a log.
///
/// The first byte decides most positions, and lines and messages are short, so that a plain loop is as fast as a table
/// that would have to be built and kept. Searching allocates nothing.
///
///     let search = ByteSearch("drop table", ignoringCase: true)
///     search.isFound(in: Array("x'; DROP TABLE users".utf8))  // true
package struct ByteSearch: Sendable {
    /// The bytes looked for; in lower case, as far as they are ASCII, if case is ignored.
    package let wanted: [UInt8]
    private let ignoresCase: Bool

    /// - Parameter ignoringCase: whether ASCII letters match in either case. Other letters match exactly.
    package init(_ wanted: String, ignoringCase: Bool = false) {
        self.wanted = wanted.utf8.map { ignoringCase ? $0.lowered : $0 }
        ignoresCase = ignoringCase
    }

    /// The offset of the first match at `start` or later; nil if there is none. An empty search finds nothing.
    package func first(in bytes: UnsafeBufferPointer<UInt8>, from start: Int = 0) -> Int? {
        wanted.withUnsafeBufferPointer { wanted in
            guard !wanted.isEmpty, bytes.count - wanted.count >= start else { return nil }
            let lower = wanted[0]
            let upper = ignoresCase && lower.isLetter ? lower & 0xDF : lower
            for place in start...(bytes.count - wanted.count) where bytes[place] == lower || bytes[place] == upper {
                var length = 1
                while length < wanted.count, matches(bytes[place + length], wanted[length]) { length += 1 }
                if length == wanted.count { return place }
            }
            return nil
        }
    }

    @inline(__always)
    private func matches(_ byte: UInt8, _ wanted: UInt8) -> Bool {
        byte == wanted || ignoresCase && byte.lowered == wanted
    }

    package func isFound(in bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { first(in: $0) != nil }
    }

    package func isFound(in text: String) -> Bool {
        var text = text
        return text.withUTF8 { first(in: $0) != nil }
    }
}
