import Glibc
import Synchronization
import Testing
import Wire

/// The champion changes a thousand times while everybody asks.
@Suite struct `A thousand swaps` {
    private static let clients = 64
    private static let swaps = 1_000
    /// KiB that the daemon may hold more afterwards, and meanwhile: a model in use and one on its way, for each loop.
    private static let bound = 16 << 10

    @Test func `under 64 clients leave every answer true, and the memory flat`() throws {
        let daemon = try DaemonProcess(try .trained())
        let admin = try daemon.connect()
        // A version with a digest of its own.
        try admin.call("feedback.submit", ["text": "the box is somewhere else", "intent": "delivery"])
        #expect(try daemon.retrain(admin)["state"] == "done")
        let models = try admin.call("models.list")["models"]?.array ?? []
        var digests: [Int: String] = [:]
        for model in models { digests[model["version"]?.int ?? 0] = model["digest"]?.string }
        #expect(digests.count == 2 && Set(digests.values).count == 2)
        // What is needed once is there before it is measured.
        for round in 0..<50 {
            try admin.call("models.promote", ["version": .integer(1 + round % 2), "reason": "warm"])
        }

        let base = daemon.settled()
        let watch = MemoryWatch(daemon)
        let isOver = Flag()
        let askers = (0..<Self.clients).map { number in
            Background { [socket = daemon.socket, digests] in
                let client = try Connection(socket)
                var answers = 0
                while !isOver.isSet || answers == 0 {
                    let answer = try client.call("chat", ["message": "where is my parcel"])
                    guard let version = answer["model"]?.int, let digest = answer["digest"]?.string,
                        digests[version] == digest
                    else {
                        throw Connection.Failure(description: "client \(number): an answer of no version: \(answer)")
                    }
                    answers += 1
                    // All of them together are a load, and not a queue that the swaps wait in.
                    usleep(40_000)
                }
                return answers
            }
        }
        var champion = try admin.call("status")["champion"]?.int ?? 0
        for swap in 0..<Self.swaps {
            let next = 3 - champion
            let moved = try admin.call(
                swap % 2 == 0 ? "models.promote" : "models.rollback",
                ["version": .integer(next), "reason": "swap", "expected": .integer(champion), "force": true]
            )
            #expect(moved["champion"]?.int == next && moved["previous"]?.int == champion)
            champion = next
            // Whoever asks after the reply is answered by the new one.
            if swap % 50 == 0 {
                #expect(try daemon.connect().call("chat", ["message": "refund me"])["model"]?.int == champion)
            }
        }
        isOver.set()
        var answers = 0
        for asker in askers { answers += try asker.value() }
        let growth = try watch.growth()
        Figures.note("thousand swaps", "\(answers) answers, memory at most \(growth) KiB more")
        #expect(answers >= Self.clients)
        #expect(growth < Self.bound)
        #expect(try daemon.recovers(to: base, memory: Self.bound / 2, answering: champion))
        #expect(try daemon.connect().call("verify")["ok"] == true)
        #expect(daemon.root.chatLog.count >= answers)
    }
}
