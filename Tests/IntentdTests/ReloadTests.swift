import Glibc
import Patience
import Testing
import Wire

@Suite struct Reloading {
    @Test func `a threshold and a response take effect at once`() throws {
        let root = try Root.trained(threshold: 1)
        let daemon = try DaemonProcess(root)
        let (client, other) = (try daemon.connect(), try daemon.connect())
        #expect(try client.call("chat", ["message": "where is my parcel"])["route"] == "fallback")
        try root.write(
            "local: { threshold: 0.2 }\nllm: { backend: off }\nlimits: { in_flight: 64 }\n",
            to: "deploy/intentd.yaml"
        )
        try root.write(
            TrainingSet.intentsFile.replacing("Your parcel is on its way.", with: "It comes tomorrow."),
            to: "data/intents.yaml"
        )
        let reloaded = try client.call("reload")
        #expect(
            Set((reloaded["changed"]?.array ?? []).compactMap(\.string)) == [
                "local.threshold", "limits.in_flight", "responses.delivery",
            ]
        )
        #expect(reloaded["needs_restart"]?.array != nil)
        for connection in [client, other, try daemon.connect()] {
            let answer = try connection.call("chat", ["message": "where is my parcel"])
            #expect(answer["route"] == "local" && answer["reply"] == "It comes tomorrow.")
            #expect(answer["model"] == 1)
        }
        #expect(try client.call("status")["limits"]?["in_flight"] == 64)
        #expect(try client.call("reload")["changed"] == [])
    }

    @Test func `what changed is named, responses and policies included`() throws {
        let root = try Root.trained(threshold: 0.5)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        func changed(_ text: String) throws -> [String] {
            try root.write(text, to: "data/intents.yaml")
            return (try client.call("reload")["changed"]?.array ?? []).compactMap(\.string)
        }
        let usual = TrainingSet.intentsFile
        #expect(try changed(usual) == [])
        #expect(try changed(usual.replacing("Your parcel is on its way.", with: "Tomorrow.")) == ["responses.delivery"])
        #expect(
            try changed(usual.replacing("  delivery:\n", with: "  delivery:\n    policy: never-local\n"))
                == ["responses.delivery", "policy.delivery"]
        )
        #expect(try changed(usual) == ["policy.delivery"])
    }

    @Test(arguments: [
        ("local: { treshold: 0.5 }\n", "treshold", 1),
        ("local:\n  threshold: 0.3\nlocla:\n  x: 1\n", "locla", 3),
        ("local:\n  threshold: 1.5\n", "local.threshold", 2),
        ("limits:\n  line: 1MB\n", "limits.line", 2),
        ("limits:\n  unfinished_line: 10\n", "limits.unfinished_line", 2),
        ("training:\n  policy: maybe\n", "training.policy", 2),
        ("telemetry: { text: full }\nlocal: { threshold: [1] }\n", "local.threshold", 2),
        ("local:\n  threshold: 0.1\n  threshold: 0.2\n", "threshold", 2),
        ("local: {\n", "", 2),
        ("- local\n", "", 1),
    ])
    func `a configuration that is wrong is refused with key and line and changes nothing`(
        text: String,
        key: String,
        line: Int
    ) throws {
        let root = try Root.trained(threshold: 0.2)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        try root.write(text, to: "deploy/intentd.yaml")
        let refusal = try #require(try client.refusal("reload"))
        #expect(refusal.code == -32_602)
        #expect(refusal.message.contains(key), "\(refusal)")
        // A mapping that is not closed ends where the file does.
        let lines = key.isEmpty ? ["line \(line)", "line \(max(1, line - 1))"] : ["line \(line)"]
        #expect(lines.contains { refusal.message.contains($0) }, "\(refusal)")
        let answer = try client.call("chat", ["message": "where is my parcel"])
        #expect(answer["route"] == "local")
        #expect(try JSONParser.parse(String(try #require(root.chatLog.last)))["text"] == "where is my parcel")
        // Neither does it start.
        try daemon.stop()
        let again = try DaemonProcess(starting: root)
        #expect(again.process.wait() == .exit(1))
        #expect(lines.contains { again.process.errors.contains($0) }, "\(again.process.errors)")
        #expect(again.process.errors.contains(key))
    }

    @Test func `a file that is not there any more means the defaults`() throws {
        let root = try Root.trained(threshold: 0.2)
        let daemon = try DaemonProcess(root)
        Files.remove(root.file("deploy/intentd.yaml"))
        let client = try daemon.connect()
        #expect(try client.call("reload")["changed"] == ["local.threshold", "llm.backend"])
        // The threshold is the version's own again.
        let basis = try client.call("chat", ["message": "where is my parcel"])["threshold_basis"]
        #expect(basis == "estimated" || basis == .null)
    }

    @Test func `broken responses are refused with their line and the old ones stay`() throws {
        let root = try Root.trained(threshold: 0.2)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        try root.write("local: { threshold: 0.3 }\n", to: "deploy/intentd.yaml")
        try root.write("intents:\n  delivery:\n    templtes: [a]\n", to: "data/intents.yaml")
        let refusal = try client.refusal("reload")
        #expect(refusal?.message.contains("line 3") == true, "\(refusal?.message ?? "none")")
        let answer = try client.call("chat", ["message": "where is my parcel"])
        #expect(answer["reply"] == "Your parcel is on its way.")
        #expect(abs((answer["threshold"]?.double ?? 0) - 0.2) < 1e-6)
    }

    @Test func `SIGHUP reloads and a wrong file is survived`() throws {
        let root = try Root.trained(threshold: 1)
        let daemon = try DaemonProcess(root)
        let client = try daemon.connect()
        func threshold() throws -> Double? {
            try client.call("explain", ["text": "where is my parcel"])["threshold"]?.double
        }
        try root.write("local: { threshold: 0.25 }\n", to: "deploy/intentd.yaml")
        daemon.process.signal(SIGHUP)
        #expect(try Patience.until { try threshold() == 0.25 })
        try root.write("locl: {}\n", to: "deploy/intentd.yaml")
        daemon.process.signal(SIGHUP)
        #expect(Patience.until { daemon.process.errors.contains("locl") })
        try root.write("local: { threshold: 0.5 }\n", to: "deploy/intentd.yaml")
        for _ in 0..<50 { daemon.process.signal(SIGHUP) }
        #expect(try Patience.until { try threshold() == 0.5 })
        #expect(try daemon.stop() == .exit(0))
    }
}
