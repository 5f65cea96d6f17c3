import Testing
import Wire

@Suite struct ReviewTests {
    private static func item(_ id: String, _ text: String, _ intent: JSON, uid: Int = 1_000) -> JSON {
        [
            "feedback_id": .string(id), "at": .string(Answers.time), "uid": .integer(uid), "id": nil,
            "text": .string(text), "intent": intent, "rating": nil, "comment": nil, "state": "pending", "key": nil,
        ]
    }

    private static func prediction(_ pairs: KeyValuePairs<String, Double>) -> JSON {
        [
            "intent": .string(pairs[0].key), "confidence": .double(pairs[0].value), "in_scope": true,
            "alternatives": .array(
                pairs.map { ["intent": .string($0.key), "confidence": .double($0.value)] }
            ),
        ]
    }

    /// Newest first, as the daemon lists them, each with what the model says.
    private func daemon(_ items: [(item: JSON, says: JSON)]) throws -> FakeDaemon {
        try FakeDaemon { method, params, _ in
            switch method {
            case "feedback.list":
                return [.result(["items": .array(items.map(\.item)), "pending": .integer(items.count)])]
            case "predict": return [.result(["model": 1, "predictions": .array(items.map(\.says))])]
            case "status": return [.result(["champion": 1])]
            case "models.show":
                return [
                    .result(["version": 1, "metadata": ["intents": ["delivery", "delivery_price", "refund", "hours"]]])
                ]
            default:
                let state = params["undo"] == true ? "pending" : params["accept"] == true ? "accepted" : "rejected"
                return [.result(["state": .string(state)])]
            }
        }
    }

    private func decisions(_ daemon: FakeDaemon) -> [JSON?] {
        daemon.requests.filter { $0["method"] == "feedback.review" }.map { $0["params"] }
    }

    private static let sure = prediction(["delivery": 0.98, "refund": 0.01])

    @Test func `one key accepts, a number relabels, and others reject, skip and leave`() throws {
        let daemon = try daemon(["f5", "f4", "f3", "f2", "f1"].map { (Self.item($0, $0, "delivery"), Self.sure) })
        let keys = [("1 of 5", "a"), ("2 of 5", "x2"), ("3 of 5", "r"), ("4 of 5", "s"), ("4 of 4", "q")]
            .map { (after: $0.0, type: $0.1) }
        let (screen, code) = try daemon.onTerminal("review", keys: keys)
        #expect(code == 0)
        #expect(screen.contains("accepted as refund") && screen.contains("rejected") && screen.contains("skipped"))
        #expect(screen.contains("1 delivery 98 %"))
        #expect(
            decisions(daemon) == [
                ["feedback_id": "f1", "accept": true], ["feedback_id": "f2", "accept": true, "intent": "refund"],
                ["feedback_id": "f3", "accept": false],
            ]
        )
    }

    @Test func `u takes the last decision back, and the item is there again`() throws {
        let daemon = try daemon([
            (Self.item("f2", "two", "refund"), Self.sure), (Self.item("f1", "one", "delivery"), Self.sure),
        ])
        // The one that the model does not expect comes first.
        let keys = [
            ("1 of 2", "u"), ("nothing to take back", "a"), ("2 of 2", "u"), ("taken back", "r"), ("2 of 2", "a"),
        ]
        .map { (after: $0.0, type: $0.1) }
        let (screen, code) = try daemon.onTerminal("review", keys: keys)
        #expect(code == 0)
        #expect(screen.contains("That was all."))
        #expect(
            decisions(daemon) == [
                ["feedback_id": "f2", "accept": true], ["feedback_id": "f2", "undo": true],
                ["feedback_id": "f2", "accept": false], ["feedback_id": "f1", "accept": true],
            ]
        )
    }

    @Test func `an intent can be typed, its beginning is enough, and a new one is asked about`() throws {
        let daemon = try daemon(
            ["f4", "f3", "f2", "f1"].map { (Self.item($0, $0, "delivery"), Self.sure) }
        )
        let keys = [
            ("1 of 4", "/"), ("intent: ", "ref\r"), ("2 of 4", "/"), ("intent: ", "del\r"),
            ("delivery, delivery_price", "/"), ("intent: ", "delivery\r"), ("3 of 4", "/"), ("intent: ", "vouchers\r"),
            ("Make it one?", "n"), ("q quit", "/"), ("intent: ", "vouchers\r"), ("Make it one?", "y"), ("4 of 4", "?"),
            ("takes", "q"),
        ].map { (after: $0.0, type: $0.1) }
        let (screen, code) = try daemon.onTerminal("review", keys: keys.dropLast() + [("last decision back", "q")])
        #expect(code == 0, "\(screen)")
        #expect(decisions(daemon).map { $0?["intent"] } == ["refund", "delivery", "vouchers"])
    }

    @Test func `what teaches most comes first, and its like later`() throws {
        let unsure = Self.prediction(["delivery": 0.45, "refund": 0.44])
        let daemon = try daemon([
            (Self.item("f5", "are you open", "hours"), Self.prediction(["hours": 0.99, "refund": 0.01])),
            (Self.item("f4", "money for the box please", "refund", uid: 7), unsure),
            (Self.item("f3", "where is my late parcel now", "delivery"), unsure),
            (Self.item("f2", "where is my late parcel", "delivery"), unsure),
            (Self.item("f1", "when do you close", "hours"), Self.prediction(["delivery": 0.9, "hours": 0.05])),
        ])
        let keys = (1...5).map { (after: "\($0) of 5", type: "a") }
        #expect(try daemon.onTerminal("review", keys: keys).code == 0)
        let order = decisions(daemon).compactMap { $0?["feedback_id"]?.string }
        // Two spellings of one question are not shown one after the other, and what the model knows anyway is last.
        #expect(order == ["f4", "f2", "f1", "f3", "f5"])
    }

    @Test func `what names no intent is not accepted without one, and a refusal is shown`() throws {
        let daemon = try FakeDaemon { method, params, count in
            switch method {
            case "feedback.list": return [.result(["items": [Self.item("f1", "hm", nil)], "pending": 1])]
            case "predict": return [.failure(.noModel("none yet"))]
            default: return count == 0 ? [.failure(.conflict("It is gone."))] : [.result(["state": "rejected"])]
            }
        }
        let keys = [("1 of 1", "a"), ("names no intent", "r"), ("It is gone.", "r")].map { (after: $0.0, type: $0.1) }
        let (_, code) = try daemon.onTerminal("review", keys: keys)
        #expect(code == 0)
        #expect(decisions(daemon).count == 2)
    }

    @Test func `to be forgotten is asked about, and not done off a terminal without a yes`() throws {
        let daemon = try FakeDaemon.usual()
        #expect(try daemon.run("forget").code == 2)
        #expect(try daemon.onTerminal("forget", keys: [(after: "[y/N] ", type: "n")]).code == 0)
        #expect(daemon.requests.isEmpty)
        let (screen, code) = try daemon.onTerminal("forget", "--uid", "7", keys: [(after: "uid 7", type: "y")])
        #expect(code == 0)
        #expect(screen.contains("Forgotten: 2 items of feedback, 3 turns of 1 conversation, 4 lines of the log"))
        #expect(daemon.requests.map { $0["params"] } == [["uid": 7]])
    }
}
