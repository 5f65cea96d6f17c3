import Patience
import Testing
import Wire

@Suite struct `A daemon that is left alone` {
    private func root(_ training: String) throws -> Root {
        let root = try Root.trained()
        try root.write("llm: { backend: off }\ntraining: { \(training) }\n", to: "deploy/intentd.yaml")
        return root
    }

    private func teach(_ client: Connection, _ text: String) throws {
        let intent = JSON.string(TrainingSet.intents[0])
        let receipt = try client.call("feedback.submit", ["text": .string(text), "intent": intent])
        #expect(receipt["state"] == "accepted")
    }

    /// The newest of so many jobs.
    private func job(_ count: Int, _ daemon: DaemonProcess, _ client: Connection) throws -> JSON {
        var jobs: [JSON] = []
        let isThere = try Patience.until {
            jobs = try client.call("jobs.list")["jobs"]?.array ?? []
            return jobs.count >= count
        }
        try #require(isThere, "\(jobs)")
        #expect(jobs.count == count)
        return jobs[0]
    }

    @Test func `trains after so many corrections, also over a crash, and tells it`() throws {
        let root = try root("after_feedback: 2, cooldown: 0s")
        var daemon = try DaemonProcess(root)
        try teach(try daemon.connect(), "my thingamajig went walkabout")
        daemon.kill()
        daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        try teach(client, "the whatsit is on its holidays")
        let begun = try job(2, daemon, client)
        let ended = try daemon.job(begun["job"]?.string ?? "", client)
        #expect(ended["state"] == "done")
        #expect(ended["cause"] == "after 2 accepted corrections")
        #expect(ended["learned"]?["applied"] == 2)
        let move = try client.call("models.history")["moves"]?.array?.first
        #expect(move?["reason"]?.string?.hasSuffix("retrained after 2 accepted corrections") == true)
    }

    @Test func `does not try the same again after it was killed in the middle`() throws {
        let root = try root("after_feedback: 1, cooldown: 0s")
        try root.write(TrainingSet.slow, to: "data/intents.csv")
        var daemon = try DaemonProcess(root)
        try teach(try daemon.connect(), "my thingamajig went walkabout")
        let child = try HeldChild(of: daemon)
        daemon.kill()
        child.release()
        try root.write(TrainingSet.small, to: "data/intents.csv")
        daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let cut = try job(2, daemon, client)
        #expect(cut["state"] == "failed" && cut["error"] == "interrupted")
        try teach(client, "the whatsit is on its holidays")
        let begun = try job(3, daemon, client)
        #expect(begun["cause"] == "after 1 accepted correction")
        #expect(try daemon.job(begun["job"]?.string ?? "", client)["learned"]?["applied"] == 2)
    }

    @Test func `takes the number of corrections from a reload`() throws {
        let root = try root("after_feedback: 0, cooldown: 0s")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        try teach(client, "my thingamajig went walkabout")
        try root.write(
            "llm: { backend: off }\ntraining: { after_feedback: 1, cooldown: 0s }\n",
            to: "deploy/intentd.yaml"
        )
        let changed = try client.call("reload")
        #expect(changed["changed"] == ["training.after_feedback"])
        #expect(changed["needs_restart"] == [])
        #expect(try job(2, daemon, client)["cause"] == "after 1 accepted correction")
    }
}
