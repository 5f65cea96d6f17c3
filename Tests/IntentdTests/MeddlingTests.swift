import Glibc
import Patience
import Testing
import Wire

/// Other programs do something to the files of a running daemon.
@Suite struct `Files that others touch` {
    private func degraded(_ client: Connection, _ feature: String) throws -> String? {
        try client.call("status")["degraded"]?.array?.first { $0["feature"]?.string == feature }?["reason"]?.string
    }

    private func ask(_ client: Connection) throws -> String {
        try client.call("chat", ["message": "where is my parcel"])["id"]?.string ?? ""
    }

    @Test func `a log that was renamed is begun anew, and the renamed one stays and is read`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let first = try ask(client)
        let (log, renamed) = (root.file("logs/chat_metrics.log"), root.file("logs/chat_metrics.log.1"))
        #expect(rename(log, renamed) == 0)
        // It is told when the new file is in use; a line between the two goes to the renamed one.
        #expect(try Patience.until { try degraded(client, "log")?.contains("SIGHUP") == true })
        let second = try ask(client)
        #expect(Patience.until { root.chatLog.count == 1 })
        #expect(try client.call("metrics")["lost_lines"] == 0)
        for id in [first, second] { #expect(try client.call("explain", ["id": .string(id)])["intent"] == "delivery") }
        daemon.process.signal(SIGHUP)
        #expect(try Patience.until { try degraded(client, "log") == nil })
        // Rotated by a program that says so.
        #expect(rename(log, root.file("logs/chat_metrics.log.2")) == 0)
        daemon.process.signal(SIGHUP)
        #expect(Patience.until { Files.exists(log) })
        #expect(Files.exists(renamed))
    }

    @Test func `a log that was removed is begun anew, and its lines are counted as lost`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        for _ in 0..<3 { _ = try ask(client) }
        Files.remove(root.file("logs/chat_metrics.log"))
        #expect(try Patience.until { try client.call("metrics")["lost_lines"] == 3 })
        _ = try ask(client)
        #expect(Patience.until { root.chatLog.count == 1 })
        #expect(daemon.process.errors.contains("was removed by another program"))
    }

    @Test func `no feedback is acknowledged into a database that was renamed`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let path = root.file("data/intentd.sqlite")
        #expect(rename(path, path + ".away") == 0)
        let item: JSON = ["text": "give me back my parcel", "intent": "delivery"]
        let refusal = try client.refusal("feedback.submit", item)
        #expect(refusal?.reason == "storage_failed" && refusal?.message.contains(path) == true)
        #expect(try client.call("chat", ["message": "where is my parcel"])["route"] != nil)
        #expect(try Patience.until { try degraded(client, "database") != nil })
        #expect(rename(path + ".away", path) == 0)
        #expect(try client.call("feedback.submit", item)["state"] == "accepted")
        #expect(try Patience.until { try degraded(client, "database") == nil })
    }

    @Test func `a socket that was removed is made again, and only its own is removed at the end`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        Files.remove(root.socket)
        #expect(Patience.until { (try? daemon.connect().call("status")["champion"]) == 1 })
        #expect(try degraded(client, "socket")?.contains("made again") == true)
        try client.call("reload")
        #expect(try Patience.until { try degraded(client, "socket") == nil })
        var information = stat()
        #expect(stat(root.socket, &information) == 0 && information.st_mode & 0o777 == 0o600)
        Files.remove(root.socket)
        try root.write("mine\n", to: "run/intentd.sock")
        #expect(try Patience.until { try degraded(client, "socket")?.contains("replaced") == true })
        #expect(try daemon.stop() == .exit(0))
        #expect(Files.read(root.socket) == "mine\n")
    }
}
