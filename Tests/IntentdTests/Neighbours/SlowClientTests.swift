import Glibc
import Patience
import Testing
import Wire

/// Clients that take their time.
@Suite(.serialized) struct `Slow neighbours` {
    private static let request = #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"refund me","top_k":5}}"#

    @Test func `a thousand clients that send a byte now and then are closed and hold nobody up`() throws {
        let root = try Root.trained()
        try root.write("limits: { unfinished_line: 1s, connections_per_uid: 1100 }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let normal = try daemon.connect()
        try normal.call("predict", ["text": "refund me"])
        let base = daemon.settled()
        let slow = try (0..<1_000).map { _ in try daemon.connect() }
        var bytes = Array(Self.request.utf8.dropLast())[...]
        var longest = 0.0
        // Bytes keep coming, blanks in the end, and that buys nobody time.
        let areRefused = try Patience.until { () throws -> Bool in
            let byte = bytes.popFirst() ?? UInt8(ascii: " ")
            for client in slow { _ = client.offer([byte]) }
            for _ in 0..<10 {
                let asked = Patience.now
                #expect(try normal.call("predict", ["text": "refund me"])["model"] == 1)
                longest = max(longest, Patience.now - asked)
            }
            return slow[0].isReadable(within: 0.1) && slow[999].isReadable(within: 0)
        }
        #expect(areRefused)
        Figures.note("among a thousand slow clients, longest answer", "\(longest) s")
        for client in slow {
            let error = try client.json()
            #expect(error?["error"]?["data"]?["reason"] == "parse_error")
            #expect(error?["error"]?["message"]?.string?.contains("not finished") == true)
            #expect(error?["id"] == .null)
            #expect(try client.json() == nil)
        }
        #expect(try daemon.recovers(to: base, memory: 10 << 10))
        #expect(try normal.call("predict", ["text": "refund me"])["model"] == 1)
    }

    /// What one who never reads asks, again and again.
    struct Question: CustomTestStringConvertible {
        var testDescription: String
        var lines: String
        /// MiB that it may cost: the hard budget and what is just being written.
        var budget: Int

        init(_ name: String, _ lines: String, budget: Int = 10) {
            (testDescription, self.lines, self.budget) = (name, lines, budget)
        }
    }

    private static let questions: [Question] = [
        Question("short answers", String(repeating: request + "\n", count: 200)),
        // These leave the event loop, and most are refused at once.
        Question("later answers", String(repeating: #"{"jsonrpc":"2.0","id":2,"method":"status"}"# + "\n", count: 200)),
        // A small question with a large answer, as often as a batch allows.
        Question(
            "large answers",
            "["
                + [String](repeating: #"{"jsonrpc":"2.0","id":3,"method":"rpc.discover"}"#, count: 64)
                .joined(separator: ",") + "]\n"
        ),
        Question(
            "large lines",
            String(repeating: #"{"jsonrpc":"2.0","id":4,"method":"rpc.discover"}"# + "\n", count: 1_300)
        ),
        Question(
            "large later answers",
            #"{"jsonrpc":"2.0","id":5,"method":"predict","params":{"texts":["#
                + [String](repeating: #""a""#, count: 1_000).joined(separator: ",") + "]}}\n",
            // With the 128 requests that are under way.
            budget: 18
        ),
        Question("errors", String(repeating: "x\n", count: 2_000)),
    ]

    @Test(arguments: questions)
    func `a client that never reads costs no more memory than its budget`(question: Question) throws {
        let daemon = try DaemonProcess(try .trained())
        let other = try daemon.connect()
        try other.call("rpc.discover")
        let base = daemon.settled()
        let watch = MemoryWatch(daemon)
        let isOver = Flag()
        let greedy = try Greedy(daemon, Array(question.lines.utf8), until: isOver)
        let end = Patience.now + 1.5
        while Patience.now < end { #expect(try other.call("predict", ["text": "refund me"])["model"] == 1) }
        let growth = try watch.growth()
        isOver.set()
        let closed = try greedy.closedAfter.value()
        Figures.note(
            "never reading, \(question.testDescription)",
            "\(growth) KiB, closed after \(closed.map { "\($0) s" } ?? "never")"
        )
        #expect(growth <= question.budget << 10)
        #expect(try daemon.recovers(to: base, memory: 10 << 10))
    }

    @Test func `large answers to one who reads them are all sent however fast he asked`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        nonisolated(unsafe) let writer = try client.duplicate()
        let count = 1_000
        let sender = Background {
            let line = #"{"jsonrpc":"2.0","id":3,"method":"rpc.discover"}"# + "\n"
            try writer.send(Array(String(repeating: line, count: count).utf8))
            writer.closeWriting()
            return true
        }
        var answered = 0
        while true {
            let bytes = try client.receive(atMost: 1 << 20)
            if bytes.isEmpty { break }
            answered += bytes.count { $0 == UInt8(ascii: "\n") }
        }
        Figures.note("large answers", "\(answered) of \(count)")
        #expect(answered == count)
        #expect(try sender.value())
    }

    @Test func `ten seconds over the budget close a client and neither a slow one nor one that caught up`() throws {
        let daemon = try DaemonProcess(try .trained())
        let other = try daemon.connect()
        try other.call("predict", ["text": "refund me"])
        let base = daemon.settled()
        let lines = Array(String(repeating: Self.request + "\n", count: 200).utf8)
        let isOver = Flag()
        let greedy = try Greedy(daemon, lines, until: isOver)
        let steady = Background { [socket = daemon.socket] in try Self.readSteadily(socket, lines, seconds: 12) }
        let late = Background { [socket = daemon.socket] in try Self.catchUp(socket, lines, idle: 11) }
        let isClosed = try Patience.until { () throws -> Bool in
            #expect(try other.call("predict", ["text": "refund me"])["model"] == 1)
            return greedy.hasEnded
        }
        #expect(isClosed)
        isOver.set()
        let closed = try #require(try greedy.closedAfter.value(), "who never reads is closed at last")
        Figures.note("never reading, closed after", "\(closed) s")
        #expect(closed > 9)
        let (asked, answered) = try steady.value()
        Figures.note("reading slowly", "\(answered) of \(asked) answers")
        #expect(asked == answered)
        #expect(try late.value())
        #expect(try daemon.recovers(to: base, memory: 10 << 10))
    }

    /// Floods and reads a little all the time; then reads the rest.
    private static func readSteadily(
        _ socket: String,
        _ lines: [UInt8],
        seconds: Double
    ) throws -> (asked: Int, answered: Int) {
        let client = try Connection(socket)
        var (asked, answered, next) = (0, 0, 0)
        let end = Patience.now + seconds
        while Patience.now < end {
            guard let sent = client.offer(lines[next...]) else { return (asked, -1) }
            asked += lines[next..<(next + sent)].count { $0 == UInt8(ascii: "\n") }
            next = (next + sent) % lines.count
            if client.isReadable(within: 0.02) {
                answered += try client.receive(atMost: 16_384).count { $0 == UInt8(ascii: "\n") }
            }
            usleep(10_000)
        }
        if next > 0 {
            // While what was begun is finished, answers are in the way.
            var rest = lines[next...]
            while !rest.isEmpty {
                guard let sent = client.offer(rest) else { return (asked, -1) }
                asked += rest.prefix(sent).count { $0 == UInt8(ascii: "\n") }
                rest = rest.dropFirst(sent)
                if sent == 0 { answered += try client.receive(atMost: 1 << 20).count { $0 == UInt8(ascii: "\n") } }
            }
        }
        client.closeWriting()
        while true {
            let bytes = try client.receive(atMost: 1 << 20)
            if bytes.isEmpty { return (asked, answered) }
            answered += bytes.count { $0 == UInt8(ascii: "\n") }
        }
    }

    /// Lets the daemon stop reading, reads everything, and is silent for longer than the budget's time.
    private static func catchUp(_ socket: String, _ lines: [UInt8], idle: Double) throws -> Bool {
        let client = try Connection(socket)
        var (asked, next, lastSent) = (0, 0, Patience.now)
        // Half a second in which nothing fits: it has stopped reading, and so the client is over its budget.
        while Patience.now - lastSent < 0.5 {
            guard let sent = client.offer(lines[next...]) else { return false }
            asked += lines[next..<(next + sent)].count { $0 == UInt8(ascii: "\n") }
            next = (next + sent) % lines.count
            if sent > 0 { lastSent = Patience.now } else { usleep(5_000) }
        }
        var answered = 0
        while answered < asked {
            let bytes = try client.receive(atMost: 1 << 20)
            if bytes.isEmpty { return false }
            answered += bytes.count { $0 == UInt8(ascii: "\n") }
        }
        usleep(UInt32(idle * 1e6))
        if next > 0 { try client.send(Array(lines[next...])) } else { try client.send(Self.request) }
        return try client.json()?["id"] == 1
    }
}

/// A client that asks as fast as it is read, and never reads itself.
private final class Greedy: Sendable {
    /// Seconds until the daemon closed; nil when it had not.
    let closedAfter: Background<Double?>
    private let ended = Flag()

    var hasEnded: Bool { ended.isSet }

    init(_ daemon: DaemonProcess, _ lines: [UInt8], until isOver: Flag) throws {
        nonisolated(unsafe) let client = try daemon.connect()
        closedAfter = Background { [ended] in
            defer { ended.set() }
            let began = Patience.now
            var next = 0
            while !isOver.isSet {
                guard let sent = client.offer(lines[next...]) else { return Patience.now - began }
                next = (next + sent) % lines.count
                if sent == 0 { usleep(2_000) }
            }
            return nil
        }
    }
}
