import Glibc
import Patience
import Testing
import Wire

@Suite struct `Moves that meet` {
    /// A root with two versions.
    private func daemon() throws -> DaemonProcess {
        let daemon = try DaemonProcess(try .trained())
        guard try daemon.retrainAnew(try daemon.connect())["state"] == "done" else {
            throw DaemonProcess.Failure(description: "no second version")
        }
        return daemon
    }

    /// Whether what the ledger says is what every event loop answers from.
    private func agrees(_ daemon: DaemonProcess) throws -> Bool {
        let models = try daemon.connect().call("models.list")["models"]?.array ?? []
        let champions = models.filter { $0["aliases"]?.array?.contains("champion") == true }.compactMap {
            $0["version"]?.int
        }
        guard champions.count == 1, try daemon.connect().call("status")["champion"]?.int == champions.first else {
            return false
        }
        return try (0..<4).allSatisfy { _ in
            try daemon.connect().call("predict", ["text": "refund me"])["model"]?.int == champions.first
        }
    }

    private func check(_ daemon: DaemonProcess, _ comment: Comment) throws {
        #expect(try agrees(daemon), comment)
    }

    @Test func `a client that leaves in the middle leaves nothing half done`() throws {
        let daemon = try daemon()
        for round in 0..<30 {
            do {
                let client = try daemon.connect()
                try client.begin("models.promote", ["version": .integer(1 + round % 2), "reason": "x"])
                usleep(UInt32(round * 250))
            }
            // Whatever was begun ends soon.
            #expect(Patience.until { (try? agrees(daemon)) == true }, "round \(round)")
        }
    }

    @Test func `two admins at once end with what the ledger says`() throws {
        let daemon = try daemon()
        for round in 0..<10 {
            let admins = (1...2).map { version in
                Background { [socket = daemon.socket] in
                    let client = try Connection(socket)
                    for _ in 0..<5 { try client.call("models.promote", ["version": .integer(version), "reason": "x"]) }
                }
            }
            for admin in admins { try admin.value() }
            try check(daemon, "round \(round)")
        }
    }

    @Test func `a cancelled retraining is promoted and swapped or neither`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        for round in 0..<8 {
            try daemon.teach(client)
            let id = try client.call("retrain")["job"]?.string ?? ""
            // Near the end, where it counts.
            let near = 0.85 + Double(round % 4) * 0.04
            _ = try client.notification {
                $0.params["job"]?.string == id && ($0.params["fraction"]?.double ?? 0) >= near
            }
            let job = try client.call("jobs.cancel", ["job": .string(id)])
            let champion = try client.call("status")["champion"]
            #expect(job["state"] == "cancelled" || job["state"] == "done" && champion == job["candidate"])
            if job["state"] == "cancelled" { #expect(job["candidate"] == .null) }
            try check(daemon, "round \(round)")
        }
    }

    @Test(arguments: [0.85, 0.9, 0.93, 0.96])
    func `a stop at the end of a retraining leaves nothing half done`(fraction: Double) throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        try daemon.teach(client)
        try client.begin("retrain")
        _ = try client.notification { ($0.params["fraction"]?.double ?? 0) >= fraction }
        #expect(try daemon.stop() == .exit(0))
        let next = try DaemonProcess(daemon.root)
        try check(next, "stopped at \(fraction)")
        let states = try next.connect().call("jobs.list")["jobs"]?.array?.compactMap { $0["state"]?.string } ?? []
        #expect(states.count == 3 && states.allSatisfy { ["done", "cancelled"].contains($0) }, "\(states)")
    }
}
