import Testing
import Wire

/// Many requests at once on one connection.
@Suite(.serialized) struct `Pipelined requests` {
    /// Much faster to read than to answer, with small answers: it is requests that are counted here, not bytes.
    private static let slow: JSON = {
        let text = String(repeating: "where is my parcel and the invoice for it ", count: 48)
        return ["texts": .array([JSON](repeating: .string(text), count: 8))]
    }()

    private static func line(_ id: JSON, _ method: String = "predict", _ params: JSON = slow) -> String {
        JSON.object([
            Member("jsonrpc", "2.0"), Member("id", id), Member("method", .string(method)), Member("params", params),
        ]).description + "\n"
    }

    @Test func `exactly the 129th unanswered request is refused and at once`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        nonisolated(unsafe) let writer = try client.duplicate()
        // Several times as many as may be under way, and more of them until one is refused.
        let isRefused = Flag()
        let sender = Background {
            var count = 0
            repeat {
                let block = (count + 1...count + 400).map { Self.line(.integer($0)) }
                try writer.send(Array(block.joined().utf8))
                count += block.count
            } while !isRefused.isSet && count < 40_000
            writer.closeWriting()
            return count
        }
        // Answers are counted as they come: a refusal says that at that moment 128 of those before it had none.
        var (refused, answered) = (0, 0)
        while let answer = try client.json() {
            let id = try #require(answer["id"]?.int)
            if answer["result"] != nil {
                answered += 1
            } else {
                #expect(answer["error"]?["code"] == -32_005)
                #expect(answer["error"]?["data"]?["reason"] == "overloaded")
                #expect(answer["error"]?["data"]?["retry_after_ms"]?.int ?? 0 > 0)
                #expect(id - 1 - refused - answered == 128, "\(id): \(refused) refused and \(answered) answered before")
                refused += 1
                isRefused.set()
            }
        }
        let count = try sender.value()
        Figures.note("\(count) slow requests", "\(refused) refused, \(answered) answered")
        #expect(refused > 0 && refused + answered == count)
        #expect(try daemon.connect().call("status")["champion"] == 1)
    }

    @Test func `a cancel gets through where requests do not and stops all of the same id`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let cancel = #"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":"same"}}"# + "\n"
        let block = Array((String(repeating: Self.line("same"), count: 200) + cancel).utf8)
        nonisolated(unsafe) let writer = try client.duplicate()
        // Again until both has been seen.
        let (isRefused, isCancelled) = (Flag(), Flag())
        let sender = Background {
            var count = 0
            repeat {
                try writer.send(block)
                count += 200
            } while !(isRefused.isSet && isCancelled.isSet) && count < 40_000
            try writer.send(Array(Self.line("last", "jobs.list", [:]).utf8))
            writer.closeWriting()
            return count
        }
        var codes: [Int: Int] = [:]
        var last: JSON?
        while let answer = try client.json() {
            if answer["id"] == "last" {
                last = answer
            } else {
                #expect(answer["id"] == "same")
                let code = answer["error"]?["code"]?.int ?? 0
                codes[code, default: 0] += 1
                if code == -32_005 { isRefused.set() }
                if code == -32_006 { isCancelled.set() }
            }
        }
        let count = try sender.value()
        Figures.note("\(count) of one id, then a cancel", "\(codes)")
        #expect(codes[-32_006, default: 0] > 0 && codes[-32_005, default: 0] > 0)
        #expect(codes.values.reduce(0, +) == count && Set(codes.keys).isSubset(of: [0, -32_005, -32_006]))
        #expect(last != nil)
        #expect(try daemon.connect().call("status")["champion"] == 1)
    }

    @Test func `fast and slow requests of one connection are each answered once`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        nonisolated(unsafe) let writer = try client.duplicate()
        let count = 3_000
        let sender = Background {
            for id in 0..<count {
                switch id % 50 {
                case 0: try writer.send(Array(Self.line(.integer(id)).utf8))
                case 1: try writer.send(Array(Self.line(.integer(id), "jobs.list", [:]).utf8))
                default: try writer.send(Array(Self.line(.integer(id), "predict", ["text": "refund me"]).utf8))
                }
            }
            return true
        }
        let ids = try (0..<count).map { _ in try client.json()?["id"]?.int ?? -1 }
        #expect(ids.sorted() == Array(0..<count))
        // Nobody waited for a slow one before him.
        #expect(ids != ids.sorted())
        #expect(try sender.value())
    }

    @Test func `the largest requests under way cost their size and it is given back`() throws {
        let daemon = try DaemonProcess(try .trained())
        let other = try daemon.connect()
        try other.call("predict", ["text": "refund me"])
        let base = daemon.settled()
        let watch = MemoryWatch(daemon)
        let text = JSON.string(String(repeating: "where is my parcel and my money ", count: 32))
        let line = Array(Self.line(1, "predict", ["texts": .array([JSON](repeating: text, count: 1_000))]).utf8)
        let isSent = Flag()
        try {
            let client = try daemon.connect()
            nonisolated(unsafe) let writer = try client.duplicate()
            let sender = Background {
                defer { isSent.set() }
                for _ in 0..<128 { try writer.send(line) }
                return true
            }
            // Answers are read, so that it is requests alone that pile up.
            while !isSent.isSet {
                if client.isReadable(within: 0.02) { _ = try client.receive(atMost: 1 << 20) }
            }
            #expect(try sender.value())
            #expect(try other.call("predict", ["text": "refund me"])["model"] == 1)
        }()
        let growth = try watch.growth()
        Figures.note("128 requests of \(line.count) bytes, memory", "\(growth) KiB")
        #expect(growth <= 192 << 10)
        #expect(try daemon.recovers(to: base, memory: 20 << 10))
    }
}
