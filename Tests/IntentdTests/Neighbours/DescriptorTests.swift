import Glibc
import Patience
import Testing
import Wire

/// Descriptors that would come in, or get out.
@Suite(.serialized) struct `Descriptors of neighbours` {
    @Test(arguments: [1, 64, 253])
    func `descriptors that are passed to the daemon stay outside`(count: Int) throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        try client.call("predict", ["text": "where is my parcel"])
        let before = daemon.settled()
        let request = Array(#"{"jsonrpc":"2.0","id":1,"method":"predict","params":{"text":"refund me"}}"#.utf8)
        for round in 0..<40 {
            var ends: [Int32] = [-1, -1]
            #expect(pipe(&ends) == 0)
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let passed = [Int32](repeating: ends[1], count: count)
            // With the beginning of a request, with its end, and with its last byte alone.
            let cut = [20, request.count - 1, 1][round % 3]
            try client.send(Array(request.prefix(cut)), passing: passed)
            try client.send(Array(request.dropFirst(cut)), passing: passed)
            try client.send([UInt8(ascii: "\n")], passing: passed)
            #expect(try client.json()?["result"]?["model"] == 1)
            #expect(Patience.until { daemon.vitals.descriptors <= before.descriptors })
            // Nobody holds the pipe's other end when ours is closed, neither the daemon nor a message under way.
            close(ends[1])
            var held = pollfd(fd: ends[0], events: Int16(POLLIN), revents: 0)
            #expect(poll(&held, 1, Int32(Patience.seconds * 1_000)) == 1 && held.revents & Int16(POLLHUP) != 0)
            close(ends[0])
        }
        // Also those of one who does not wait for the answer.
        for _ in 0..<20 { try daemon.connect().send(request, passing: [Int32](repeating: 0, count: count)) }
        #expect(try daemon.recovers(to: before, memory: 4 << 10))
    }

    @Test func `a training child has no descriptor of the daemon's`() throws {
        let root = try Root.trained()
        try root.write(TrainingSet.slow, to: "data/intents.csv")
        let daemon = try DaemonProcess(root)
        let clients = try (0..<100).map { _ in try daemon.connect() }
        for client in clients { try client.call("predict", ["text": "where is my parcel"]) }
        let job = try #require(try clients[0].call("retrain", ["promote": "hold"])["job"]?.string)
        let held = try HeldChild(of: daemon)
        let child = held.pid
        // Until it has become another program it is a copy of the daemon.
        #expect(Patience.until { Files.read("/proc/\(child)/cmdline").split(separator: "\0").contains("train") })
        let own = Self.links(of: child)
        let parents = Set(Self.links(of: daemon.process.pid).values)
        Figures.note("descriptors of the training child", "\(own.sorted { $0.key < $1.key })")
        #expect(own[0] != nil && own[1] != nil && own[2] != nil)
        for (number, link) in own where number > 2 {
            // Every event descriptor has the same name; whose it is shows in how many there are.
            if link.hasPrefix("anon_inode:") { continue }
            #expect(!link.hasPrefix("socket:") && !parents.contains(link), "\(number) is \(link)")
        }
        #expect(own.count < 16)
        held.release()
        #expect(try clients[1].call("jobs.cancel", ["job": .string(job)])["state"] == "cancelled")
    }

    private static func links(of pid: pid_t) -> [Int: String] {
        var links: [Int: String] = [:]
        for name in Files.list("/proc/\(pid)/fd") {
            if let number = Int(name), let link = Files.link("/proc/\(pid)/fd/\(name)") { links[number] = link }
        }
        return links
    }
}
