/// Cuts a stream of bytes into lines. Whatever the chunks, the lines are the same, and every byte is looked at once.
package struct LineFramer: Sendable {
    package enum Frame: Sendable, Equatable {
        /// A line without its line feed and without a carriage return before it.
        case line([UInt8])
        /// A line beyond the limit; said once, and the rest of it is thrown away.
        case tooLong
    }

    /// Where a line lies in the framer's own memory.
    package enum Place: Sendable, Equatable {
        /// For ``withBytes(at:_:)``, until the next call that changes the framer.
        case line(Range<Int>)
        case tooLong
    }

    /// Memory that is kept between lines.
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

    /// Bytes that are held.
    package var byteCount: Int { buffer.count - start }

    /// Whether the beginning of a line is there without its end. Ask after ``next()`` gave nil.
    package var hasPartialLine: Bool { start < buffer.count || isSkipping }

    /// The next complete line; nil when more bytes are needed.
    package mutating func next() -> Frame? {
        switch nextPlace() {
        case nil: nil
        case .tooLong: .tooLong
        case .line(let range): .line(Array(buffer[range]))
        }
    }

    /// As ``next()``, without a copy of the line.
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

    /// At the end of the stream: what stands there without a line feed, if anything.
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

    /// What has no end yet and is too long already.
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
