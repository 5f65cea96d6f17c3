import Wire

/// Cuts the bytes of an answer into lines, which end with a line feed, a carriage return, or both. A byte-order mark before
/// the first line is not part of it.
struct LineSource {
    /// The longest line in bytes that is read.
    static let limit = 1 << 20
    static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private var framer = LineFramer(limit: LineSource.limit)
    private var isAfterReturn = false
    private var isFirst = true

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard isAfterReturn || bytes.contains(0x0D) else { return framer.append(bytes) }
        var lines: [UInt8] = []
        lines.reserveCapacity(bytes.count)
        for byte in bytes {
            let isSecondHalf = isAfterReturn && byte == 0x0A
            isAfterReturn = byte == 0x0D
            if !isSecondHalf { lines.append(isAfterReturn ? 0x0A : byte) }
        }
        lines.withUnsafeBytes { framer.append($0) }
    }

    /// Takes the next complete line; nil if more bytes are needed.
    mutating func next() -> LineFramer.Frame? {
        switch framer.next() {
        case nil: nil
        case .tooLong: .tooLong
        case .line(let line): .line(unmarked(line))
        }
    }

    /// Takes the last line if it lacks its end.
    mutating func finish() -> [UInt8]? { framer.finish().map { unmarked($0) } }

    private mutating func unmarked(_ line: [UInt8]) -> [UInt8] {
        defer { isFirst = false }
        return isFirst && line.starts(with: Self.mark) ? Array(line.dropFirst(Self.mark.count)) : line
    }
}

extension BidirectionalCollection<UInt8> {
    /// The bytes without spaces and tabs at their ends.
    var withoutSpace: SubSequence {
        func isText(_ byte: UInt8) -> Bool { byte != 0x20 && byte != 0x09 }
        guard let first = firstIndex(where: isText), let last = lastIndex(where: isText) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}
