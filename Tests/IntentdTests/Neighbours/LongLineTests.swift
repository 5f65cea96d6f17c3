import Glibc
import Patience
import Testing
import Wire

/// Lines that have no end, or nothing in them.
@Suite(.serialized) struct `Lines of bad neighbours` {
    @Test func `a line without an end is cut off at the limit and costs no memory`() throws {
        let daemon = try DaemonProcess(try .trained())
        // Every event loop has seen one before.
        for _ in 0..<(2 * sysconf(Int32(_SC_NPROCESSORS_ONLN))) {
            let warm = try daemon.connect()
            try warm.send([UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) + 2))
            #expect(try warm.rest().count == 1)
        }
        let other = try daemon.connect()
        try other.call("status")
        let base = daemon.settled()
        let watch = MemoryWatch(daemon)
        let began = Patience.now
        let client = try daemon.connect()
        nonisolated(unsafe) let writer = try client.duplicate()
        let sender = Background {
            let block = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            // It ends early when the daemon closes.
            do { for _ in 0..<256 { try writer.send(block) } } catch {}
            return true
        }
        let error = try client.json()
        #expect(error?["error"]?["code"] == -32_001)
        #expect(error?["error"]?["data"]?["reason"] == "line_too_long")
        #expect(error?["id"] == .null)
        for _ in 0..<20 { try other.call("predict", ["text": "where is my parcel"]) }
        #expect(try client.rest().isEmpty)
        #expect(try sender.value())
        // Both ways, also when nobody sends any more: what is drained is drained for a second.
        #expect(Patience.until { client.isHungUp })
        Figures.note("endless line, closed after", "\(Patience.now - began) s")
        let growth = try watch.growth()
        Figures.note("endless line, memory", "\(growth) KiB")
        #expect(growth <= 4 << 10)
        #expect(try daemon.recovers(to: base, memory: 2 << 10))
    }

    @Test func `ten million brackets cost ten errors and the connection lives`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let head = #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"a","_meta":"#
        for (index, unit) in ["[", #"{"a":"#, "[", #"[{"":"#, "[[]", "]", "{", "[", "[0,", "}"].enumerated() {
            let line = (index % 2 == 0 ? "" : head) + String(repeating: unit, count: 1_000_000 / unit.utf8.count)
            let began = Patience.now
            try client.send(line)
            let answer = try client.json()
            Figures.note("a million bytes of \(unit)", "\(Patience.now - began) s")
            #expect(answer?["error"]?["code"] == -32_700, "\(unit)")
            #expect(answer?["id"] == .null)
        }
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)

        let over = try daemon.connect()
        nonisolated(unsafe) let writer = try over.duplicate()
        let sender = Background {
            try? writer.send([UInt8](repeating: UInt8(ascii: "["), count: 10_000_000))
            return true
        }
        #expect(try over.json()?["error"]?["code"] == -32_001)
        #expect(try over.rest().isEmpty)
        #expect(try sender.value())
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
    }

    /// What stands on the wire, and how many answers to `id` 1 it is worth.
    private static let request = #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"refund me"}}"#
    private static let endings: [(bytes: String, answers: Int)] = [
        (request + "\n", 1), (request + "\r\n", 1), ("\n" + request + "\n", 1), ("\r\n" + request + "\r\n", 1),
        ("\n\n\n\r\n\r\n" + request + "\n\n\n", 1), (" \n\t\n \t \r\n" + request + "\n", 1),
        (request + " \t \n", 1), (" \t " + request + "\n", 1), (request + "\r\r\n", 1), ("\r" + request + "\n", 1),
        (request + "\n" + request + "\r\n", 2), (request + "\n\r\n" + request + "\n", 2),
        (request.replacing(",", with: " ,\r\t ") + "\r\n", 1), ("\n", 0), ("\r\n", 0), ("\r\r\r\n", 0),
        (String(repeating: request + "\r\n\n", count: 50), 50),
    ]

    @Test func `line ends of other systems and blank lines are tolerated`() throws {
        let daemon = try DaemonProcess(try .trained())
        for (bytes, answers) in Self.endings {
            let client = try daemon.connect()
            try client.send(Array(bytes.utf8))
            client.closeWriting()
            let lines = try client.rest()
            #expect(lines.count == answers, "\(bytes.debugDescription)")
            #expect(lines.allSatisfy { $0["id"] == 1 && $0["result"]?["model"] == 1 }, "\(bytes.debugDescription)")
        }
        // A carriage return alone ends no line.
        let client = try daemon.connect()
        try client.send(Self.request + "\r" + Self.request)
        #expect(try client.json()?["error"]?["code"] == -32_700)
    }

    @Test func `a flood of blank lines holds nobody up`() throws {
        let daemon = try DaemonProcess(try .trained())
        let (blank, other) = (try daemon.connect(), try daemon.connect())
        try other.call("predict", ["text": "refund me"])
        let base = daemon.settled()
        let watch = MemoryWatch(daemon)
        nonisolated(unsafe) let writer = try blank.duplicate()
        let sender = Background {
            for _ in 0..<20 { try writer.send(Array(String(repeating: "\n\r\n \n", count: 20_000).utf8)) }
            try writer.send(Self.request)
            return true
        }
        for _ in 0..<50 { #expect(try other.call("predict", ["text": "refund me"])["model"] == 1) }
        #expect(try sender.value())
        #expect(try blank.json()?["result"]?["model"] == 1)
        let growth = try watch.growth()
        Figures.note("a million blank lines, memory", "\(growth) KiB")
        #expect(growth <= 4 << 10)
        #expect(try daemon.recovers(to: base, memory: 2 << 10))
    }
}
