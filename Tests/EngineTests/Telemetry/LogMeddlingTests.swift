import TestSupport
import Testing
import World

@testable import Engine

/// Changes of the file by other programs, and how the log takes them within a second.
@Suite struct `A chat log that others touch` {
    private let files = MemoryFileSystem()
    private let clock = ManualClock()
    private let folders = Folders(models: "/m", data: "/d", logs: "/l")

    private func open() throws -> ChatLog {
        try ChatLog(files: files, folders: folders, clock: clock.clock, logger: .quiet)
    }

    private func write(_ count: Int, to log: ChatLog, seed: UInt64 = 1) -> [LogLine] {
        let lines = LogFixtures.lines(count, from: clock, seed: seed, log: log)
        for line in lines { log.write(LogFixtures.bytes(line), count: 1, at: line.answer.at) }
        return lines
    }

    private func sequences(_ log: ChatLog) throws -> [Int] {
        var seqs: [Int] = []
        for segment in try log.segments() {
            try segment.forEachLine { line in
                seqs.append(LoggedAnswer(line: line)?.seq ?? -1)
                return true
            }
        }
        return seqs
    }

    private var settings: Configuration.Telemetry {
        var settings = Configuration.Telemetry()
        (settings.rotateSize, settings.rotateAge, settings.keep) = (64 << 20, 86_400, 10)
        return settings
    }

    /// All that happens by itself in a day.
    private func passDay(_ log: ChatLog) {
        log.maintain(settings)
        for _ in 0..<3 {
            clock.advance(seconds: 30_000)
            log.maintain(settings)
        }
    }

