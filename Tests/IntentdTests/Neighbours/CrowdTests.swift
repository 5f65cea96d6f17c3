import Glibc
import Patience
import Testing
import Wire

/// More connections than anybody needs.
@Suite(.serialized) struct `Crowds of neighbours` {
    /// How many descriptors this process and the daemon may have.
    private static let descriptors: Int = {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_max)
    }()

    @Test func `ten thousand idle connections cost little and hold nobody up`() throws {
        let count = min(10_000, Self.descriptors - 300)
        let root = try Root.trained()
        try root.write("limits: { connections: 11000, connections_per_uid: 11000 }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        try client.call("predict", ["text": "where is my parcel"])
        let base = daemon.settled()
        let began = Patience.now
        var idle = try (0..<count).map { _ in try daemon.connect() }
        #expect(Patience.until { daemon.vitals.descriptors >= base.descriptors + count })
        Figures.note("\(count) connections", "\(Patience.now - began) s to open")
        // The last one has been taken over by its event loop when it is answered.
        #expect(try idle[count - 1].call("predict", ["text": "where is my parcel"])["model"] == 1)
        let growth = daemon.vitals.memory - base.memory
        Figures.note("\(count) idle connections, memory", "\(growth) KiB")
        #expect(growth <= 40 << 10)
        var longest = 0.0
        for number in 0..<200 {
            let asked = Patience.now
            let any = number % 2 == 0 ? client : idle[number * count / 200]
            #expect(try any.call("predict", ["text": "where is my parcel"])["model"] == 1)
            longest = max(longest, Patience.now - asked)
        }
        Figures.note("\(count) idle connections, longest answer", "\(longest) s")
        idle.removeAll()
        #expect(try daemon.recovers(to: base, memory: 20 << 10))
    }

    // Who runs the tests is an admin, and those have sixteen places more.
    @Test(arguments: [("connections: 24", 40), ("connections_per_uid: 40", 40), ("line: 1MiB", 512)])
    func `who comes when all places are taken gets a reason and the end`(limit: String, places: Int) throws {
        try #require(Self.descriptors > places + 200)
        let root = try Root.trained()
        try root.write("limits: { \(limit) }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        // Whoever asked whether the daemon is there has left when all places can be taken.
        var clients: [Connection] = []
        #expect(
            Patience.until {
                clients = []
                for _ in 0..<places {
                    guard let client = try? daemon.connect(), (try? client.call("status")) != nil else { return false }
                    clients.append(client)
                }
                return true
            }
        )
        for _ in 0..<20 {
            let extra = try daemon.connect()
            // Whatever he sends meanwhile.
            _ = extra.offer(Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n".utf8)[...])
            let lines = try extra.rest()
            #expect(lines.count == 1)
            #expect(lines.first?["id"] == .null)
            #expect(lines.first?["error"]?["code"] == -32_005)
            #expect(lines.first?["error"]?["data"]?["reason"] == "overloaded")
            #expect(lines.first?["error"]?["data"]?["retry_after_ms"]?.int ?? 0 > 0)
        }
        #expect(try clients[0].call("status")["champion"] == 1)
        clients.removeLast()
        #expect(Patience.until { (try? daemon.connect().call("status"))?["champion"] == 1 })
    }

    @Test func `with few descriptors those who are connected go on and the others are told`() throws {
        let daemon = try DaemonProcess(starting: try .trained(), openFiles: 64)
        try daemon.waitUntilReady()
        var clients = try Self.fill(daemon)
        Figures.note("places under 64 descriptors", "\(clients.count)")
        #expect(10..<64 ~= clients.count)
        let before = ProcessTable.processorTime(of: daemon.process.pid)
        let began = Patience.now
        for _ in 0..<10 {
            let extra = try daemon.connect()
            let lines = try extra.rest()
            #expect(lines.first?["error"]?["data"]?["reason"] == "overloaded")
        }
        usleep(2_000_000)
        let used = ProcessTable.processorTime(of: daemon.process.pid) - before
        let passed = Patience.now - began
        Figures.note("processor time of \(passed) s without places", "\(used) s")
        #expect(used < passed / 5)
        for client in clients {
            #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
            #expect(try client.call("chat", ["message": "where is my parcel"])["model"] == 1)
        }
        #expect(try clients[0].call("status")["champion"] == 1)
        #expect(
            try clients[0].call("feedback.submit", ["text": "beam it", "intent": "delivery"])["state"] == "accepted"
        )
        // What needs descriptors of its own may fail, at once or as a job, and nothing else suffers.
        _ = try clients[0].refusal("retrain")
        #expect(try clients[0].call("predict", ["text": "where is my parcel"])["model"] == 1)
        clients.removeLast(5)
        #expect(Patience.until { (try? daemon.connect().call("status"))?["champion"] == 1 })
        #expect(try daemon.stop() == .exit(0))
    }

    @Test func `without descriptors what is stored is still read`() throws {
        let daemon = try DaemonProcess(starting: try .trained(), openFiles: 64)
        try daemon.waitUntilReady()
        let clients = try Self.fill(daemon)
        let client = try #require(clients.first)
        try client.call("feedback.submit", ["text": "beam it", "intent": "delivery"])
        // Several at once, so that one reader of the database is not enough.
        let ids = try (0..<32).map { _ in try client.begin("feedback.list") }
        for id in ids {
            let answer = try client.answer(id)
            #expect(answer["result"]?["items"]?.array?.count == 1, "\(answer)")
        }
    }

    /// Connections until the daemon takes no more.
    private static func fill(_ daemon: DaemonProcess) throws -> [Connection] {
        var clients: [Connection] = []
        while clients.count < 100 {
            let client = try daemon.connect()
            // A connection without a place is closed at once, perhaps before anything can be sent over it.
            guard (try? client.begin("predict", ["text": "where is my parcel"])) != nil,
                let answer = try client.json(), let model = answer["result"]?["model"]
            else { break }
            #expect(model == 1)
            clients.append(client)
        }
        return clients
    }
}
