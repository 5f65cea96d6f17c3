import Glibc
import Patience
import Testing
import Wire

/// Starts on disks and files that are not as they should be.
@Suite struct `Disks and files at a start` {
    private func degraded(_ client: Connection, _ feature: String) throws -> String? {
        try client.call("status")["degraded"]?.array?.first { $0["feature"]?.string == feature }?["reason"]?.string
    }

    /// A daemon in a mount namespace of its own, on a root that `mounts` has made what it is.
    private func daemon(on root: Root, listening place: Root, mounts: String) throws -> DaemonProcess {
        let script = "R=\(root.path); set -e; \(mounts); exec \"$0\" \"$@\""
        let shell = "exec unshare --mount /bin/sh -c '\(script)' \"$0\" \"$@\""
        let daemon = try DaemonProcess(starting: root, socket: place.file("s"), shell: shell)
        try daemon.waitUntilReady()
        return daemon
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount"), arguments: [false, true])
    func `a read-only disk is served, and nothing is acknowledged`(wasKilled: Bool) throws {
        let (root, place) = (try Root.trained(threshold: 0.2), try Root())
        if wasKilled {
            let first = try DaemonProcess(root)
            try first.connect().call("feedback.submit", ["text": "beam it up", "intent": "delivery"])
            first.kill()
        }
        let mounts = "mount --bind $R $R; mount -o remount,ro,bind $R"
        let daemon = try daemon(on: root, listening: place, mounts: mounts)
        let client = try daemon.connect()
        #expect(try client.call("status")["champion"] == 1)
        #expect(try client.call("chat", ["message": "where is my parcel"])["route"] == "local")
        #expect(try degraded(client, "disk")?.contains("read-only at the start") == true)
        #expect(try Patience.until { try degraded(client, "log") != nil })
        let refusal = try client.refusal("feedback.submit", ["text": "where is my stuff", "intent": "delivery"])
        #expect(
            refusal?.reason == "storage_failed" && refusal?.message.contains("read-only") == true,
            "\(refusal as Any)"
        )
        #expect(try client.call("feedback.list")["items"]?.array?.count == (wasKilled ? 1 : 0))
        #expect(try client.call("metrics")["lost_lines"] == 1)
        #expect(try daemon.stop() == .exit(0))
    }

    @Test(.enabled(if: geteuid() == 0, "only root can mount"))
    func `a full disk is served, and nothing is acknowledged`() throws {
        let (root, place) = (try Root.trained(threshold: 0.2), try Root())
        let mounts =
            "cp -a $R $R.copy; mount -t tmpfs -o size=32m full $R; cp -a $R.copy/. $R/; rm -r $R.copy; "
            + "dd if=/dev/zero of=$R/fill bs=4k 2>/dev/null || true"
        let daemon = try daemon(on: root, listening: place, mounts: mounts)
        let client = try daemon.connect()
        #expect(try client.call("status")["champion"] == 1)
        #expect(try client.call("chat", ["message": "where is my parcel"])["route"] == "local")
        #expect(try degraded(client, "disk")?.contains("full at the start") == true)
        let refusal = try client.refusal("feedback.submit", ["text": "where is my stuff", "intent": "delivery"])
        #expect(refusal?.reason == "storage_full")
        #expect(try daemon.stop() == .exit(0))
    }

    @Test(arguments: [true, false])
    func `a database that is missing or empty beside versions is a loss, and no fresh start`(isMissing: Bool) throws {
        let root = try Root.trained()
        let path = root.file("data/intentd.sqlite")
        Files.remove(path)
        if !isMissing { try Files.write("", to: path) }
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("status")["champion"] == 1)
        #expect(try degraded(client, "database")?.contains(isMissing ? "was missing" : "was empty") == true)
        #expect(!Files.list(root.file("data/quarantine")).isEmpty)
        // The first version is known again, and no second one was trained.
        #expect(try client.call("models.list")["models"]?.array?.count == 1)
        #expect(try client.call("jobs.list")["jobs"]?.array?.isEmpty == true)
        usleep(2_500_000)
        #expect(try degraded(client, "database") != nil)
    }

    @Test func `a link that leads out of a folder is not followed, and a folder may be one`() throws {
        let (root, other) = (try Root.trained(), try Root())
        try other.write(TrainingSet.intentsFile, to: "intents.yaml")
        Files.remove(root.file("data/intents.yaml"))
        #expect(symlink(other.file("intents.yaml"), root.file("data/intents.yaml")) == 0)
        #expect(rename(root.file("models"), other.file("models")) == 0)
        #expect(symlink(other.file("models"), root.file("models")) == 0)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("status")["champion"] == 1)
        #expect(try degraded(client, "responses")?.contains("leads out of the folder") == true)
        // What a link within the folder names is in it.
        Files.remove(root.file("data/intents.yaml"))
        try root.write(TrainingSet.intentsFile, to: "data/sources.yaml")
        #expect(symlink("sources.yaml", root.file("data/intents.yaml")) == 0)
        try client.call("reload")
        #expect(try degraded(client, "responses") == nil)
    }

    @Test(arguments: ["pipe", "terabytes", "device"])
    func `what is no file, or far too large, is refused and keeps nobody waiting`(what: String) throws {
        let root = try Root.trained()
        for name in ["intents.yaml", "responses.yaml", "golden.csv", "behaviour.yaml", "intents.csv"] {
            let path = root.file("data/" + name)
            Files.remove(path)
            switch what {
            case "pipe": #expect(mkfifo(path, 0o600) == 0)
            case "device": #expect(symlink("/dev/zero", path) == 0)
            default:
                try Files.write("", to: path)
                #expect(truncate(path, 1 << 40) == 0)
            }
        }
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
        let words = what == "terabytes" ? "at most" : what == "pipe" ? "not a regular file" : ""
        #expect(try degraded(client, "responses")?.contains(words) == true)
        #expect(try Patience.until { try degraded(client, "data")?.contains(words) == true })
        #expect(try client.refusal("reload")?.message.contains("intents.yaml") == true)
        #expect(try daemon.retrain(client)["state"] == "failed")
        #expect(try daemon.stop() == .exit(0))
    }

    @Test(arguments: ["pipe", "terabytes"])
    func `a configuration that is no file, or far too large, is refused`(what: String) throws {
        let root = try Root.trained()
        let path = root.file("deploy/intentd.yaml")
        Files.remove(path)
        if what == "pipe" {
            #expect(mkfifo(path, 0o600) == 0)
        } else {
            try Files.write("", to: path)
            #expect(truncate(path, 1 << 40) == 0)
        }
        for arguments in [[], ["--check"]] {
            let daemon = try DaemonProcess(starting: root, arguments: arguments)
            #expect(daemon.process.wait() == .exit(1))
            #expect(daemon.process.errors.contains(path), "\(daemon.process.errors)")
        }
    }

    @Test func `a check of the configuration says what is wrong, and serves nothing`() throws {
        let root = try Root.trained()
        let good = try DaemonProcess(starting: root, arguments: ["--check"])
        #expect(good.process.wait() == .exit(0))
        try root.write("limits:\n  in_flihgt: 3\n", to: "deploy/intentd.yaml")
        let bad = try DaemonProcess(starting: root, arguments: ["--check"])
        #expect(bad.process.wait() == .exit(1))
        #expect(bad.process.errors.contains("in_flihgt") && bad.process.errors.contains("line 2"))
        #expect(!Files.exists(root.socket))
    }
}
