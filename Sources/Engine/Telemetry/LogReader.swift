import Wire
package import World

// There is no index beside the log. An answer's id contains its time and lines are nearly in the order of time, so a
// binary search over bytes ends within a known neighbourhood of the line; an index would have to be written, synced and
// repaired with every line. The price: the neighbourhood must cover every line that can be late (an LLM may take ten
// minutes), and lines in it are compared as bytes before one is parsed.

/// Reads one segment of the chat log without holding it in memory.
///
///     let segment = LogReader(files: files, path: folders.chatLog)
///     try segment.forEachLine { line in
///         count += 1
///         return count < 1_000    // false stops
///     }
package struct LogReader: Sendable {
    private static let block = 1 << 16
    /// The size of a span in bytes below which reading it is cheaper than halving it once more.
    private static let neighbourhood = 1 << 12
    /// More lines than all event loops can be about to write at the same time.
    static let unordered = 4_096
    /// Possible line numbers: those that every JSON reader holds exactly. A line with another one is not ours.
    static let numbers = 0...(1 << 53)
    /// The most microseconds between an id's time and its line, with some to spare. A local answer takes moments, one
    /// of an LLM at most ten minutes.
    private static let slack: Int64 = 900_000_000

    /// So many bytes at the beginning of a file show whose it is.
    static let beginning = 1 << 20
    /// The bytes of the longest line; a longer one is not the log's.
    static let longest = 1 << 20
    /// So many bytes without the end of a line are no log: a hole that somebody made, perhaps of terabytes.
    private static let widest = 64 << 20
    /// Of lines that are not in order so many bytes are read for one answer.
    private static let disorderly = 64 << 20

    private let files: any FileSystem
    let path: String

    package init(files: any FileSystem, path: String) {
        (self.files, self.path) = (files, path)
    }

    private var size: Int { files.status(path)?.size ?? 0 }

    /// Calls `body` for every line, oldest first, without its newline; stops when it returns false.
    package func forEachLine(from start: Int = 0, _ body: ([UInt8]) -> Bool) throws(FileError) {
        try forEachLine(from: start) { line, _ in body(line) }
    }

    /// Calls `body` for every line and gives it the offset of the line's first byte. Of a line that is too long to be the
    /// log's it gets none.
    func forEachLine(from start: Int = 0, _ body: ([UInt8], _ offset: Int) -> Bool) throws(FileError) {
        var offset = start
        var begin = start
        var carried: [UInt8] = []
        var isTooLong = false
        while true {
            let block = try files.read(path, at: offset, count: Self.block)
            if block.isEmpty { return }
            var rest = block[...]
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                carried.append(contentsOf: rest[..<newline])
                if isTooLong { carried.removeAll(keepingCapacity: true) }
                if !body(carried, begin) { return }
                carried.removeAll(keepingCapacity: true)
                rest = rest[(newline + 1)...]
                (begin, isTooLong) = (offset + rest.startIndex, false)
            }
            offset += block.count
            guard offset - begin <= Self.widest else { return }
            carried.append(contentsOf: rest)
            if carried.count > Self.longest {
                isTooLong = true
                carried.removeAll()
            }
        }
    }

    /// Returns the number of bytes at the end that are not whole lines of JSON.
    func tornBytes() throws(FileError) -> Int {
        let size = size
        var torn = size
        try forEachLineBackwards { line, end in
            // A line that only a newer daemon understands is not torn.
            guard (try? JSONParser.parse(line)) != nil else { return true }
            torn = size - (end + 1)
            return false
        }
        return torn
    }

    /// Returns the first answer; nil if there is none.
    ///
    /// - Parameter count: bytes from the beginning after which no line is looked at.
    func first(within count: Int = .max) throws(FileError) -> LoggedAnswer? {
        var first: LoggedAnswer?
        try forEachLine { line, offset in
            guard offset < count else { return false }
            first = LoggedAnswer(line: line)
            return first == nil
        }
        return first
    }

    func highestSequence() throws(FileError) -> Int? { try end().sequence }

    /// Returns the highest line number, and the time of the last line; nil if there are none. The number is among the
    /// last lines but need not be the very last: event loops write in no fixed order.
    func end() throws(FileError) -> (sequence: Int?, newest: Timestamp?) {
        var highest: Int?
        var newest: Timestamp?
        var left = Self.unordered
        try forEachLineBackwards { line, _ in
            guard let number = Self.sequence(of: line) ?? LoggedAnswer(line: line)?.seq, Self.numbers ~= number
            else { return true }
            // The time of one line is enough: whoever asks for it gives or takes a day, or a quarter of an hour.
            if newest == nil { newest = LoggedAnswer(line: line)?.counted.at }
            highest = max(highest ?? number, number)
            left -= 1
            return left > 0
        }
        return (highest, newest)
    }

    /// Whether a line of this time does not belong behind one of that time, but for what event loops and LLMs mix up.
    static func isDisorder(from before: Timestamp, to after: Timestamp) -> Bool {
        after.microseconds < before.microseconds - slack
    }

    /// Reads the number of a line without parsing it; nil unless the line begins as ``LogLine`` writes it.
    private static func sequence(of line: [UInt8]) -> Int? {
        let name = Array("\",\"seq\":".utf8)
        let digits = start.count + 27 + name.count
        guard line.count > 100, line.last == UInt8(ascii: "}"), line.starts(with: start),
            line[(start.count + 27)..<digits].elementsEqual(name)
        else { return nil }
        return Int(String(decoding: line[digits...].prefix { $0 != UInt8(ascii: ",") }.prefix(20), as: UTF8.self))
    }

    /// Calls `body` for every line with a newline, newest first, and gives it the newline's offset; stops when it
    /// returns false. Every block is read once, however many lines it has.
    private func forEachLineBackwards(_ body: ([UInt8], _ end: Int) -> Bool) throws(FileError) {
        var window = Window()
        guard var end = try lastNewline(before: size, in: &window) else { return }
        while true {
            let start = try lastNewline(before: end, in: &window).map { $0 + 1 } ?? 0
            // A line longer than a block is read as a whole, unless it is too long to be the log's.
            var line = window.bytes(start..<end) ?? []
            if line.count < end - start, end - start <= Self.longest {
                line = try files.read(path, at: start, count: end - start)
            }
            if !body(line, end) { return }
            guard start > 0 else { return }
            end = start - 1
        }
    }

    /// Finds the line of an answer by a binary search for its time and a walk through the neighbourhood.
    ///
    /// - Parameter disorder: from this byte on the lines may be older than ones far before them, because a clock was set
    ///   back, and are looked at one by one.
    func find(_ id: Identifier, orderedUntil disorder: Int? = nil) throws(FileError) -> LoggedAnswer? {
        if let found = try findInOrder(id, until: disorder) { return found }
        guard let disorder else { return nil }
        var found: LoggedAnswer?
        let wanted = Array(id.description.utf8)
        var window = Window()
        let start = try lastNewline(before: disorder, in: &window).map { $0 + 1 } ?? 0
        try forEachLine(from: start) { line, offset in
            if let (_, other) = Self.head(of: line), !other.elementsEqual(wanted) {
                return offset - start < Self.disorderly
            }
            if let answer = LoggedAnswer(line: line), answer.id == id { found = answer }
            return found == nil && offset - start < Self.disorderly
        }
        return found
    }

    private func findInOrder(_ id: Identifier, until disorder: Int?) throws(FileError) -> LoggedAnswer? {
        let earliest = id.time.microseconds - Self.slack
        let latest = id.time.microseconds + Self.slack
        var low = 0
        var high = min(size, disorder ?? .max)
        while high - low > Self.neighbourhood {
            let middle = (low + high) / 2
            guard let (start, time) = try firstLine(from: middle), start < high else {
                high = middle
                continue
            }
            if time < earliest { low = start } else { high = middle }
        }
        var found: LoggedAnswer?
        let (wanted, last) = (Array(id.description.utf8), Array(Timestamp(microseconds: latest).rfc3339.utf8))
        var window = Window()
        let start = try lastNewline(before: low, in: &window).map { $0 + 1 } ?? 0
        try forEachLine(from: start) { line in
            // On a busy host the neighbourhood has a million lines; only the right one is parsed.
            if let (time, other) = Self.head(of: line), !other.elementsEqual(wanted) {
                return !last.lexicographicallyPrecedes(time)
            }
            guard let answer = LoggedAnswer(line: line) else { return true }
            if answer.id == id { found = answer }
            return found == nil && answer.counted.at.microseconds <= latest
        }
        return found
    }

    /// Returns time and id of a line without parsing it; nil unless the line begins as ``LogLine`` writes it.
    private static func head(of line: [UInt8]) -> (time: ArraySlice<UInt8>, id: ArraySlice<UInt8>)? {
        guard line.count > 100, line.starts(with: start) else { return nil }
        let time = line[start.count..<(start.count + 27)]
        guard let colon = line[time.endIndex..<(time.endIndex + 40)].lastIndex(of: UInt8(ascii: ":")),
            line[..<colon].reversed().starts(with: "\"di\",".utf8), line.count > colon + 38
        else { return nil }
        return (time, line[(colon + 2)..<(colon + 38)])
    }

    /// Lines of earlier schemas are parsed.
    private static let start = Array("{\"schema\":\(LogLine.schema),\"ts\":\"".utf8)

    /// Returns offset and time of the first readable line that begins after `offset`.
    private func firstLine(from offset: Int) throws(FileError) -> (start: Int, time: Int64)? {
        var isFirst = true
        var result: (Int, Int64)?
        try forEachLine(from: offset) { line, start in
            // The first line is cut: `offset` lies somewhere within it.
            defer { isFirst = false }
            guard !isFirst, let answer = LoggedAnswer(line: line) else { return true }
            result = (start, answer.counted.at.microseconds)
            return false
        }
        return result
    }

    private func lastNewline(before end: Int, in window: inout Window) throws(FileError) -> Int? {
        let limit = end - Self.widest
        var end = end
        while end > 0 {
            guard end > limit else {
                throw FileError(.failed, operation: "read", path: path, detail: "64 MiB of it have no end of a line")
            }
            if !window.range.contains(end - 1) {
                let start = max(0, end - Self.block)
                window = Window(start: start, block: try files.read(path, at: start, count: end - start))
            }
            let begin = window.start
            // The file may have been shortened meanwhile.
            let part = window.block.prefix(max(0, end - begin))
            if let index = part.lastIndex(of: UInt8(ascii: "\n")) { return begin + index }
            end = begin
        }
        return nil
    }

    /// The block of the file that was read last.
    private struct Window {
        var start = 0
        var block: [UInt8] = []

        var range: Range<Int> { start..<(start + block.count) }

        /// Returns the bytes of a range; nil unless the whole range lies in the block.
        func bytes(_ wanted: Range<Int>) -> [UInt8]? {
            guard range.lowerBound <= wanted.lowerBound, wanted.upperBound <= range.upperBound else { return nil }
            return Array(block[(wanted.lowerBound - start)..<(wanted.upperBound - start)])
        }
    }
}
