import Glibc
import Patience
import Testing
import Wire

@Suite struct Stopping {
    @Test(arguments: [SIGTERM, SIGINT])
    func `answers what was asked and ends with 0 and keeps all data`(signal: Int32) throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let idle = try daemon.connect()
        let client = try daemon.connect()
        try client.call("feedback.submit", ["text": "beam it up", "intent": "delivery"])
        try client.call("chat", ["message": "where is my parcel"])
        let text = String(repeating: "where is my parcel and my money ", count: 20)
        let slow: JSON = ["texts": .array([JSON](repeating: .string(text), count: 1_000))]
        let ids = try (0..<4).map { _ in try client.begin("predict", slow) }
        // All of them have been read once something after them is answered.
        try client.call("predict", ["text": "where is my parcel"])
        daemon.process.signal(signal)
        // A second one changes nothing.
        daemon.process.signal(SIGTERM)
        for id in ids { #expect(try client.answer(id)["result"]?["predictions"]?.array?.count == 1_000) }
        #expect(try client.rest().isEmpty)
        #expect(try idle.json() == nil)
        #expect(daemon.process.wait() == .exit(0))
        #expect(!Files.exists(root.socket))

        let next = try DaemonProcess(root)
        let again = try next.connect()
        #expect(try again.call("feedback.list")["items"]?.array?.count == 1)
        #expect(try Patience.until { try again.call("metrics")["requests"] == 1 })
        #expect(try again.call("predict", ["text": "where is my parcel"])["model"] == 1)
    }

    @Test func `under load every request that is answered is answered whole`() throws {
        let root = try Root.trained()
        for round in 0..<4 {
            let daemon = try DaemonProcess(root)
            let clients = (0..<4).map { _ in
                Background { [socket = daemon.socket] in
                    guard let client = try? Connection(socket) else { return 0 }
                    var answered = 0
                    while let line = try? { () -> String? in
                        try client.begin("chat", ["message": "where is my parcel"])
                        return try client.line()
                    }() {
                        _ = try JSONParser.parse(line)
                        answered += 1
                    }
                    return answered
                }
            }
            // Also those who are just arriving.
            let arriving = Background { [socket = daemon.socket] in
                while let client = try? Connection(socket) { _ = try? client.call("status") }
                return true
            }
            usleep(UInt32(30_000 + round * 20_000))
            let began = Patience.now
            #expect(try daemon.stop() == .exit(0))
            let took = Patience.now - began
            for client in clients { #expect(try client.value() >= 0) }
            #expect(try arriving.value())
            // A client that is only just accepted does not use up the whole grace of eight seconds, but for what this
            // machine takes for a stop anyway.
            let idle = try DaemonProcess(root)
            let alone = Patience.now
            #expect(try idle.stop() == .exit(0))
            #expect(took < 5 + 20 * (Patience.now - alone))
        }
        let sequence = try root.chatLog.map { try JSONParser.parse(String($0))["seq"]?.int ?? 0 }.sorted()
        // Event loops write in their own order; none loses a line.
        #expect(sequence == Array(1...max(1, sequence.count)))
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `during the first training ends the child too`(signal: Int32) throws {
        let root = try Root.untrained(TrainingSet.slow)
        let daemon = try DaemonProcess(starting: root)
        let child = try HeldChild(of: daemon)
        daemon.process.signal(signal)
        child.release()
        #expect(daemon.process.wait() == .exit(0))
        #expect(Patience.until { !ProcessTable.isAlive(child.pid) })
        #expect(Files.exists(root.file("data/intents.csv")))
    }

    @Test func `a reload during the first training does not end the daemon`() throws {
        let root = try Root.untrained()
        let daemon = try DaemonProcess(starting: root)
        let child = try HeldChild(of: daemon)
        for _ in 0..<20 { daemon.process.signal(SIGHUP) }
        child.release()
        try daemon.waitUntilReady()
        #expect(try daemon.connect().call("status")["champion"] == 1)
    }

    @Test func `connections that come and go leave no descriptor behind`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.call("status")
        let before = ProcessTable.openFiles(of: daemon.process.pid)
        for index in 0..<200 {
            let visitor = try daemon.connect()
            if index % 2 == 0 { try visitor.begin("predict", ["text": "where is my parcel"]) }
            if index % 3 == 0 { try visitor.send(Array("{\"json".utf8)) }
        }
        #expect(Patience.until { ProcessTable.openFiles(of: daemon.process.pid) <= before + 1 })
    }
}
