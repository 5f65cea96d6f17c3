import Glibc
import Testing
import Wire

@Suite struct `The loop that learns` {
    /// Words that the training data does not have: whatever the model makes of them, somebody may know better.
    private static let odd = "my thingamajig went walkabout"

    @Test func `a corrected answer is right after retraining and wrong again after a rollback`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let before = try client.call("chat", ["message": .string(Self.odd)])
        let wrong = try #require(before["intent"]?.string)
        let right = try #require(TrainingSet.intents.first { $0 != wrong })
        let receipt = try client.call(
            "feedback.submit",
            ["id": before["id"] ?? .null, "rating": "down", "intent": .string(right)]
        )
        #expect(receipt["state"] == "accepted")

        let request = try client.begin("retrain")
        let id = try #require(try client.answer(request)["result"]?["job"]?.string)
        let job = try daemon.job(id, client)
        #expect(job["state"] == "done" && job["error"] == .null && job["candidate"] == 2)
        #expect(job["learned"] == ["applied": 1, "fixed": 1, "still_wrong": []])
        #expect(job["verdict"]?["verdict"]?.string != nil)
        let progress = client.notifications.filter { $0.method == "job.progress" }.map(\.params)
        #expect(!progress.isEmpty)
        #expect(progress.allSatisfy { $0["request"]?.int == request && $0["job"]?.string == id })
        #expect(
            progress.allSatisfy {
                Set(($0.object ?? []).map(\.name)) == ["request", "job", "step", "fraction", "eta_ms"]
            }
        )
        let fractions = progress.compactMap { $0["fraction"]?.double }
        #expect(fractions == fractions.sorted() && (fractions.last ?? 2) <= 1)

        let after = try client.call("chat", ["message": .string(Self.odd)])
        #expect(after["intent"]?.string == right && after["model"] == 2)
        // An answer is explained by the version that gave it.
        #expect(try client.call("explain", ["id": before["id"] ?? .null])["intent"]?.string == wrong)
        #expect(try client.call("metrics")["feedback"]?["corrections"] == 1)

        let moved = try client.call("models.rollback", ["reason": "just to see"])
        #expect(moved == ["champion": 1, "previous": 2])
        let back = try client.call("predict", ["text": .string(Self.odd)])
        #expect(back["model"] == 1 && back["predictions"]?[0]?["intent"]?.string == wrong)

        #expect(try client.call("models.promote", ["version": 2, "reason": "it was good"])["previous"] == 1)
        #expect(try client.call("predict", ["text": .string(Self.odd)])["model"] == 2)
        try checkHistory(client, daemon.root)
    }

    private func checkHistory(_ client: Connection, _ root: Root) throws {
        let moves = try client.call("models.history")["moves"]?.array ?? []
        let champions = moves.filter { $0["alias"] == "champion" }
        #expect(champions.compactMap { $0["to"]?.int } == [2, 1, 2, 1])
        #expect(champions.prefix(2).map { $0["reason"] } == ["it was good", "just to see"])
        #expect(champions.allSatisfy { $0["uid"]?.int == Int(getuid()) })
        let second = try #require(champions[1]["at"])
        #expect(try client.call("models.history", ["at": second])["aliases"]?["champion"] == 1)
        #expect(try client.call("models.history", ["limit": 1])["moves"]?.array?.count == 1)
        let models = try client.call("models.list")["models"]?.array ?? []
        #expect(models.compactMap { $0["version"]?.int } == [1, 2])
        #expect(models[1]["aliases"]?.array?.contains("champion") == true)
        let shown = try client.call("models.show", ["version": 2])
        #expect(shown["metadata"]?["version"] == 2 && shown["evaluation"]?["accuracy"]?.double != nil)
        #expect(try client.refusal("models.show", ["version": 9])?.code == -32_003)
        // For a person who looks at the folders.
        #expect(Files.link(root.file("models/aliases/champion")) == "../versions/000002")
        #expect(Files.exists(root.file("models/model_metadata.json")))
        #expect(Files.list(root.file("models/staging")).isEmpty)
    }

    @Test func `a move that others have overtaken or that leads nowhere is refused`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        #expect(try client.refusal("models.rollback", ["reason": "x"])?.code == -32_003)
        #expect(try client.refusal("models.promote", ["reason": "x"])?.code == -32_003)
        #expect(try client.refusal("models.promote", ["version": 7, "reason": "x"])?.code == -32_003)
        #expect(try client.refusal("models.promote", ["version": 1])?.field == "reason")
        let job = try daemon.retrainAnew(client, ["promote": "hold"])
        #expect(job["state"] == "done" && job["candidate"] == 2)
        #expect(try client.call("status")["champion"] == 1)
        #expect(try client.call("status")["candidate"] == 2)
        let stale = try client.refusal("models.promote", ["version": 2, "reason": "x", "expected": 2])
        #expect(stale?.code == -32_004)
        // Without a version it is the candidate's turn.
        #expect(try client.call("models.promote", ["reason": "x", "expected": 1])["champion"] == 2)
        #expect(try client.call("status")["candidate"] == .null)
    }

    /// Everything below the root but the database and the daemon's own log.
    private func tree(_ root: Root) -> [String: [UInt8]] {
        var found: [String: [UInt8]] = [:]
        func walk(_ folder: String) {
            for name in Files.list(root.file(folder)) {
                let path = folder + "/" + name
                if name.hasPrefix("intentd.sqlite") { continue }
                found[path] = Files.bytes(root.file(path))
                walk(path)
            }
        }
        for folder in ["data", "models"] { walk(folder) }
        return found
    }

    @Test func `a dry run says what the gate would and leaves every file as it was`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        _ = try client.call("feedback.submit", ["text": "beam it up", "intent": "delivery"])
        let before = tree(daemon.root)
        #expect(before.keys.contains("models/versions/000001/model.safetensors"))
        let job = try daemon.retrain(client, ["dry_run": true])
        #expect(job["state"] == "done" && job["candidate"] == .null && job["learned"]?["applied"] == 1)
        #expect(job["verdict"]?["checks"]?.array?.contains { $0["name"] == "latency" } == true)
        let after = tree(daemon.root)
        #expect(after.keys.sorted() == before.keys.sorted())
        #expect(after == before)
        #expect(try client.call("status")["champion"] == 1)
    }

    @Test func `one contrary row does not overturn what many say`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let item: JSON = ["text": "track every parcel of mine", "intent": "hours"]
        #expect(try client.call("feedback.submit", item)["state"] == "accepted")
        #expect(try client.call("feedback.submit", item)["state"] == "duplicate")
        #expect(try daemon.retrain(client)["state"] != "failed")
        for text in ["where is my parcel", "track my parcel please"] {
            let intent = try client.call("predict", ["text": .string(text)])["predictions"]?[0]?["intent"]
            #expect(intent == "delivery", "\(text)")
        }
    }

    @Test func `feedback is checked and a key makes a retry harmless`() throws {
        let daemon = try DaemonProcess(try .trained())
        let client = try daemon.connect()
        let row: JSON = ["text": "beam it up", "intent": "delivery", "key": "k1"]
        let first = try client.call("feedback.submit", row)
        #expect(try client.call("feedback.submit", row) == first)
        #expect(
            try client.refusal("feedback.submit", ["text": "beam it down", "intent": "delivery", "key": "k1"])?.code
                == -32_004
        )
        #expect(try client.call("feedback.list")["items"]?.array?.count == 1)
        #expect(try client.refusal("feedback.submit", ["text": "a", "intent": "teleport"])?.code == -32_003)
        let new: JSON = ["text": "beam me", "intent": "teleport", "new_intent": true]
        #expect(try client.call("feedback.submit", new)["state"] == "accepted")
        // A locked test row is stored and never trained.
        let locked: JSON = ["text": "Pay me  back!", "intent": "invoice"]
        #expect(try client.call("feedback.submit", locked)["state"] == "evaluation_only")
        #expect(try client.refusal("feedback.submit", ["id": "nonsense", "rating": "up"])?.code == -32_003)
        #expect(try client.refusal("feedback.submit", ["text": "a"])?.field == "intent")
        #expect(try client.refusal("feedback.submit", ["text": " ", "intent": "hours"])?.field == "text")
        let listed = try client.call("feedback.list", ["state": "accepted", "limit": 1])["items"]?.array ?? []
        #expect(listed.count == 1 && listed[0]["intent"] == "teleport")
        let earlier = try client.call("feedback.list", ["before": listed[0]["feedback_id"] ?? .null])["items"]
        #expect(earlier?.array?.compactMap { $0["text"]?.string } == ["beam it up"])
    }
}
