import Engine
import Glibc
import Logging
import Patience
import Synchronization
import Testing
import intentd

@Suite struct `The journal` {
    /// A journal that can hang and refuse.
    private final class FakeJournal: Sendable {
        private let taken = Mutex<[String]>([])
        let hangs = Flag()
        let goesOn = Flag()
        let refuses = Mutex(false)

        var entries: [String] { taken.withLock { $0 } }

        func queue(capacity: Int) -> JournalQueue {
            JournalQueue(capacity: capacity) { [self] entry in
                while hangs.isSet, !goesOn.isSet { usleep(1_000) }
                if refuses.withLock({ $0 }) { return false }
                taken.withLock { $0.append(entry.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "|")) }
                return true
            } report: { count in
                [Array("lost \(count)".utf8)]
            }
        }
    }

    private func entry(_ number: Int) -> JournalQueue.Entry { [Array("\(number)".utf8)] }

    @Test func `gets entries in their order, and a flush waits for them`() {
        let journal = FakeJournal()
        let queue = journal.queue(capacity: 1_024)
        for number in 0..<500 { queue.append(entry(number)) }
        queue.flush(within: Patience.seconds)
        #expect(journal.entries == (0..<500).map(String.init))
        #expect(queue.lost == 0 && !queue.isLosing)
    }

    @Test func `that hangs costs lines, counted, and says so when it is back`() {
        let journal = FakeJournal()
        let queue = journal.queue(capacity: 10)
        journal.hangs.set()
        for number in 0..<100 { queue.append(entry(number)) }
        #expect(queue.lost == 90 && queue.isLosing)
        // Ends although nothing can be sent.
        queue.flush(within: 0.05)
        journal.goesOn.set()
        queue.flush(within: Patience.seconds)
        queue.append(entry(100))
        queue.flush(within: Patience.seconds)
        #expect(journal.entries.filter { $0.hasPrefix("lost") } == ["lost 90"])
        #expect(journal.entries.filter { !$0.hasPrefix("lost") } == (0..<10).map(String.init) + ["100"])
        #expect(queue.lost == 90 && !queue.isLosing)
    }

    @Test func `that refuses costs lines too`() {
        let journal = FakeJournal()
        let queue = journal.queue(capacity: 10)
        journal.refuses.withLock { $0 = true }
        for number in 0..<3 { queue.append(entry(number)) }
        queue.flush(within: Patience.seconds)
        #expect(Patience.until { queue.lost == 3 })
        journal.refuses.withLock { $0 = false }
        queue.append(entry(3))
        queue.flush(within: Patience.seconds)
        #expect(Patience.until { journal.entries == ["3", "lost 3"] })
    }

    @Test func `is standard error only where systemd says so of this very descriptor`() throws {
        let root = try Root()
        try root.write("", to: "file")
        let descriptor = open(root.file("file"), O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var information = stat()
        fstat(descriptor, &information)
        let stream = "\(information.st_dev):\(information.st_ino)"
        #expect(LogOutput.isJournal(descriptor, stream: stream))
        for other in [nil, "", "1:2", stream + "0", "\(information.st_dev)"] {
            #expect(!LogOutput.isJournal(descriptor, stream: other))
        }
        #expect(!LogOutput.isJournal(-1, stream: stream))
    }

    private func event(_ message: String, _ metadata: Logger.Metadata, _ level: Logger.Level = .notice) -> LogEvent {
        LogEvent(
            level: level,
            message: "\(message)",
            error: nil,
            metadata: metadata,
            source: nil,
            file: "Engine/Startup.swift",
            function: "open()",
            line: 12
        )
    }

    @Test func `an entry has its place, its priority, its id and its fields`() {
        let metadata = JournalMessage.reloadRefused.metadata(["request_id": "7", "über key": "a\nMESSAGE=forged"])
        let fields = JournalEntry.fields(event("a\nb", metadata, .error), metadata)
            .map { String(decoding: $0, as: UTF8.self) }
        for field in [
            "MESSAGE=a\nb", "PRIORITY=3", "SYSLOG_IDENTIFIER=intentd", "CODE_FILE=Engine/Startup.swift",
            "CODE_LINE=12", "CODE_FUNC=open()", "MESSAGE_ID=\(JournalMessage.reloadRefused.messageID)",
            "INTENTD_EVENT=reload_refused", "INTENTD_REQUEST_ID=7", "INTENTD___BER_KEY=a\nMESSAGE=forged",
        ] {
            #expect(fields.contains(field), "\(field)")
        }
        #expect(fields.count == 10)
    }

    @Test func `levels are those of syslog`() {
        #expect(Logger.Level.allCases.map(JournalEntry.priority) == [7, 7, 6, 5, 4, 3, 2])
    }

    @Test func `a line on standard error stays one and its fields can be told apart`() {
        let line = LogLine.text(
            "first\nsecond\u{1B}[31m",
            ["b": "two words", "a": "1", "c": "x=\"y\" \\", "d": "new\nline", "e": ""]
        )
        #expect(
            line == #"first\u{a}second\u{1b}[31m a=1 b="two words" c="x=\"y\" \\" d="new\\u{a}line" e="""#
        )
    }
}

@Suite struct `The catalog` {
    private struct Explanation {
        var id: String
        var headers: [String: String]
        var text: String
    }

    private static func file(_ path: String) -> String {
        Files.read(#filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined() + "/" + path)
    }

    private static let explanations: [Explanation] = {
        file("deploy/intentd.catalog").split(separator: "\n-- ").dropFirst().map { part in
            let lines = part.split(separator: "\n", omittingEmptySubsequences: false)
            var headers: [String: String] = [:]
            for line in lines.dropFirst().prefix(while: { !$0.isEmpty }) {
                let words = line.split(separator: ":", maxSplits: 1)
                headers[String(words[0])] = words.count > 1 ? String(words[1].drop { $0 == " " }) : ""
            }
            let text = lines.drop { !$0.isEmpty }.joined(separator: "\n")
            return Explanation(id: String(lines[0]), headers: headers, text: text)
        }
    }()

    @Test func `explains every event once and nothing else`() {
        #expect(Self.explanations.map(\.id).sorted() == JournalMessage.allCases.map(\.messageID).sorted())
        #expect(Set(JournalMessage.allCases.map(\.messageID)).count == JournalMessage.allCases.count)
    }

    @Test(arguments: JournalMessage.allCases) func `says what happened and what to do`(event: JournalMessage) throws {
        #expect(event.messageID.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        let explanation = try #require(Self.explanations.first { $0.id == event.messageID })
        #expect(Set(explanation.headers.keys) == ["Subject", "Defined-By", "Support", "Documentation"])
        #expect(explanation.headers["Defined-By"] == "intentd")
        #expect(explanation.text.count > 40)
        #expect(Self.file("docs/systemd.md").contains("`\(event.messageID)` |"))
        let known: Set = [
            "event", "model_version", "previous", "uid", "job", "method", "request_id", "result", "duration_usec",
            "suppressed", "lost", "name",
        ]
        let fields = Set(known.map { "@\(JournalEntry.name(of: $0))@" })
        for match in ((explanation.headers["Subject"] ?? "") + explanation.text).matches(of: /@[A-Z_]+@/) {
            #expect(fields.contains(String(match.output)), "\(match.output)")
        }
    }
}
