/// An answer in the form in which the daemon writes all of its own: version, id, and then the result or the error.
///
///     {"jsonrpc":"2.0","id":7,"result":{…}}
///
/// It is recognised by comparing bytes, without a parser and without memory. The load program counts a hundred thousand
/// answers a second with nothing else, so that what it measures is the daemon; ``Dialogue`` begins with it and then
/// reads the content strictly. What is of another form is not wrong: it has to be parsed.
package struct PlainAnswer: Sendable, Equatable {
    package var id: Int
    package var isResult: Bool
    /// The offset at which the JSON of the result or the error begins.
    package var content: Int

    private static let head: StaticString = "{\"jsonrpc\":\"2.0\",\"id\":"
    private static let result: StaticString = ",\"result\":"
    private static let error: StaticString = ",\"error\":"

    /// Recognises a line by its beginning; nil for one of another form. The bytes from ``content`` on are not looked at, so
    /// the line may still turn out to be wrong.
    package init?(_ line: UnsafeRawBufferPointer) {
        guard Self.has(Self.head, in: line, at: 0) else { return nil }
        let start = Self.head.utf8CodeUnitCount
        // A number of 18 digits always fits.
        let limit = min(line.count, start + 18)
        var (position, number) = (start, 0)
        while position < limit, case let digit = line[position] &- UInt8(ascii: "0"), digit < 10 {
            number = number &* 10 &+ Int(digit)
            position += 1
        }
        guard position > start, line[start] != UInt8(ascii: "0") || position == start + 1 else { return nil }
        id = number
        isResult = Self.has(Self.result, in: line, at: position)
        guard isResult || Self.has(Self.error, in: line, at: position) else { return nil }
        content = position + (isResult ? Self.result : Self.error).utf8CodeUnitCount
    }

    /// Compares eight bytes at a time; the last eight may overlap those before. The words have nine bytes and more.
    private static func has(_ word: StaticString, in line: UnsafeRawBufferPointer, at position: Int) -> Bool {
        let count = word.utf8CodeUnitCount
        guard line.count - position >= count else { return false }
        let wanted = UnsafeRawPointer(word.utf8Start)
        var offset = 0
        while true {
            let ours = wanted.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let theirs = line.loadUnaligned(fromByteOffset: position + offset, as: UInt64.self)
            guard ours == theirs else { return false }
            if offset == count - 8 { return true }
            offset = min(offset + 8, count - 8)
        }
    }
}