    @Test(arguments: [
        "chat_metrics.log.1", "chat_metrics.log-20261129", "chat_metrics.log.2026-11-29", "chat_metrics-20261129.log",
        "chat_metrics.7.log", "chat_metrics.log.1796000000",
    ])
    func `that was renamed is opened anew, and read under its new name, which nobody removes`(name: String) throws {
        let log = try open()
        let before = write(3, to: log)
        try files.rename(folders.chatLog, to: "/l/" + name)
        let between = write(2, to: log, seed: 2)
        log.maintain(settings)
        #expect(log.trouble?.contains("renamed by another program") == true)
        let after = write(2, to: log, seed: 3)
        #expect(files.bytes(folders.chatLog)?.isEmpty == false)
        #expect(log.lostLines == 0)
        #expect(try sequences(log) == Array(1...7))
        for line in before + between + after { #expect(try log.find(line.answer.id)?.seq == line.seq) }
        #expect(try open().firstSequence == 8)
        log.reopen()
        #expect(log.trouble == nil)
        passDay(log)
        #expect(files.bytes("/l/" + name) != nil)
    }

    @Test func `that was renamed by a program that says so is in order`() throws {
        let log = try open()
        _ = write(3, to: log)
        try files.rename(folders.chatLog, to: "/l/chat_metrics.log.1")
        files.put(folders.chatLog, "")
        log.reopen()
        #expect(log.trouble == nil)
        _ = write(2, to: log, seed: 2)
        #expect(try sequences(log) == Array(1...5))
    }

    @Test func `that was removed is opened anew, and its lines are counted as lost`() throws {
        let log = try open()
        _ = write(3, to: log)
        log.maintain(settings)
        try files.remove(folders.chatLog)
        _ = write(2, to: log, seed: 2)
        log.maintain(settings)
        #expect(log.lostLines == 5)
        #expect(log.trouble?.contains("removed by another program") == true)
        _ = write(1, to: log, seed: 3)
        #expect(try sequences(log) == [6])
        #expect(log.lostLines == 5)
    }

    @Test(arguments: [false, true])
    func `that was emptied goes on, and counts as lost what nobody copied`(isCopied: Bool) throws {
        let log = try open()
        _ = write(3, to: log)
        log.maintain(settings)
        if isCopied { files.put("/l/chat_metrics.log.1", files.bytes(folders.chatLog) ?? []) }
        files.empty(folders.chatLog)
        _ = write(2, to: log, seed: 2)
        log.maintain(settings)
        #expect(log.lostLines == (isCopied ? 0 : 3))
        #expect(log.trouble?.contains("emptied by another program") == true)
        _ = write(1, to: log, seed: 3)
        #expect(try sequences(log) == (isCopied ? [1, 2, 3] : []) + [4, 5, 6])
    }

    @Test func `whose folder was removed gets another one`() throws {
        let log = try open()
        _ = write(3, to: log)
        try files.remove(folders.logs)
        log.maintain(settings)
        _ = write(2, to: log, seed: 2)
        #expect(log.lostLines == 3)
        #expect(try sequences(log) == [4, 5])
    }

    @Test func `that cannot be opened anew counts every line, and recovers`() throws {
        let log = try open()
        _ = write(3, to: log)
        try files.remove(folders.chatLog)
        files.set(.broken("create"))
        log.maintain(settings)
        _ = write(2, to: log, seed: 2)
        #expect(log.lostLines == 5)
        #expect(log.trouble?.contains("are being lost, 5 so far") == true)
        files.set(.none)
        log.maintain(settings)
        _ = write(1, to: log, seed: 3)
        #expect(log.lostLines == 5)
        #expect(try sequences(log) == [6])
    }

    @Test func `counts a copy once`() throws {
        let log = try open()
        _ = write(3, to: log)
        files.put("/l/chat_metrics.log.1", files.bytes(folders.chatLog) ?? [])
        #expect(try sequences(log) == [1, 2, 3])
        #expect(try open().recount().requests == 3)
    }

    @Test func `is closed under its first number, and removed like what an earlier one closed`() throws {
        let log = try open()
        _ = write(3, to: log)
        var full = settings
        full.rotateSize = 1
        log.maintain(full)
        _ = write(2, to: log, seed: 2)
        log.maintain(full)
        let closed = ["/l/chat_metrics.1.log", "/l/chat_metrics.4.log"]
        #expect(files.paths.filter { $0.hasPrefix("/l/") } == closed + [folders.chatLog])
        files.put("/l/chat_metrics.log.1796000000000000", files.bytes("/l/chat_metrics.1.log") ?? [])
        passDay(log)
        #expect(files.paths.filter { $0.hasPrefix("/l/") } == [folders.chatLog])
    }

    @Test func `forgets a person in files of others, too, and removes none of those`() async throws {
        let log = try open()
        for uid in [7, 8, 7] as [UInt32] {
            let answer = LogFixtures.answer(at: clock.clock.now(), randomness: .seeded(UInt64(uid)))
            log.write(LogFixtures.bytes(LogFixtures.line(answer, seq: log.nextSequence(), uid: uid)), count: 1)
            try files.rename(folders.chatLog, to: "/l/chat_metrics.log.\(uid)\(log.nextSequence())")
            log.look()
        }
        #expect(try log.remove(linesOf: 7) == 2)
        let kept = files.paths.filter { $0.hasPrefix("/l/chat_metrics.log.") }
        #expect(kept.map { files.bytes($0)?.isEmpty } == [true, true, false])
    }

    @Test func `says that the disk takes no lines for as long as it takes none`() throws {
        let log = try open()
        files.set(.full)
        _ = write(2, to: log)
        #expect(log.trouble?.contains("No space left") == true)
        files.set(.none)
        _ = write(1, to: log, seed: 2)
        #expect(log.trouble == nil)
        #expect(log.lostLines == 2)
    }

    @Test func `starts where the disk takes nothing, and recovers`() throws {
        files.set(.full)
        let log = try open()
        _ = write(2, to: log)
        #expect(log.lostLines == 2)
        #expect(log.trouble != nil)
        files.set(.none)
        log.maintain(settings)
        _ = write(1, to: log, seed: 2)
        #expect(log.trouble == nil)
        #expect(try sequences(log) == [3])
    }

    // MARK: Clocks that are wrong

    @Test func `finds every answer after the clock was set back by more than an hour`() throws {
        var log = try open()
        var lines: [LogLine] = []
        for round in 0..<30 {
            lines += write(20, to: log, seed: UInt64(round))
            clock.advance(seconds: 400)
        }
        clock.jump(seconds: -5_000)
        for round in 30..<40 {
            let fresh = write(20, to: log, seed: UInt64(round))
            for line in fresh { #expect(try log.find(line.answer.id)?.seq == line.seq) }
            lines += fresh
        }
        log.maintain(settings)
        lines += write(20, to: log, seed: 50)
        for line in lines { #expect(try log.find(line.answer.id)?.seq == line.seq) }
        log = try open()
        _ = log.recount()
        for line in lines { #expect(try log.find(line.answer.id)?.seq == line.seq) }
    }

    @Test func `finds answers of seconds in which the clock was years ahead, and of before and after`() throws {
        let log = try open()
        var lines = write(300, to: log)
        clock.jump(seconds: 1e8)
        lines += write(5, to: log, seed: 2)
        clock.jump(seconds: -1e8)
        lines += write(300, to: log, seed: 3)
        log.maintain(settings)
        lines += write(300, to: log, seed: 4)
        for line in lines { #expect(try log.find(line.answer.id)?.seq == line.seq) }
    }

    @Test func `removes nothing while the clock is years ahead for some minutes`() throws {
        let log = try open()
        var full = settings
        (full.rotateSize, full.keep) = (1, 86_400)
        for round in 0..<5 {
            _ = write(3, to: log, seed: UInt64(round))
            log.maintain(full)
            clock.advance(seconds: 300)
        }
        let start = (clock.now, clock.clock.monotonic())
        for second in 1...120 {
            let ahead = Timestamp(microseconds: start.0.microseconds + 100_000_000_000_000 + Int64(second) * 1_000_000)
            clock.set(ahead, nanoseconds: start.1 + UInt64(second) * 1_000_000_000)
            log.maintain(full)
        }
        for second in 121...1_000 {
            let right = Timestamp(microseconds: start.0.microseconds + Int64(second) * 1_000_000)
            clock.set(right, nanoseconds: start.1 + UInt64(second) * 1_000_000_000)
            log.maintain(full)
        }
        #expect(try sequences(log) == Array(1...15))
    }

    @Test func `knows the order of closings though a clock was wrong`() {
        func times(_ seconds: [Int64?]) -> [Timestamp?] { seconds.map { $0.map { Timestamp(microseconds: $0) } } }
        let now = Timestamp(microseconds: 100)
        func closings(_ seconds: [Int64?]) -> [Int64] {
            ChatLog.closings(of: times(seconds), now: now).map(\.microseconds)
        }
        #expect(closings([10, 20, 30]) == [10, 20, 30])
        // One that was behind, and one that was ahead.
        #expect(closings([10, 2, 30]) == [10, 10, 30])
        #expect(closings([10, 900, 30]) == [10, 30, 30])
        #expect(closings([10, 900]) == [10, 100])
        #expect(closings([10, nil]) == [10, 100])
    }
}
