import Glibc
import Patience
import Testing
import Wire

@Suite struct `The service manager` {
    private func start(_ root: Root, _ manager: ServiceManager, _ more: [String: String] = [:]) throws -> DaemonProcess
    {
        try DaemonProcess(
            starting: root,
            environment: ["NOTIFY_SOCKET": manager.path].merging(more) { _, more in more }
        )
    }

    @Test func `hears of readiness when the socket answers, of the stop, and what serves between`() throws {
        let root = try Root.trained(threshold: 0.5)
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager)
        #expect(manager.wait { $0["READY"] == "1" })
        #expect(try daemon.connect().call("status")["champion"] == 1)
        #expect(manager.wait { $0["STATUS"] == "Version 1 serves" })
        #expect(try daemon.stop() == .exit(0))
        #expect(manager.places("READY").count == 1 && manager.places("STOPPING", "1").count == 1)
        #expect(manager.places("READY")[0] < manager.places("STOPPING")[0])
        #expect(manager.places("STATUS").allSatisfy { $0 <= manager.places("STOPPING")[0] })
        #expect(manager.places("WATCHDOG").isEmpty && manager.places("RELOADING").isEmpty)
        #expect(manager.places("EXTEND_TIMEOUT_USEC").allSatisfy { $0 > manager.places("STOPPING")[0] })
        #expect(!manager.places("EXTEND_TIMEOUT_USEC").isEmpty)
    }

    @Test func `is asked for more time while the first model is trained and told how far it is`() throws {
        let root = try Root.untrained(TrainingSet.slow)
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager)
        // It is held until what is said of it has been heard.
        let child = try HeldChild(of: daemon)
        #expect(manager.wait { $0["STATUS"]?.hasPrefix("Training the first model: ") == true })
        #expect(manager.wait { _ in manager.places("EXTEND_TIMEOUT_USEC", "10000000").count > 1 })
        #expect(manager.places("READY").isEmpty && !Files.exists(root.socket))
        let before = Set(manager.statuses)
        child.release()
        #expect(manager.wait { $0["STATUS"].map { $0.hasPrefix("Training") && !before.contains($0) } ?? false })
        #expect(manager.wait { $0["READY"] == "1" })
        #expect(Files.exists(root.socket))
        try daemon.stop()
    }

    @Test func `hears that a daemon without a model is ready and why it has none`() throws {
        let root = try Root()
        try root.write("text,intent\nhello there,greeting\n", to: "data/intents.csv")
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager)
        #expect(manager.wait { $0["READY"] == "1" })
        #expect(manager.wait { $0["STATUS"]?.hasPrefix("No model serves; degraded: data (") == true })
        #expect(manager.statuses.contains { $0.contains("model (") })
        try daemon.stop()
    }

    @Test func `sees reloads in pairs, also those that are refused, and then why`() throws {
        let root = try Root.trained(threshold: 0.5)
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager)
        #expect(manager.wait { $0["READY"] == "1" })
        let client = try daemon.connect()
        let began = Patience.now
        try client.call("reload")
        #expect(manager.wait { _ in manager.places("READY").count == 2 })
        try root.write("local: { treshold: 0.5 }\n", to: "deploy/intentd.yaml")
        #expect(try client.refusal("reload")?.message.contains("treshold") == true)
        #expect(manager.wait { _ in manager.places("READY").count == 3 })
        #expect(manager.heard[manager.places("READY")[2]]["STATUS"]?.contains("treshold") == true)
        daemon.process.signal(SIGHUP)
        #expect(manager.wait { _ in manager.places("READY").count == 4 })
        try root.write("local: { threshold: 0.5 }\n", to: "deploy/intentd.yaml")
        try client.call("reload")
        #expect(manager.wait { _ in manager.places("READY").count == 5 })
        #expect(manager.heard[manager.places("READY")[4]]["STATUS"] == "Version 1 serves")
        let (reloading, ready) = (manager.places("RELOADING", "1"), manager.places("READY", "1"))
        #expect(reloading.count == 4)
        for (began, ended) in zip(reloading, ready.dropFirst()) { #expect(began < ended) }
        for place in reloading {
            let said = try #require(Double(manager.heard[place]["MONOTONIC_USEC"] ?? ""))
            #expect(began...Patience.now ~= said / 1e6)
        }
        try daemon.stop()
    }

    @Test func `hears of a job and of its end`() throws {
        let root = try Root.trained(threshold: 0.5)
        try root.write(TrainingSet.slow, to: "data/intents.csv")
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager)
        #expect(manager.wait { $0["READY"] == "1" })
        let client = try daemon.connect()
        let job = try client.call("retrain")["job"] ?? .null
        let child = try HeldChild(of: daemon)
        #expect(manager.wait { $0["STATUS"]?.hasPrefix("Version 1 serves; retraining: ") == true })
        child.release()
        try client.call("jobs.cancel", ["job": job])
        let before = manager.places("STATUS").count
        #expect(
            manager.wait { _ in manager.places("STATUS").count > before && manager.statuses.last == "Version 1 serves" }
        )
        try daemon.stop()
    }

    @Test func `gets pings from a daemon that it watches and none for somebody else`() throws {
        let root = try Root.trained()
        let manager = try ServiceManager(root)
        let watched = try start(root, manager, ["WATCHDOG_USEC": "600000"])
        #expect(manager.wait { _ in manager.places("WATCHDOG", "1").count >= 5 })
        let elsewhere = try Root.trained()
        let other = try ServiceManager(elsewhere)
        let unwatched = try start(elsewhere, other, ["WATCHDOG_USEC": "600000", "WATCHDOG_PID": "1"])
        #expect(other.wait { $0["READY"] == "1" })
        // While the one pings several times, the other does not.
        let before = manager.places("WATCHDOG", "1").count
        #expect(manager.wait { _ in manager.places("WATCHDOG", "1").count >= before + 5 })
        #expect(other.places("WATCHDOG").isEmpty)
        try watched.stop()
        try unwatched.stop()
    }

    @Test func `is not heard by a training child`() throws {
        let root = try Root.untrained(TrainingSet.slow)
        let manager = try ServiceManager(root)
        let daemon = try start(root, manager, ["WATCHDOG_USEC": "60000000", "LISTEN_FDNAMES": "x"])
        let child = try HeldChild(of: daemon)
        let variables = Files.read("/proc/\(child.pid)/environ").split(separator: "\0")
        child.release()
        #expect(!variables.isEmpty)
        for name in ["NOTIFY_SOCKET", "WATCHDOG_", "LISTEN_"] {
            #expect(!variables.contains { $0.hasPrefix(name) }, "\(name)")
        }
        #expect(try daemon.stop() == .exit(0))
        #expect(manager.places("STOPPING").count == 1 && manager.places("READY").isEmpty)
    }
}
