import Glibc
import Testing
import Wire

@Suite struct Starting {
    @Test func `trains a first model where there is none and answers then`() throws {
        let root = try Root.untrained()
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("status")["champion"] == 1)
        #expect(try client.call("predict", ["text": "where is my parcel"])["predictions"]?[0]?["intent"] == "delivery")
        #expect(try client.call("jobs.list")["jobs"]?.array?.map { $0["state"] } == ["done"])
        #expect(daemon.process.children.isEmpty)
        #expect(Files.exists(root.file("models/versions/000001/model.safetensors")))
    }

    @Test func `serves without a model where the first training failed and recovers by retraining`() throws {
        let root = try Root()
        try root.write("text,intent\nhello there,greeting\n", to: "data/intents.csv")
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        for method in ["chat", "predict", "explain"] {
            let params: JSON = method == "chat" ? ["message": "hello"] : ["text": "hello"]
            let refusal = try client.refusal(method, params)
            #expect(refusal?.code == -32_008 && refusal?.reason == "no_model", "\(method)")
            #expect(refusal?.message.hasSuffix("..") == false)
        }
        let status = try client.call("status")
        #expect(status["champion"] == .null && status["degraded"]?.array?.isEmpty == false)
        try root.write(TrainingSet.small, to: "data/intents.csv")
        #expect(try daemon.retrain(client)["state"] == "done")
        #expect(try client.call("predict", ["text": "where is my parcel"])["predictions"]?[0]?["intent"] == "delivery")
        #expect(try client.call("status")["degraded"]?.array?.contains { $0["feature"] == "model" } == false)
    }

    @Test func `prepares the data file where only its source is there`() throws {
        let root = try Root()
        try root.write(TrainingSet.intentsFile, to: "data/intents.yaml")
        let daemon = try DaemonProcess(root)
        #expect(try daemon.connect().call("status")["champion"] == 1)
        #expect(Files.read(root.file("data/intents.csv")).hasPrefix("text,intent"))
    }

    @Test func `takes over the socket that a dead daemon left`() throws {
        let root = try Root.trained()
        let first = try DaemonProcess(root)
        first.kill()
        #expect(Files.exists(root.socket))
        let second = try DaemonProcess(root)
        #expect(try second.connect().call("status")["champion"] == 1)
        #expect(try second.stop() == .exit(0))
        #expect(!Files.exists(root.socket))
    }

    @Test func `refuses folders that another daemon uses and leaves it alone`() throws {
        let root = try Root.trained()
        let first = try DaemonProcess(root)
        for arguments in [[], ["--socket", root.file("other.sock")]] {
            let second = try DaemonProcess(starting: root, arguments: arguments)
            #expect(second.process.wait() == .exit(1))
            #expect(second.process.errors.contains("\(first.process.pid)"), "\(second.process.errors)")
        }
        #expect(try first.connect().call("predict", ["text": "where is my parcel"])["model"] == 1)
        #expect(try first.connect().call("chat", ["message": "where is my parcel"])["model"] == 1)
    }

    @Test func `refuses a socket on which another daemon answers`() throws {
        let (one, other) = (try Root.trained(), try Root.trained())
        let first = try DaemonProcess(one)
        let second = try DaemonProcess(starting: other, socket: one.socket)
        #expect(second.process.wait() == .exit(1))
        #expect(second.process.errors.contains(one.socket))
        #expect(try first.connect().call("status")["champion"] == 1)
    }

    @Test func `refuses what is not a socket and leaves it alone`() throws {
        let root = try Root.trained()
        try root.write("precious\n", to: "run/intentd.sock")
        let daemon = try DaemonProcess(starting: root)
        #expect(daemon.process.wait() == .exit(1))
        #expect(daemon.process.errors.contains("not a socket"))
        #expect(Files.read(root.socket) == "precious\n")
    }

    @Test func `a socket's path may have 107 bytes and no more`() throws {
        let root = try Root.trained()
        let longest = root.path + "/" + String(repeating: "s", count: 107 - root.path.utf8.count - 1)
        let daemon = try DaemonProcess(starting: root, socket: longest)
        try daemon.waitUntilReady()
        #expect(try daemon.connect().call("status")["champion"] == 1)
        try daemon.stop()
        let tooLong = try DaemonProcess(starting: root, socket: longest + "s")
        #expect(tooLong.process.wait() == .exit(1))
        #expect(tooLong.process.errors.contains("107"))
    }

    @Test func `a configuration that was asked for must be there`() throws {
        let root = try Root.trained()
        let daemon = try DaemonProcess(starting: root, arguments: ["--config", root.file("nowhere.yaml")])
        #expect(daemon.process.wait() == .exit(1))
        #expect(daemon.process.errors.contains("nowhere.yaml"))
    }

    @Test func `the folders of systemd win over the root`() throws {
        let (root, state) = (try Root(), try Root.untrained())
        let daemon = try DaemonProcess(
            root,
            environment: ["STATE_DIRECTORY": state.path, "LOGS_DIRECTORY": state.file("logs")]
        )
        try daemon.connect().call("chat", ["message": "where is my parcel"])
        #expect(Files.exists(state.file("data/intentd.sqlite")) && Files.exists(state.file("models/versions/000001")))
        #expect(state.chatLog.count == 1)
        #expect(!Files.exists(root.file("models")) && !Files.exists(root.file("data/intentd.sqlite")))
    }

    @Test func `a champion that was damaged is replaced by the last good one`() throws {
        let root = try Root.trained()
        do {
            let daemon = try DaemonProcess(root)
            #expect(try daemon.retrainAnew(try daemon.connect())["state"] == "done")
            try daemon.stop()
        }
        let model = root.file("models/versions/000002/model.safetensors")
        var bytes = Files.bytes(model)
        bytes[bytes.count / 2] ^= 1
        try Files.write(bytes, to: model)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("predict", ["text": "where is my parcel"])["model"] == 1)
        let status = try client.call("status")
        #expect(status["champion"] == 1)
        #expect(status["degraded"]?.array?.contains { $0["feature"] == "model" } == true)
    }

    @Test func `a database that cannot be read is put aside`() throws {
        let root = try Root.trained()
        let garbage = [UInt8](repeating: 0x5A, count: 20_000)
        for suffix in ["-wal", "-shm"] { Files.remove(root.file("data/intentd.sqlite" + suffix)) }
        try Files.write(garbage, to: root.file("data/intentd.sqlite"))
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        #expect(try client.call("predict", ["text": "where is my parcel"])["predictions"]?[0]?["intent"] == "delivery")
        #expect(try client.call("status")["degraded"]?.array?.contains { $0["feature"] == "database" } == true)
        let kept = Files.list(root.file("data/quarantine")).filter { !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
        #expect(kept.map { Files.bytes(root.file("data/quarantine/" + $0)) } == [garbage])
    }
}
