import Glibc
import Patience
import Testing
import Wire

/// Trainings that take seconds; one at a time, or they would starve each other on few cores.
@Suite(.serialized) struct `Retraining in a child process` {
    private func daemon() throws -> DaemonProcess {
        let root = try Root.trained()
        try root.write(TrainingSet.slow, to: "data/intents.csv")
        return try DaemonProcess(root)
    }

    @Test func `a second retraining is refused while one runs and cancelling ends the child`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        let id = try #require(try client.call("retrain")["job"]?.string)
        let child = try HeldChild(of: daemon)
        let refusal = try client.refusal("retrain")
        #expect(refusal?.code == -32_004 && refusal?.reason == "conflict")
        #expect(try client.call("status")["job"]?["job"]?.string == id)
        #expect(try client.call("jobs.list")["jobs"]?[0]?["state"] == "running")
        child.release()
        let cancelled = try client.call("jobs.cancel", ["job": .string(id)])
        #expect(cancelled["state"] == "cancelled" && cancelled["candidate"] == .null)
        #expect(Patience.until { !ProcessTable.isAlive(child.pid) })
        #expect(daemon.process.children.isEmpty)
        #expect(Files.list(daemon.root.file("models/staging")).isEmpty)
        #expect(try client.call("status")["job"] == .null)
        #expect(try client.call("status")["champion"] == 1)
        // What has ended stays as it is, and the next one may begin.
        #expect(try client.call("jobs.cancel", ["job": .string(id)])["state"] == "cancelled")
        #expect(try client.refusal("jobs.cancel", ["job": "nonsense"])?.code == -32_003)
        let next = try #require(try client.call("retrain")["job"]?.string)
        _ = try daemon.trainingChild()
        try client.call("jobs.cancel", ["job": .string(next)])
    }

    @Test func `a child that does not want to end is made to`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        let id = try #require(try client.call("retrain")["job"]?.string)
        let child = try daemon.trainingChild()
        kill(child, SIGSTOP)
        #expect(try client.call("jobs.cancel", ["job": .string(id)])["state"] == "cancelled")
        #expect(Patience.until { !ProcessTable.isAlive(child) })
    }

    @Test func `a child that dies costs its job and nothing else`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        let id = try #require(try client.call("retrain")["job"]?.string)
        kill(try daemon.trainingChild(), SIGKILL)
        let job = try daemon.job(id, client)
        #expect(job["state"] == "failed" && job["error"]?.string?.isEmpty == false)
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
        #expect(Files.list(daemon.root.file("models/staging")).isEmpty)
    }

    @Test func `the child ends when its parent is killed and the next start says what became of the job`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        let id = try #require(try client.call("retrain")["job"]?.string)
        _ = try client.notification { ($0.params["fraction"]?.double ?? 0) > 0.05 }
        let child = try HeldChild(of: daemon)
        #expect(!Files.list(daemon.root.file("models")).isEmpty)
        daemon.kill()
        child.release()
        #expect(Patience.until { !ProcessTable.isAlive(child.pid) })

        let next = try DaemonProcess(daemon.root)
        let again = try next.connect()
        let job = try again.call("jobs.get", ["job": .string(id)])
        #expect(job["state"] == "failed" && job["error"] == "interrupted" && job["finished_at"] != .null)
        #expect(try again.call("predict", ["text": "where is my parcel"])["model"] == 1)
        #expect(Files.list(daemon.root.file("models/staging")).isEmpty)
        #expect(Files.list(daemon.root.file("models/versions")) == ["000001"])
        #expect(try again.call("status")["job"] == .null)
    }

    @Test func `SIGTERM during a retraining ends the child and the daemon with 0`() throws {
        let daemon = try daemon()
        let client = try daemon.connect()
        let id = try #require(try client.call("retrain")["job"]?.string)
        let child = try HeldChild(of: daemon)
        daemon.process.signal(SIGTERM)
        child.release()
        #expect(daemon.process.wait() == .exit(0))
        #expect(!ProcessTable.isAlive(child.pid))
        let next = try DaemonProcess(daemon.root)
        let job = try next.connect().call("jobs.get", ["job": .string(id)])
        #expect(job["state"] == "cancelled" || job["state"] == "failed")
    }

    @Test func `answers go on while a model is trained and swapped`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let finished = Flag()
        let answered = [Counter(), Counter()]
        let hammers = answered.map { answered in
            Background { [socket = daemon.socket] in
                let client = try Connection(socket)
                var versions: [Int] = []
                while !finished.isSet {
                    let asked = Patience.now
                    let answer = try client.call("predict", ["text": "where is my parcel"])
                    versions.append(answer["model"]?.int ?? 0)
                    answered.add()
                    guard answer["predictions"]?[0]?["intent"] == "delivery" else { return [-1] }
                    // The child gets what nobody else wants, and would starve beside two that never pause.
                    usleep(300 + UInt32(3e6 * (Patience.now - asked)))
                }
                return versions
            }
        }
        let client = try daemon.connect()
        let states = try (0..<3).map { _ in
            let state = try daemon.retrainAnew(client)["state"]?.string
            let before = answered.map(\.count)
            #expect(Patience.until { zip(answered, before).allSatisfy { $0.count >= $1 + 40 } })
            return state
        }
        // `done` means that every event loop has swapped: no connection gets an older version from here on.
        let late = try (0..<8).map { _ in try daemon.connect().call("predict", ["text": "refund"])["model"]?.int }
        try client.call("models.rollback", ["reason": "to see"])
        let rolledBack = try (0..<8).map { _ in try daemon.connect().call("predict", ["text": "refund"])["model"]?.int }
        finished.set()
        #expect(states == ["done", "done", "done"])
        #expect(late.allSatisfy { $0 == 4 })
        #expect(rolledBack.allSatisfy { $0 == 3 })
        for hammer in hammers {
            let versions = try hammer.value()
            #expect(versions.count > 100)
            // Up by one at each swap, and once back.
            var seen: [Int] = []
            for version in versions where seen.last != version { seen.append(version) }
            #expect(seen == [1, 2, 3, 4] || seen == [1, 2, 3, 4, 3], "\(seen)")
        }
    }
}
