import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The chat log` {
    private let files = MemoryFileSystem()
    private let clock = ManualClock()
    private let folders = Folders(models: "/m", data: "/d", logs: "/l")

    private func open(_ files: MemoryFileSystem? = nil) throws -> ChatLog {
        try ChatLog(files: files ?? self.files, folders: folders, clock: clock.clock, logger: .quiet)
    }

    @discardableResult
    private func write(_ count: Int, to log: ChatLog, seed: UInt64 = 1) -> [LogLine] {
        let lines = LogFixtures.lines(count, from: clock, seed: seed, log: log)
        for line in lines { log.write(LogFixtures.bytes(line), count: 1) }
        return lines
    }

    private func sequences(_ log: ChatLog) throws -> [Int] {
        var seqs: [Int] = []
        for segment in try log.segments() {
            try segment.forEachLine { line in
                if !line.isEmpty { seqs.append(LoggedAnswer(line: line)?.seq ?? -1) }
                return true
            }
        }
        return seqs
    }

    @Test func `cut short at any byte of its last record is mended, and the rest kept`() throws {
        let lines = write(3, to: try open())
        let whole = try #require(files.bytes(folders.chatLog))
        let last = LogFixtures.bytes(lines[2]).count
        for cut in 0..<last {
            let torn = MemoryFileSystem()
            torn.put(folders.chatLog, Array(whole.dropLast(last - cut)))
            let log = try open(torn)
            #expect(try sequences(log) == [1, 2])
            #expect(log.firstSequence == 3)
            write(1, to: log, seed: 9)
            #expect(try sequences(log) == [1, 2, 3])
        }
    }

    @Test func `gives no number twice, in whatever order the last lines were written`() throws {
        let log = try open()
        let lines = LogFixtures.lines(6, from: clock, seed: 1, log: log)
        for place in [0, 1, 5, 2, 4, 3] { log.write(LogFixtures.bytes(lines[place]), count: 1) }
        #expect(try open().firstSequence == 7)
        // As another program would have formatted them.
        let text = String(decoding: files.bytes(folders.chatLog) ?? [], as: UTF8.self)
        files.put(folders.chatLog, text.replacing("\"seq\":", with: "\"seq\": "))
        #expect(try open().firstSequence == 7)
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "9007199254740993"])
    func `goes on after its own numbers, not after what a stranger wrote`(number: String) throws {
        write(3, to: try open())
        let text = String(decoding: files.bytes(folders.chatLog) ?? [], as: UTF8.self)
        files.put(folders.chatLog, text.replacing("\"seq\":2", with: "\"seq\":\(number)"))
        #expect(try open().firstSequence == 4)
    }

    @Test func `counts lines with figures beyond any sum`() throws {
        write(3, to: try open())
        let text = String(decoding: files.bytes(folders.chatLog) ?? [], as: UTF8.self)
        let most = "9223372036854775807"
        let llm = "\"llm\":{\"prompt_tokens\":\(most),\"completion_tokens\":\(most)}"
        let changed = text.replacing(/"llm":(null|\{[^}]*\})/, with: llm)
        files.put(folders.chatLog, changed.replacing(/"total":[0-9]+/, with: "\"total\":\(most)"))
        let counters = try open().recount()
        #expect(counters.requests == 3)
        #expect(counters.llmTokens == 0)
    }

    @Test(arguments: [[0, 0, 0, 0], Array("{\"half\":\n".utf8), Array("junk\njunk\njunk\n".utf8), [0xFF, 0x0A, 0xFE]])
    func `with garbage at its end is mended, and its numbers go on`(garbage: [UInt8]) throws {
        write(5, to: try open())
        files.put(folders.chatLog, (files.bytes(folders.chatLog) ?? []) + garbage)
        let log = try open()
        #expect(log.firstSequence == 6)
        write(1, to: log, seed: 9)
        #expect(try sequences(log) == [1, 2, 3, 4, 5, 6])
    }

    @Test(arguments: ["\n", "junk\n", "{\"schema\":2}\n"])
    func `reads a long log that is not its own a few times, not once for each line`(line: String) throws {
        let count = 400_000 / line.utf8.count
        files.put(folders.chatLog, String(repeating: line, count: count))
        let before = files.bytesRead
        _ = try open()
        #expect(files.bytesRead - before <= 4 * 400_000)
    }

    @Test func `numbers its lines on over restarts and rotations`() throws {
        var log = try open()
        write(3, to: log)
        log = try open()
        #expect(log.firstSequence == 4)
        write(3, to: log, seed: 2)
        log.maintain(rotating(size: 1))
        // The new segment is empty: the number comes from the closed one.
        log = try open()
        #expect(log.firstSequence == 7)
        write(1, to: log, seed: 3)
        #expect(try sequences(log) == Array(1...7))
    }

    private func rotating(size: Int = 64 << 20, age: Double = 86_400, keep: Double = 1e9) -> Configuration.Telemetry {
        var settings = Configuration.Telemetry()
        settings.rotateSize = size
        settings.rotateAge = age
        settings.keep = keep
        return settings
    }

    @Test func `loses nothing when it is rotated by size`() throws {
        let log = try open()
        for round in 0..<20 {
            write(10, to: log, seed: UInt64(round))
            log.maintain(rotating(size: 4_000))
            clock.advance(seconds: 1)
        }
        #expect(try sequences(log) == Array(1...200))
        #expect(try log.segments().count > 5)
    }

    @Test func `is rotated by age, once for each span`() throws {
        let log = try open()
        write(1, to: log)
        log.maintain(rotating(age: 60))
        #expect(try log.segments().count == 1)
        clock.advance(seconds: 61)
        log.maintain(rotating(age: 60))
        log.maintain(rotating(age: 60))
        #expect(try log.segments().count == 2)
        // An empty segment has no age.
        clock.advance(seconds: 61)
        log.maintain(rotating(age: 60))
        #expect(try log.segments().count == 2)
        #expect(try sequences(log) == [1])
    }

    @Test func `forgets what is older than keep, once the clock has been plausible for ten minutes`() throws {
        let log = try open()
        write(5, to: log)
        log.maintain(rotating(size: 1))
        clock.advance(seconds: 500)
        log.maintain(rotating(keep: 50))
        #expect(try sequences(log) == Array(1...5))
        write(5, to: log, seed: 2)
        log.maintain(rotating(size: 1))
        clock.advance(seconds: 110)
        log.maintain(rotating(keep: 200))
        #expect(try sequences(log) == Array(6...10))
        clock.advance(seconds: 200)
        log.maintain(rotating(keep: 200))
        #expect(try sequences(log) == [])
    }

    @Test func `leaves other people's files in its folder alone`() throws {
        let log = try open()
        files.put("/l/chat_metrics.log.bak", "mine")
        files.put("/l/chat_metrics.log.1x", "mine")
        files.put("/l/notes", "mine")
        log.maintain(rotating(keep: 1))
        clock.advance(seconds: 1e6)
        log.maintain(rotating(keep: 1))
        #expect(files.text("/l/chat_metrics.log.bak") == "mine")
        #expect(files.text("/l/chat_metrics.log.1x") == "mine")
        #expect(files.text("/l/notes") == "mine")
    }

    @Test func `finds each of five thousand answers over several segments`() throws {
        let log = try open()
        var lines: [LogLine] = []
        for round in 0..<5 {
            for part in 0..<50 {
                let batch = LogFixtures.lines(20, from: clock, seed: UInt64(round * 50 + part), log: log)
                log.write(batch.flatMap(LogFixtures.bytes), count: batch.count)
                lines += batch
                // Some hours pass, and some moments.
                clock.advance(seconds: part.isMultiple(of: 2) ? 3_600 : 0.01)
            }
            log.maintain(rotating(size: 1))
        }
        #expect(lines.count == 5_000)
        var missed = 0
        for line in lines where try log.find(line.answer.id)?.seq != line.seq { missed += 1 }
        #expect(missed == 0)
        let stranger = Identifier(at: lines[2_500].answer.at, randomness: .seeded(777))
        #expect(try log.find(stranger) == nil)
        #expect(try log.find(Identifier(at: Timestamp(microseconds: 0), randomness: .seeded(1))) == nil)
    }

    @Test func `finds answers though lines came in a little out of order`() throws {
        let log = try open()
        var generator = SeededGenerator(seed: 8)
        let lines = LogFixtures.lines(200, from: clock, log: log)
        for start in stride(from: 0, to: lines.count, by: 50) {
            for line in generator.shuffled(Array(lines[start..<(start + 50)])) {
                log.write(LogFixtures.bytes(line), count: 1)
            }
        }
        for line in lines { #expect(try log.find(line.answer.id)?.seq == line.seq) }
    }

    @Test func `counts what a full disk does not take, and goes on when there is room`() throws {
        let log = try open()
        write(2, to: log)
        files.set(.full)
        let lost = LogFixtures.lines(3, from: clock, seed: 4, log: log)
        log.write(lost.flatMap(LogFixtures.bytes), count: 3)
        #expect(log.lostLines == 3)
        files.set(.none)
        write(1, to: log, seed: 5)
        #expect(log.lostLines == 3)
        #expect(try sequences(log) == [1, 2, 6])
    }

    @Test(arguments: [0, 1, 100, 700])
    func `loses no line after one that the disk took half of`(room: Int) throws {
        let log = try open()
        write(2, to: log)
        files.set(.short(room))
        write(2, to: log, seed: 2)
        files.set(.none)
        let later = write(3, to: log, seed: 3)
        #expect(log.lostLines == 2)
        for line in later { #expect(try log.find(line.answer.id)?.seq == line.seq) }
        #expect(try open().firstSequence == 8)
    }

    @Test func `keeps what maintain has synced through a power cut`() throws {
        let log = try open()
        write(4, to: log)
        log.maintain(rotating())
        write(4, to: log, seed: 2)
        let after = files.afterCrash()
        #expect(try sequences(try open(after)) == [1, 2, 3, 4])
    }

    @Test func `that cannot be rotated goes on in the old segment`() throws {
        let log = try open()
        write(2, to: log)
        files.set(.broken("rename"))
        log.maintain(rotating(size: 1))
        write(2, to: log, seed: 2)
        files.set(.none)
        #expect(try sequences(log) == [1, 2, 3, 4])
    }

    @Test func `whose new segment cannot be made stays readable, and recovers`() throws {
        let log = try open()
        let lines = write(2, to: log)
        files.set(.broken("create"))
        log.maintain(rotating(size: 1))
        write(2, to: log, seed: 2)
        #expect(try log.find(lines[0].answer.id)?.seq == 1)
        #expect(try sequences(log) == [1, 2, 3, 4])
        files.set(.none)
        clock.advance(seconds: 1)
        log.maintain(rotating(size: 1))
        write(1, to: log, seed: 3)
        #expect(try sequences(log) == [1, 2, 3, 4, 5])
        #expect(files.bytes(folders.chatLog)?.isEmpty == false)
    }
}
