import Glibc
import Patience
import StubServer
import Testing
import Wire

@Suite struct `Limits of a connection` {
    private static let slowPredict: JSON = {
        let text = String(repeating: "where is my parcel and my money and the invoice ", count: 19)
        return ["texts": .array([JSON](repeating: .string(text), count: 1_000))]
    }()

    @Test(arguments: [true, false])
    func `a line that is too long is refused and the connection closes`(isFinished: Bool) throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.send("{}")
        #expect(try client.json()?["error"]?["code"] == -32_600)
        // More than the limit, but not more than the daemon drains.
        let line =
            [UInt8](repeating: UInt8(ascii: "x"), count: (1 << 20) + 1) + (isFinished ? [UInt8(ascii: "\n")] : [])
        try client.send(line)
        let error = try client.json()
        #expect(error?["error"]?["code"] == -32_001)
        #expect(error?["error"]?["data"]?["reason"] == "line_too_long")
        #expect(error?["id"] == .null)
        #expect(try client.rest().isEmpty)
        #expect(try daemon.connect().call("status")["role"] == "admin")
    }

    @Test func `a line of exactly the limit is answered`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let request = #"{"jsonrpc":"2.0","id":1,"method":"status"}"#
        try client.send(request + String(repeating: " ", count: (1 << 20) - request.utf8.count))
        #expect(try client.json()?["result"]?["champion"] == 1)
    }

    @Test func `an unfinished line ends the connection after its time`() throws {
        let root = try Root.trained()
        try root.write("limits: { unfinished_line: 200ms }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let (slow, idle) = (try daemon.connect(), try daemon.connect())
        try slow.send(Array(#"{"jsonrpc":"2.0""#.utf8))
        let error = try slow.json()
        #expect(error?["error"] != nil)
        #expect(error?["id"] == .null)
        #expect(try slow.rest().isEmpty)
        // Who has begun no line may be silent as long as he likes.
        #expect(try idle.call("status")["role"] == "admin")
    }

    @Test func `half-close answers everything that is pending and closes then`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        var expected: Set<Int> = []
        for index in 0..<60 {
            switch index % 4 {
            case 0: expected.insert(try client.begin("chat", ["message": "where is my parcel"]))
            case 1: expected.insert(try client.begin("explain", ["text": "where is my parcel"]))
            case 2:
                expected.insert(try client.begin("feedback.submit", ["text": "parcel \(index)", "intent": "delivery"]))
            default: expected.insert(try client.begin("predict", ["text": "refund me"]))
            }
        }
        // The last line may lack its newline.
        try client.send(Array(#"{"jsonrpc":"2.0","id":1000,"method":"status"}"#.utf8))
        client.closeWriting()
        let answers = try client.rest()
        #expect(answers.compactMap { $0["id"]?.int }.sorted() == expected.sorted() + [1_000])
        #expect(answers.allSatisfy { $0["result"] != nil })
    }

    @Test func `more unanswered requests than allowed are refused at once and the others answered`() throws {
        // An LLM that answers nobody before somebody was refused.
        let mayGoOn = Flag()
        let upstream = try Upstream(llm: "max_in_flight: 2, max_queued: 1000") { _, line in
            while !mayGoOn.isSet { line.pause(10) }
            line.answer(Recorded.plain)
        }
        let client = upstream.client
        let ids = try (0..<140).map { _ in try client.begin("chat", ["message": .string(Upstream.doubtful)]) }
        let refused = try ids.suffix(12).map { try client.answer($0) }
        mayGoOn.set()
        for id in ids.prefix(128) { #expect(try client.answer(id)["result"]?["route"] == "llm") }
        for answer in refused {
            #expect(answer["error"]?["code"] == -32_005)
            #expect(answer["error"]?["data"]?["reason"] == "overloaded")
            #expect(answer["error"]?["data"]?["retry_after_ms"]?.int ?? 0 > 0)
        }
        #expect(try client.call("status")["limits"]?["in_flight"] == 128)
    }

    @Test func `requests of a batch count one by one`() throws {
        // An LLM that answers nobody before somebody was refused.
        let mayGoOn = Flag()
        let upstream = try Upstream(settings: "limits: { in_flight: 4 }") { _, line in
            while !mayGoOn.isSet { line.pause(10) }
            line.answer(Recorded.plain)
        }
        let client = upstream.client
        let parts: [JSON] = (0..<6).map { number in
            let params: JSON = ["message": .string(Upstream.doubtful)]
            return ["jsonrpc": "2.0", "id": .integer(1_000 + number), "method": "chat", "params": params]
        }
        try client.send(JSON.array(parts).description)
        let next = try client.begin("jobs.list")
        let refused = try client.json()
        #expect(refused?["id"]?.int == next && refused?["error"]?["code"] == -32_005)
        mayGoOn.set()
        let batch = try client.json()?.array
        #expect(batch?.count { $0["result"] != nil } == 4)
        #expect(batch?.count { $0["error"]?["code"] == -32_005 } == 2)
        #expect(try client.call("jobs.list")["jobs"]?.array?.count == 1)
    }

    @Test func `a cancel stops all requests of that id`() throws {
        // Of an LLM that never answers, so that none of them is ready before.
        let upstream = try Upstream(llm: "max_in_flight: 2") { $1.hang() }
        let client = upstream.client
        let request = JSON.object([
            Member("jsonrpc", "2.0"), Member("id", "slow"), Member("method", "chat"),
            Member("params", ["message": .string(Upstream.doubtful)]),
        ]).description
        for _ in 0..<6 { try client.send(request) }
        try client.send(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":"slow"}}"#)
        var answers: [JSON] = []
        for _ in 0..<6 { answers.append(try #require(try client.json())) }
        #expect(answers.allSatisfy { $0["id"] == "slow" && $0["error"]?["code"] == -32_006 })
        #expect(answers.allSatisfy { $0["error"]?["data"]?["reason"] == "cancelled" })
        // To take back what nobody asked is no error.
        try client.send(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":"slow"}}"#)
        #expect(try client.call("status")["champion"] == 1)
    }

    @Test func `a cancel is heard while requests of that id are worked on`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let request = JSON.object([
            Member("jsonrpc", "2.0"), Member("id", "slow"), Member("method", "predict"),
            Member("params", Self.slowPredict),
        ]).description
        for _ in 0..<6 { try client.send(request) }
        try client.send(#"{"jsonrpc":"2.0","method":"request.cancel","params":{"request":"slow"}}"#)
        for _ in 0..<6 {
            // Those that were ready by then have their result.
            let answer = try #require(try client.json())
            #expect(answer["id"] == "slow")
            #expect(answer["result"] != nil || answer["error"]?["data"]?["reason"] == "cancelled", "\(answer)")
        }
        #expect(try client.call("status")["champion"] == 1)
    }

    @Test func `a fast request is not held up by a slow one before it`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let (slow, fast) = (1_001, 1_002)
        let asked: [(Int, JSON)] = [(slow, Self.slowPredict), (fast, ["text": "where is my parcel"])]
        let requests = asked.map { id, params in
            let request: JSON = ["jsonrpc": "2.0", "id": .integer(id), "method": "predict", "params": params]
            return request.description
        }
        // In one piece, so that the fast one is there while the slow one is under way.
        try client.send(requests.joined(separator: "\n"))
        let first = try client.json()
        #expect(first?["id"]?.int == fast)
        let second = try client.json()
        #expect(second?["id"]?.int == slow && second?["result"]?["predictions"]?.array?.count == 1_000)
    }

    @Test func `too many connections are refused with a reason and a place that was left is free again`() throws {
        let root = try Root.trained()
        try root.write("limits: { connections_per_uid: 8 }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        // Those who leave before they are even looked at must not keep their place.
        for _ in 0..<300 { _ = try daemon.connect() }
        let clients = try #require(
            Patience.wait { () -> [Connection]? in
                let clients = (0..<8).compactMap { _ in try? daemon.connect() }
                return clients.allSatisfy { (try? $0.call("status")) != nil } && clients.count == 8 ? clients : nil
            }
        )
        let ninth = try daemon.connect()
        #expect(try ninth.json()?["error"]?["data"]?["reason"] == "overloaded")
        #expect(try ninth.json() == nil)
        #expect(try clients[0].call("status")["champion"] == 1)
    }

    @Test func `a client that does not read is closed and hurts nobody`() throws {
        let root = try Root.trained()
        try root.write("limits: { output_soft: 64KiB, output_hard: 256KiB }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let greedy = Background { [socket = daemon.socket] in
            let client = try Connection(socket, patience: 2)
            let request = Array((#"{"jsonrpc":"2.0","id":1,"method":"rpc.discover"}"# + "\n").utf8)
            // Never reads: at some point the daemon stops reading too, or closes.
            do { for _ in 0..<20_000 { try client.send(request) } } catch {}
            return true
        }
        let other = try daemon.connect()
        for _ in 0..<200 { try other.call("predict", ["text": "where is my parcel"]) }
        #expect(try greedy.value())
        #expect(try other.call("status")["champion"] == 1)
    }
}
