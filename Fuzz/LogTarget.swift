import TestSupport
import Wire
import World

@testable import Engine

/// Bytes of a chat log that was torn, cut or written by somebody else. Some first bytes put filler before them, so
/// that lines lie across the reader's own blocks of 64 KiB.
///
/// Promised: a torn tail is cut once and nothing else is; first and last are what a reading of all lines gives; whoever
/// is found is who was looked for; the log can be written on.
struct LogTarget {
    private static let path = "/logs/chat_metrics.log"
    private static let filler =
        [UInt8](repeating: UInt8(ascii: "x"), count: 65_400) + [UInt8(ascii: "\n"), UInt8(ascii: "{")]

    static func make() -> Target { { run($0) } }

    private static func run(_ input: [UInt8]) {
        guard let first = input.first else { return }
        var bytes: [UInt8] = []
        if first % 16 == 15 { bytes += Self.filler }
        bytes += input.dropFirst()
        let files = MemoryFileSystem()
        files.put(path, bytes)
        let reader = LogReader(files: files, path: path)
        do throws(FileError) {
            let answers = try checkLines(reader, bytes)
            try checkTail(reader, bytes)
            for answer in answers.suffix(2) {
                let found = try reader.find(answer.id)
                promise(found.map { $0.id == answer.id } ?? true, "somebody else is found")
            }
            try checkStart(files, bytes)
        } catch {
            broken("\(error)")
        }
    }

    private static func checkLines(_ reader: LogReader, _ bytes: [UInt8]) throws(FileError) -> [LoggedAnswer] {
        var lines: [[UInt8]] = []
        try reader.forEachLine { line in
            lines.append(line)
            return true
        }
        var expected = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map(Array.init)
        _ = expected.popLast()
        promise(lines == expected, "the lines are not those of the file")
        let answers = lines.compactMap { LoggedAnswer(line: $0) }
        promise(try reader.first() == answers.first, "the first line is another")
        try checkHighest(reader, answers, among: lines.count)
        return answers
    }

    /// Lines that only begin as ours do may have a higher number; none of ours may have one.
    private static func checkHighest(
        _ reader: LogReader,
        _ answers: [LoggedAnswer],
        among lines: Int
    ) throws(FileError) {
        guard lines <= LogReader.unordered else { return }
        let ours = answers.map(\.seq).filter(LogReader.numbers.contains).max()
        promise(try reader.highestSequence() ?? -1 >= ours ?? -1, "a number would be given twice")
    }

    private static func checkTail(_ reader: LogReader, _ bytes: [UInt8]) throws(FileError) {
        let torn = try reader.tornBytes()
        promise(0...bytes.count ~= torn, "\(torn) of \(bytes.count) bytes are torn")
        let rest = Array(bytes.dropLast(torn))
        promise(rest.isEmpty || rest.last == UInt8(ascii: "\n"), "half a line is left")
        let last = rest.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).last
        promise(
            rest.isEmpty || last.map { (try? JSONParser.parse(Array($0))) != nil } ?? false,
            "the last line is none"
        )
        let cut = bytes.suffix(torn).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
        promise(cut.allSatisfy { (try? JSONParser.parse(Array($0))) == nil }, "a whole line is cut")
    }

    /// The daemon starts with such a log, counts it and writes on.
    private static func checkStart(_ files: MemoryFileSystem, _ bytes: [UInt8]) throws(FileError) {
        let folders = Folders(models: "/models", data: "/data", logs: "/logs")
        let log = try ChatLog(files: files, folders: folders, clock: ManualClock().clock, logger: .quiet)
        _ = log.recount()
        let kept = files.bytes(path) ?? []
        promise(bytes.starts(with: kept), "the start changed the log")
        log.write(Array("{}\n".utf8), count: 1)
        log.maintain(Configuration.Telemetry())
        let segments = try log.segments()
        promise(try segments.last?.tornBytes() == 0, "what was written on is torn")
    }
}
