/// Cuts a stream of bytes into lines. The lines do not depend on how the stream was cut into chunks, and every byte is
/// looked at once, so that a client that sends single bytes costs no more than another.
///
///     var framer = LineFramer(limit: 1 << 20)
///     framer.append(chunk)
///     while let frame = framer.next() { … }
package struct LineFramer: Sendable {
    package enum Frame: Sendable, Equatable {
        /// A line without its line feed and without a carriage return before it.
        case line([UInt8])
        /// A line is longer than the limit. This comes once, and the rest of the line is thrown away.
        case tooLong
    }

    /// A line as a place in the framer's own memory.
    package enum Place: Sendable, Equatable {
        /// A range for ``withBytes(at:_:)``, which is valid until the next call that changes the framer.
        case line(Range<Int>)
        case tooLong
    }

    /// The capacity in bytes up to which memory is kept between lines.
    private static let keptCapacity = 65_536

    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var isSkipping = false

    /// - Parameter limit: the longest line in bytes, its end not counted.
    package init(limit: Int) { self.limit = limit }

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if start > 0, start >= buffer.count - start {
            if start == buffer.count, buffer.capacity > Self.keptCapacity {
                buffer = []
            } else {
                buffer.removeFirst(start)
            }
            scanned -= start
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// The number of bytes that are held.
    package var byteCount: Int { buffer.count - start }

    /// Whether a line has begun and not ended. Ask after ``next()`` has returned nil.
    package var hasPartialLine: Bool { start < buffer.count || isSkipping }

    /// Takes the next complete line; nil if more bytes are needed.
    package mutating func next() -> Frame? {
        switch nextPlace() {
        case nil: nil
        case .tooLong: .tooLong
        case .line(let range): .line(Array(buffer[range]))
        }
    }

    /// Takes the next complete line as ``next()`` does, without copying it.
    package mutating func nextPlace() -> Place? {
        while true {
            guard let end = lineFeed() else { return overlong() }
            let line = start..<(end > start && buffer[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
            start = end + 1
            scanned = start
            if isSkipping {
                isSkipping = false
                continue
            }
            return line.count > limit ? .tooLong : .line(line)
        }
    }

    package func withBytes<Value>(at range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Value) -> Value {
        buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    /// Ends the stream.
    ///
    /// - Returns: the bytes after the last line feed; nil if there are none.
    package mutating func finish() -> [UInt8]? {
        defer {
            buffer = []
            (start, scanned, isSkipping) = (0, 0, false)
        }
        guard !isSkipping, start < buffer.count else { return nil }
        return Array(buffer[start...])
    }

    private mutating func lineFeed() -> Int? {
        let found = buffer.withUnsafeBytes { bytes -> Int? in
            var index = scanned
            let ones: UInt64 = 0x0101_0101_0101_0101
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ (ones &* 0x0A)
                if (word &- ones) & ~word & (ones &* 0x80) != 0 { break }
                index += 8
            }
            while index < bytes.count {
                if bytes[index] == UInt8(ascii: "\n") { return index }
                index += 1
            }
            return nil
        }
        scanned = found ?? buffer.count
        return found
    }

    /// Throws away a line that has no end yet and is too long already.
    ///
    /// - Returns: `tooLong` the first time, else nil.
    private mutating func overlong() -> Place? {
        let count = buffer.count - start
        let isTooLong = count > limit + 1 || (count == limit + 1 && buffer.last != UInt8(ascii: "\r"))
        guard isSkipping || isTooLong else { return nil }
        defer { isSkipping = true }
        buffer = []
        (start, scanned) = (0, 0)
        return isSkipping ? nil : .tooLong
    }
}
