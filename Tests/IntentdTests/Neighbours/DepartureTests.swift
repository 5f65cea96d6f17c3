import Glibc
import Patience
import Testing
import Wire

/// Clients that leave: politely, in the middle of something, or all the time.
@Suite(.serialized) struct `Neighbours that leave` {
    private static let heavy: JSON = ["texts": .array([JSON](repeating: "where is my parcel and my money", count: 300))]

    @Test func `a hundred requests and half-close are a hundred answers and the end`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        var ids: [Int] = []
        for number in 0..<100 {
            switch number % 5 {
            case 0: ids.append(try client.begin("predict", ["text": "where is my parcel"]))
            case 1: ids.append(try client.begin("predict", Self.heavy))
            case 2: ids.append(try client.begin("status"))
            case 3: ids.append(try client.begin("chat", ["message": "refund me"]))
            default:
                ids.append(try client.begin("feedback.submit", ["text": "parcel \(number)", "intent": "delivery"]))
            }
        }
        client.closeWriting()
        // So late that everything is done: the answers wait for the reader.
        usleep(300_000)
        let answers = try client.rest()
        #expect(answers.count == 100)
        #expect(answers.allSatisfy { $0["result"] != nil })
        #expect(answers.compactMap { $0["id"]?.int }.sorted() == ids)
    }

    @Test func `thousands who drop in the middle leave nothing behind while a training runs`() throws {
        let root = try Root.trained()
        try root.write(TrainingSet.slow, to: "data/intents.csv")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        func dropDuringTraining(_ count: Int, seed: UInt64) throws {
            let job = try #require(try client.call("retrain", ["promote": "hold"])["job"]?.string)
            let held = try HeldChild(of: daemon)
            try Self.drop(daemon, count, seed: seed)
            #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
            held.release()
            #expect(try client.call("jobs.cancel", ["job": .string(job)])["state"] == "cancelled")
            #expect(Patience.until { daemon.process.children.isEmpty })
        }
        try dropDuringTraining(1_000, seed: 1)
        let base = daemon.settled()
        try dropDuringTraining(3_000, seed: 2)
        // Five readers of the database at most, each with a file and its log.
        #expect(try daemon.recovers(to: base, memory: 10 << 10, descriptors: 10))
    }

    /// Connects, sends something, reads a part of the answer or none, and is gone.
    private static func drop(_ daemon: DaemonProcess, _ count: Int, seed: UInt64) throws {
        var random = Seeded(seed)
        func line(_ method: String, _ params: JSON) -> [UInt8] {
            let members = [
                Member("jsonrpc", "2.0"), Member("id", 1), Member("method", .string(method)), Member("params", params),
            ]
            return Array((JSON.object(members).description + "\n").utf8)
        }
        let predict = line("predict", ["text": "where is my parcel", "top_k": 5])
        let requests = [
            predict, line("predict", Self.heavy), line("chat", ["message": "where is my parcel"]),
            line("status", [:]), line("feedback.list", [:]), line("explain", ["text": "where is my parcel"]),
            line("rpc.discover", [:]), [UInt8](repeating: UInt8(ascii: " "), count: 100_000),
            (0..<200).flatMap { _ in predict },
        ]
        for number in 0..<count {
            let client = try daemon.connect()
            let request = requests[number % requests.count]
            switch Int.random(in: 0..<4, using: &random) {
            case 0: _ = client.offer(request.prefix(Int.random(in: 0..<request.count, using: &random)))
            case 1: _ = client.offer(request[...])
            case 2:
                _ = client.offer(request[...])
                // As soon as the first bytes are there, or not at all.
                if client.isReadable(within: 0.003) { _ = try client.receive(atMost: 10) }
            default:
                _ = client.offer(request[...])
                client.closeWriting()
            }
        }
    }

    @Test func `clients that come and ask and go are all answered and leave nothing behind`() throws {
        let daemon = try DaemonProcess(try .trained())
        try Self.churn(daemon, 500)
        let base = daemon.settled()
        let began = Patience.now
        try Self.churn(daemon, 5_000)
        Figures.note("5,000 short connections", "\(Patience.now - began) s")
        #expect(try daemon.recovers(to: base, memory: 4 << 10))
    }

    private static func churn(_ daemon: DaemonProcess, _ count: Int) throws {
        let threads = (0..<4).map { _ in
            Background { [socket = daemon.socket] in
                var answered = 0
                for _ in 0..<(count / 4) {
                    let client = try Connection(socket)
                    if try client.call("predict", ["text": "where is my parcel"])["model"] == 1 { answered += 1 }
                }
                return answered
            }
        }
        #expect(try threads.map { try $0.value() }.reduce(0, +) == count)
    }
}
