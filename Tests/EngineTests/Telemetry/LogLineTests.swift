import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `Lines of the chat log` {
    private func log(_ files: MemoryFileSystem, _ clock: ManualClock) throws -> ChatLog {
        try ChatLog(files: files, folders: Self.folders, clock: clock.clock, logger: .quiet)
    }

    static let folders = Folders(models: "/m", data: "/d", logs: "/l")

    @Test func `read back say what was written`() throws {
        let clock = ManualClock()
        let log = try log(MemoryFileSystem(), clock)
        for line in LogFixtures.lines(3_000, from: clock, log: log) {
            let bytes = LogFixtures.bytes(line)
            #expect(bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
            let read = try #require(LoggedAnswer(line: Array(bytes.dropLast())))
            #expect(read.id == line.answer.id)
            #expect(read.seq == line.seq)
            #expect(read.uid == line.uid)
            #expect(read.version == line.answer.version)
            #expect(read.text == line.text.map { String(decoding: $0, as: UTF8.self) })
            #expect(read.counted == line.counted)
        }
    }

    @Test func `have the documented members and no others`() throws {
        let clock = ManualClock()
        let line = try #require(LogFixtures.lines(1, from: clock, log: log(MemoryFileSystem(), clock)).first)
        let json = try JSONParser.parse(LogFixtures.bytes(line))
        let names = (json.object ?? []).map(\.name).filter { $0 != "error" }
        #expect(
            names == [
                "schema", "ts", "seq", "id", "route", "reason", "doubt", "tier", "intent", "confidence", "threshold",
                "threshold_basis", "in_scope", "arm", "propensity", "eligible", "model", "digest", "llm", "anomalies",
                "latency_us", "uid", "session",
                "mode", "prompt_chars", "text",
            ]
        )
    }

    @Test func `of schema 1, which tells no doubt, are read like the others`() throws {
        let clock = ManualClock()
        let line = LogFixtures.line(
            LogFixtures.answer(at: clock.clock.now(), randomness: .seeded(1), doubt: .fewRows),
            seq: 1
        )
        let text = String(decoding: LogFixtures.bytes(line).dropLast(), as: UTF8.self)
        let old = text.replacing("\"schema\":2", with: "\"schema\":1")
            .replacing("\"doubt\":\"few_rows\",", with: "").replacing("\"threshold_basis\":\"fixed\",", with: "")
        #expect(old.utf8.count < text.utf8.count - 40)
        #expect(LoggedAnswer(line: Array(text.utf8))?.counted.doubt == .fewRows)
        let read = try #require(LoggedAnswer(line: Array(old.utf8)))
        #expect(read.counted.doubt == nil && read.counted.reason == line.answer.reason)
        #expect(read.seq == 1 && read.counted.intent == "delivery")
    }

    @Test func `give no answer when they are cut short anywhere`() throws {
        let clock = ManualClock()
        let line = try #require(LogFixtures.lines(1, from: clock, log: log(MemoryFileSystem(), clock)).first)
        let bytes = LogFixtures.bytes(line).dropLast()
        for length in 0..<bytes.count { #expect(LoggedAnswer(line: Array(bytes.prefix(length))) == nil) }
    }

    @Test func `that are not ours give no answer, and nothing falls over`() {
        var generator = SeededGenerator(seed: 31)
        for _ in 0..<2_000 {
            let noise = (0..<generator.below(80)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            #expect(LoggedAnswer(line: noise) == nil)
        }
        #expect(LoggedAnswer(line: Array("{\"schema\":1,\"ts\":\"2026-01-01T00:00:00Z\"}".utf8)) == nil)
    }
}

@Suite struct `Sums of the chat log` {
    private func lines() throws -> [CountedLine] {
        let clock = ManualClock()
        let log = try ChatLog(
            files: MemoryFileSystem(),
            folders: `Lines of the chat log`.folders,
            clock: clock.clock,
            logger: .quiet
        )
        return LogFixtures.lines(1_000, from: clock, log: log).map(\.counted)
    }

    private func count(_ lines: some Sequence<CountedLine>) -> Counters {
        var counters = Counters()
        for line in lines { counters.count(line) }
        return counters
    }

    private func expectEqual(_ one: Counters, _ other: Counters) {
        #expect(one.requests == other.requests)
        #expect(one.byRoute == other.byRoute)
        #expect(one.byReason == other.byReason)
        #expect(one.byDoubt == other.byDoubt)
        #expect(one.byIntent() == other.byIntent())
        #expect(one.arms == other.arms)
        #expect(one.anomalies == other.anomalies)
        #expect(one.errors == other.errors)
        #expect(one.since == other.since)
        #expect(one.confidenceSummary == other.confidenceSummary)
        #expect(one.latencySummary(asksLLM: false) == other.latencySummary(asksLLM: false))
        #expect(one.latencySummary(asksLLM: true) == other.latencySummary(asksLLM: true))
    }

    @Test(arguments: [0, 1, 499, 999, 1_000])
    func `added up equal those of everything at once`(cut: Int) throws {
        let lines = try lines()
        var sum = count(lines[..<cut])
        sum.add(count(lines[cut...]))
        expectEqual(sum, count(lines))
        var reverse = count(lines[cut...])
        reverse.add(count(lines[..<cut]))
        expectEqual(reverse, count(lines))
    }

    @Test func `do not depend on the order of the lines`() throws {
        let lines = try lines()
        expectEqual(count(lines), count(lines.reversed()))
    }

    @Test func `of nothing are empty`() {
        let counters = Counters()
        #expect(counters.confidenceSummary["p50"] == .null)
        #expect(counters.latencySummary(asksLLM: false)["p99"] == .null)
        #expect(counters.since == nil)
    }

    @Test(arguments: [Double.nan, -1, 2, .infinity])
    func `take any confidence that a damaged line may have`(confidence: Double) throws {
        var line = try #require(try lines().first)
        line.confidence = confidence
        line.latencyMicroseconds = -5
        #expect(count([line]).requests == 1)
    }
}
