import Glibc
import Testing
import Wire

/// Names of intents change in a real daemon, on a real disk.
@Suite struct `An intent that is renamed` {
    @Test func `answers under its new name, also after a kill and a restart`() throws {
        let root = try Root.trained(threshold: 0.5)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let before = try client.call("chat", ["message": "where is my parcel"])
        let old = try #require(before["intent"]?.string)
        let moved = try client.call("intents.rename", ["intent": .string(old), "to": "parcels", "reason": "r"])
        #expect((moved["rows"]?.int ?? 0) > 0)
        #expect(try client.call("chat", ["message": "where is my parcel"])["intent"] == "parcels")
        daemon.kill()
        let next = try DaemonProcess(root)
        let again = try next.connect()
        #expect(try again.call("chat", ["message": "where is my parcel"])["intent"] == "parcels")
        #expect(try again.call("metrics")["by_intent"]?["parcels"] == 3)
        _ = try again.call("intents.undo", ["move": moved["move"] ?? .null, "reason": "r"])
        #expect(try again.call("chat", ["message": "where is my parcel"])["intent"] == .string(old))
        #expect(try again.call("verify")["ok"] == true)
    }

    @Test func `leaves a person's file to that person`() throws {
        let root = try Root.trained(threshold: 0.5)
        let path = root.file("data/intents.csv")
        #expect(chmod(path, 0o664) == 0)
        // Only root may give files away.
        if geteuid() == 0 { #expect(chown(path, 1_234, 1_235) == 0) }
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        let old = try #require(try client.call("chat", ["message": "where is my parcel"])["intent"]?.string)
        _ = try client.call("intents.rename", ["intent": .string(old), "to": "parcels", "reason": "r"])
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o664)
        if geteuid() == 0 { #expect(status.st_uid == 1_234 && status.st_gid == 1_235) }
    }
}
