import Glibc
import Testing
import Wire

/// Another user of the host, by the kernel's word: only root can become one.
@Suite(.enabled(if: getuid() == 0 && Files.exists("/usr/bin/setpriv") && Files.exists("/usr/bin/nc")))
struct `Another user` {
    private static let nobody = 65_534

    /// What `nobody` is answered, by id.
    private func ask(_ daemon: DaemonProcess, _ requests: [(method: String, params: JSON)]) throws -> [JSON] {
        let folder = daemon.root.file("peer-\(daemon.root.nextNumber())")
        try Files.makeFolder(folder)
        for path in [daemon.root.path, daemon.root.file("run")] { chmod(path, 0o755) }
        chmod(daemon.socket, 0o666)
        let lines = requests.enumerated().map { number, request in
            JSON.object([
                Member("jsonrpc", "2.0"), Member("id", .integer(number)), Member("method", .string(request.method)),
                Member("params", request.params),
            ]).description + "\n"
        }
        let client = try Child(
            "/usr/bin/setpriv",
            [
                "--reuid", "\(Self.nobody)", "--regid", "\(Self.nobody)", "--clear-groups", "nc", "-N", "-U",
                daemon.socket,
            ],
            folder: folder,
            input: lines.joined()
        )
        #expect(client.wait() == .exit(0), "\(client.errors)")
        return try client.output.split(separator: "\n").map { try JSONParser.parse(String($0)) }
            .sorted { $0["id"]?.int ?? -1 < $1["id"]?.int ?? -1 }
    }

    @Test func `is a user whose own things alone he sees`() throws {
        let daemon = try DaemonProcess(try .trained())
        let admin = try daemon.connect()
        let mine = try admin.call("chat", ["message": "where is my parcel"])["id"] ?? .null
        try admin.call("feedback.submit", ["text": "beam it up", "intent": "delivery", "key": "k"])
        let answers = try ask(
            daemon,
            [
                ("status", [:]), ("retrain", [:]), ("reload", [:]), ("feedback.list", [:]), ("explain", ["id": mine]),
                ("feedback.submit", ["id": mine, "rating": "up"]),
                // The same key of another person is another key.
                ("feedback.submit", ["text": "beam me down", "intent": "delivery", "key": "k"]),
                ("chat", ["message": "where is my parcel"]), ("models.rollback", ["reason": "x"]),
            ]
        )
        #expect(answers.count == 9)
        #expect(answers[0]["result"]?["role"] == "user" && answers[0]["result"]?["uid"]?.int == Self.nobody)
        for refused in [1, 2, 8] { #expect(answers[refused]["error"]?["code"] == -32_002, "\(answers[refused])") }
        // Requests of one connection overtake each other: the list may hold what is submitted below, and no more.
        let own = try #require(answers[3]["result"]?["items"]?.array)
        #expect(own.allSatisfy { $0["uid"]?.int == Self.nobody })
        for hidden in [4, 5] { #expect(answers[hidden]["error"]?["code"] == -32_003, "\(answers[hidden])") }
        #expect(answers[6]["result"]?["state"] == "pending")

        let theirs = answers[7]["result"]?["id"] ?? .null
        let later = try ask(
            daemon,
            [("feedback.submit", ["id": theirs, "rating": "down", "intent": "hours"]), ("explain", ["id": theirs])]
        )
        #expect(later[0]["result"]?["state"] == "pending")
        #expect(later[1]["result"]?["intent"] != nil)
        let items = try admin.call("feedback.list")["items"]?.array ?? []
        #expect(items.compactMap { $0["uid"]?.int }.sorted() == [0, Self.nobody, Self.nobody])
        #expect(try JSONParser.parse(String(try #require(daemon.root.chatLog.last)))["uid"]?.int == Self.nobody)
    }

    @Test func `becomes an admin where the configuration names him`() throws {
        let root = try Root.trained()
        try root.write("access: { admins: [\"65534\", no-such-user, \"@no-such-group\"] }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        #expect(try ask(daemon, [("status", [:])])[0]["result"]?["role"] == "admin")
        #expect(daemon.process.errors.contains("no-such-user") && daemon.process.errors.contains("no-such-group"))
        try root.write("access: { admins: [root] }\n", to: "deploy/intentd.yaml")
        try daemon.connect().call("reload")
        #expect(try ask(daemon, [("status", [:])])[0]["result"]?["role"] == "user")
    }

    @Test func `his feedback weighs little until an admin accepts it`() throws {
        let root = try Root.trained()
        try root.write("training: { trust_users: true }\n", to: "deploy/intentd.yaml")
        let daemon = try DaemonProcess(root)
        let rows: [(method: String, params: JSON)] = (0..<30).map {
            ("feedback.submit", ["text": .string("where is my parcel number \($0)"), "intent": "hours"])
        }
        let answers = try ask(daemon, rows)
        #expect(answers.allSatisfy { $0["result"]?["state"] == "accepted" })
        let admin = try daemon.connect()
        let job = try daemon.retrain(admin)
        #expect(["done", "refused"].contains(job["state"]?.string))
        let findings = job["verdict"]?["findings"]?.array ?? []
        #expect(findings.contains { $0["code"] == "share_capped" }, "\(findings)")
        let intent = try admin.call("predict", ["text": "where is my parcel"])["predictions"]?[0]?["intent"]
        #expect(intent == "delivery")
    }
}
