import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Lines of a person in the log` {
    private let files = MemoryFileSystem()
    private let folders = Folders(models: "/m", data: "/d", logs: "/l")
    private let clock = ManualClock()

    private func open() throws -> ChatLog {
        try ChatLog(files: files, folders: folders, clock: clock.clock, logger: .quiet)
    }

    private func write(_ log: ChatLog, _ uid: UInt32, _ text: String) {
        let answer = LogFixtures.answer(at: clock.clock.now(), randomness: .seeded(UInt64(uid) + 7))
        let line = LogFixtures.line(answer, seq: log.nextSequence(), uid: uid, text: text)
        log.write(LogFixtures.bytes(line), count: 1)
    }

    private func texts(_ log: ChatLog) throws -> [String] {
        var texts: [String] = []
        for segment in try log.segments() {
            try segment.forEachLine { line in
                texts.append(LoggedAnswer(line: line)?.text ?? "?")
                return true
            }
        }
        return texts
    }

    @Test func `go from all segments, and nobody else's`() async throws {
        let log = try open()
        for (uid, text) in [(100, "a"), (1_001, "b"), (100, #"c "uid":100,"#), (10, "d")] as [(UInt32, String)] {
            write(log, uid, text)
            try await log.setAside()
        }
        write(log, 1_001, #"says "uid":100, and more"#)
        write(log, 100, "e")
        try await log.setAside()
        #expect(try log.answers(of: 100).count >= 1)
        #expect(try log.remove(linesOf: 100) == 3)
        #expect(try texts(log) == ["b", "d", #"says "uid":100, and more"#])
        #expect(try log.remove(linesOf: 100) == 0)
        // Numbers go on, whoever said the last line.
        let next = log.nextSequence()
        #expect(next == 7)
        #expect(!files.paths.contains { $0.hasSuffix(".tmp") })
    }

    @Test func `go while others write, and none of their lines is lost`() async throws {
        let log = try open()
        for _ in 0..<50 { write(log, 7, "gone") }
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for uid in UInt32(20)..<24 {
                group.addTask {
                    for _ in 0..<200 {
                        write(log, uid, "stays")
                        await Task.yield()
                    }
                    return 200
                }
            }
            group.addTask {
                for _ in 0..<10 {
                    try await log.setAside()
                    _ = try log.remove(linesOf: 7)
                }
                return 0
            }
            return try await group.reduce(0, +)
        }
        let kept = try texts(log)
        #expect(kept.count { $0 == "stays" } == written)
        #expect(!kept.contains("gone"))
        #expect(log.lostLines == 0)
    }

    @Test func `stay whole where the disk fails`() async throws {
        let log = try open()
        write(log, 7, "gone")
        write(log, 8, "stays")
        try await log.setAside()
        files.set(.broken("rename"))
        #expect(throws: FileError.self) { try log.remove(linesOf: 7) }
        files.set(.none)
        #expect(try texts(log) == ["gone", "stays"])
        #expect(try log.remove(linesOf: 7) == 1)
        #expect(try texts(log) == ["stays"])
    }
}
