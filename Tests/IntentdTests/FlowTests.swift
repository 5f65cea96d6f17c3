import Glibc
import Patience
import Testing
import Wire

@Suite struct `Flow of bytes` {
    private static let request = #"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"refund me","top_k":5}}"#

    @Test func `a client that reads late gets everything`() throws {
        let root = try Root.trained()
        try root.write("limits: { output_soft: 64KiB }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let count = 20_000
        let before = try Self.residentKilobytes(daemon)
        let sender = Background { [socket = daemon.socket] in
            // Blocks when the daemon stops reading, and goes on when somebody has read.
            let client = try Connection(socket)
            // Used by that thread alone.
            nonisolated(unsafe) let reader = try client.duplicate()
            let receiver = Background {
                usleep(300_000)
                var answered = 0
                while try reader.line() != nil { answered += 1 }
                return answered
            }
            let lines = Array(String(repeating: Self.request + "\n", count: 1_000).utf8)
            for _ in 0..<(count / 1_000) { try client.send(lines) }
            client.closeWriting()
            return try receiver.value()
        }
        #expect(try client.call("predict", ["text": "refund me"])["model"] == 1)
        #expect(try sender.value() == count)
        #expect(try Self.residentKilobytes(daemon) - before < 64_000)
    }

    private static func residentKilobytes(_ daemon: DaemonProcess) throws -> Int {
        let status = Files.read("/proc/\(daemon.process.pid)/status").split(separator: "\n")
        let line = try #require(status.first { $0.hasPrefix("VmRSS:") })
        return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }

    @Test func `a client that is always in the middle of a line is not one that leaves it unfinished`() throws {
        let root = try Root.trained()
        try root.write("limits: { unfinished_line: 1s }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let isTold = try Patience.until {
            guard let refused = try Self.refusalInTheMiddle(daemon, limit: 1) else { return true }
            // On a machine that held him up for so long he did leave it unfinished, and has to try again.
            #expect(refused.pause >= 1, "\(refused.answer)")
            return refused.pause < 1
        }
        #expect(isTold)
    }

    /// Sends lines for twice as long as one may take, and is always in the middle of one.
    ///
    /// - Returns: what was answered in place of a result, if anything was, and how long that line had taken.
    private static func refusalInTheMiddle(
        _ daemon: DaemonProcess,
        limit: Double
    ) throws -> (answer: JSON, pause: Double)? {
        let client = try daemon.connect()
        let line = Array((request + "\n").utf8)
        let (head, tail) = (Array(line.prefix(20)), Array(line.dropFirst(20)))
        let steps = 40
        var begun = Patience.now
        try client.send(head)
        for _ in 0..<steps {
            usleep(UInt32(2 * limit / Double(steps) * 1e6))
            let next = Patience.now
            // The daemon may have closed already.
            try? client.send(tail + head)
            let answer = try client.json() ?? .null
            if answer["result"]?["model"] != 1 { return (answer, Patience.now - begun) }
            begun = next
        }
        return nil
    }

    @Test func `an answer is found in the log after it was rotated`() throws {
        let root = try Root.trained()
        try root.write("telemetry: { rotate_size: 4KiB }\n", to: "deploy/intentd.yaml")
        var daemon = try DaemonProcess(root)
        var client = try daemon.connect()
        let first = try client.call("chat", ["message": "where is my parcel"])["id"] ?? .null
        for _ in 0..<20 { try client.call("chat", ["message": "where is my parcel"]) }
        // By the number of its first line.
        #expect(Patience.until { Files.list(root.file("logs")).contains("chat_metrics.1.log") })
        try client.call("chat", ["message": "where is my parcel"])
        // A line may still go to the segment that is just being closed, but none is lost between the two.
        let lines = Files.list(root.file("logs")).map { Files.read(root.file("logs/" + $0)).count { $0 == "\n" } }
        #expect(lines.reduce(0, +) == 22)
        #expect(try client.call("feedback.submit", ["id": first, "rating": "up"])["state"] == "accepted")
        #expect(try client.call("metrics")["requests"] == 22)
        try daemon.stop()
        daemon = try DaemonProcess(root)
        client = try daemon.connect()
        #expect(try client.call("explain", ["id": first])["intent"] == "delivery")
        #expect(try client.call("metrics")["requests"] == 22)
        let last = try client.call("chat", ["message": "where is my parcel"])["id"]
        let line = try JSONParser.parse(String(try #require(root.chatLog.last)))
        #expect(line["id"] == last && line["seq"] == 23)
    }
}
