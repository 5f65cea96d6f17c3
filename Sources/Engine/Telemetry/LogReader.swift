import Wire
package import World

/// Reads one segment of the chat log without holding it in memory.
package struct LogReader: Sendable {
    private static let block = 1 << 16
    /// Bytes below which reading on is cheaper than halving once more.
    private static let neighbourhood = 1 << 12
    /// More lines than all event loops can be about to write at once.
    static let unordered = 4_096
    /// Those that a JSON number holds exactly everywhere; whatever wrote another one, it was not us.
    static let numbers = 0...(1 << 53)
    /// Local answers reach the log within moments of their id's time, in no fixed order; those of an LLM within its
    /// total limit, which is at most ten minutes.
    private static let slack: Int64 = 900_000_000

    private let files: any FileSystem
    let path: String

    package init(files: any FileSystem, path: String) {
        self.files = files
        self.path = path
    }

    private var size: Int { files.status(path)?.size ?? 0 }

    /// Calls `body` for every line, oldest first, without its newline; stops when it returns false.
    package func forEachLine(from start: Int = 0, _ body: ([UInt8]) -> Bool) throws(FileError) {
        var offset = start
        var carried: [UInt8] = []
        while true {
            let block = try files.read(path, at: offset, count: Self.block)
            if block.isEmpty { return }
            offset += block.count
            var rest = block[...]
            while let newline = rest.firstIndex(of: UInt8(ascii: "\n")) {
                carried.append(contentsOf: rest[..<newline])
                if !body(carried) { return }
                carried.removeAll(keepingCapacity: true)
                rest = rest[(newline + 1)...]
            }
            carried.append(contentsOf: rest)
        }
    }

    /// Bytes after the last newline, and of lines at the end that are not even JSON.
    func tornBytes() throws(FileError) -> Int {
        let size = size
        var torn = size
        try forEachLineBackwards { line, end in
            // A line that only a newer daemon understands is no torn one.
            guard (try? JSONParser.parse(line)) != nil else { return true }
            torn = size - (end + 1)
            return false
        }
        return torn
    }

    func first() throws(FileError) -> LoggedAnswer? {
        var first: LoggedAnswer?
        try forEachLine { line in
            first = LoggedAnswer(line: line)
            return first == nil
        }
        return first
    }

    /// The highest number of our lines at the end: event loops write in no fixed order, so that the last line need not
    /// have it.
    func highestSequence() throws(FileError) -> Int? {
        var highest: Int?
        var left = Self.unordered
        try forEachLineBackwards { line, _ in
            guard let number = Self.sequence(of: line) ?? LoggedAnswer(line: line)?.seq, Self.numbers ~= number
            else { return true }
            highest = max(highest ?? number, number)
            left -= 1
            return left > 0
        }
        return highest
    }

    /// The number of a line that begins as ``LogLine`` writes it; nil for any other.
    private static func sequence(of line: [UInt8]) -> Int? {
        let name = Array("\",\"seq\":".utf8)
        let digits = start.count + 27 + name.count
        guard line.count > 100, line.last == UInt8(ascii: "}"), line.starts(with: start),
            line[(start.count + 27)..<digits].elementsEqual(name)
        else { return nil }
        return Int(String(decoding: line[digits...].prefix { $0 != UInt8(ascii: ",") }.prefix(20), as: UTF8.self))
    }

    /// Calls `body` for every line that has its newline, newest first, with the newline's place; stops when it returns
    /// false. Every block is read once, however many lines it has.
    private func forEachLineBackwards(_ body: ([UInt8], _ end: Int) -> Bool) throws(FileError) {
        var window = Window()
        guard var end = try lastNewline(before: size, in: &window) else { return }
        while true {
            let start = try lastNewline(before: end, in: &window).map { $0 + 1 } ?? 0
            // What is longer than a block is read as a whole.
            var line = window.bytes(start..<end) ?? []
            if line.count < end - start { line = try files.read(path, at: start, count: end - start) }
            if !body(line, end) { return }
            guard start > 0 else { return }
            end = start - 1
        }
    }

    /// Binary search by time, then a walk through the neighbourhood.
    func find(_ id: Identifier) throws(FileError) -> LoggedAnswer? {
        let earliest = id.time.microseconds - Self.slack
        let latest = id.time.microseconds + Self.slack
        var low = 0
        var high = size
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
        try forEachLine(from: try lineStart(at: low)) { line in
            // On a busy host the neighbourhood has a million lines: only the right one is parsed.
            if let (time, other) = Self.head(of: line), !other.elementsEqual(wanted) {
                return !last.lexicographicallyPrecedes(time)
            }
            guard let answer = LoggedAnswer(line: line) else { return true }
            if answer.id == id { found = answer }
            return found == nil && answer.counted.at.microseconds <= latest
        }
        return found
    }

    /// Time and id of a line that begins as ``LogLine`` writes it; nil for any other.
    private static func head(of line: [UInt8]) -> (time: ArraySlice<UInt8>, id: ArraySlice<UInt8>)? {
        guard line.count > 100, line.starts(with: start) else { return nil }
        let time = line[start.count..<(start.count + 27)]
        guard let colon = line[time.endIndex..<(time.endIndex + 40)].lastIndex(of: UInt8(ascii: ":")),
            line[..<colon].reversed().starts(with: "\"di\",".utf8), line.count > colon + 38
        else { return nil }
        return (time, line[(colon + 2)..<(colon + 38)])
    }

    private static let start = Array("{\"schema\":1,\"ts\":\"".utf8)

    private func lineStart(at offset: Int) throws(FileError) -> Int {
        offset == 0 ? 0 : try lastNewline(before: offset).map { $0 + 1 } ?? 0
    }

    /// The first readable line that begins after `offset`, and its time.
    private func firstLine(from offset: Int) throws(FileError) -> (start: Int, time: Int64)? {
        var position = offset
        var isFirst = true
        var result: (Int, Int64)?
        try forEachLine(from: offset) { line in
            let start = position
            position += line.count + 1
            // Where the search landed is in the middle of a line.
            defer { isFirst = false }
            guard !isFirst, let answer = LoggedAnswer(line: line) else { return true }
            result = (start, answer.counted.at.microseconds)
            return false
        }
        return result
    }

    private func lastNewline(before end: Int) throws(FileError) -> Int? {
        var window = Window()
        return try lastNewline(before: end, in: &window)
    }

    private func lastNewline(before end: Int, in window: inout Window) throws(FileError) -> Int? {
        var end = end
        while end > 0 {
            if !window.range.contains(end - 1) {
                let start = max(0, end - Self.block)
                window = Window(start: start, block: try files.read(path, at: start, count: end - start))
            }
            let begin = window.start
            // Whoever shortens the file meanwhile has no newline there.
            let part = window.block.prefix(max(0, end - begin))
            if let index = part.lastIndex(of: UInt8(ascii: "\n")) { return begin + index }
            end = begin
        }
        return nil
    }

    /// The block of the file in which lines are being looked for.
    private struct Window {
        var start = 0
        var block: [UInt8] = []

        var range: Range<Int> { start..<(start + block.count) }

        /// nil for what does not lie in it.
        func bytes(_ wanted: Range<Int>) -> [UInt8]? {
            guard range.lowerBound <= wanted.lowerBound, wanted.upperBound <= range.upperBound else { return nil }
            return Array(block[(wanted.lowerBound - start)..<(wanted.upperBound - start)])
        }
    }
}
