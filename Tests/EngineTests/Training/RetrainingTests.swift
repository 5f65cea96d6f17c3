import Classifier
import GRDB
import Learning
import Synchronization
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `A retraining` {
    private func admin(_ world: TestWorld) async throws -> Client {
        Client(try await world.engine(), uid: 0, role: .admin)
    }

    private func teach(_ client: Client, _ text: String, _ intent: String) async throws -> JSON {
        try await client.call(
            "feedback.submit",
            ["text": .string(text), "intent": .string(intent), "new_intent": true]
        )["feedback_id"] ?? .null
    }

    private func intent(_ client: Client, _ text: String) async throws -> JSON? {
        try await client.call("predict", ["text": .string(text)])["predictions"]?[0]?["intent"]
    }

    @Test func `waits for an admin as it should, also where the champion's file is broken`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        world.files.put(world.folders.version(1) + "/model.safetensors", "junk")
        let job = try await client.retrain(["promote": "hold"])
        #expect(job["state"] == "done")
        #expect(try await client.call("status")["champion"] == 1)
        #expect(try await client.call("status")["candidate"] == 2)
    }

    @Test func `makes a corrected example right, and says so`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let text = "where is my refund parcel money"
        let before = try await client.chat(text)
        let other = before["intent"] == "hours" ? "greeting" : "hours"
        _ = try await client.call(
            "feedback.submit",
            ["id": before["id"] ?? .null, "rating": "down", "intent": .string(other)]
        )
        let job = try await client.retrain()
        #expect(job["state"] == "done")
        #expect(job["candidate"] == 2)
        #expect(job["error"] == .null)
        #expect(job["learned"] == ["applied": 1, "fixed": 1, "still_wrong": []])
        #expect(["pass", "borderline"].contains(job["verdict"]?["verdict"]?.string))
        // Every event loop has swapped when the job is done.
        let after = try await client.chat(text)
        #expect(after["intent"] == .string(other))
        #expect(after["model"] == 2)
        #expect(try await client.call("status")["champion"] == 2)
        #expect(world.files.target(world.folders.alias(.champion)) == "../versions/000002")
        #expect(world.files.target(world.folders.alias(.lastGood)) == "../versions/000001")
    }

    @Test func `learns a new intent, and what users said once it is accepted`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let user = client.other(uid: 1_000)
        for text in ["a gift card please", "sell me a voucher", "do you have gift vouchers", "voucher for a friend"] {
            _ = try await teach(client, text, "vouchers")
        }
        let pending = try await teach(user, "zebra crossing stripes", "refund")
        #expect(try await client.retrain()["learned"]?["applied"] == 4)
        #expect(try await intent(client, "gift voucher") == "vouchers")
        _ = try await client.call("feedback.review", ["feedback_id": pending, "accept": true])
        #expect(try await client.retrain()["learned"]?["applied"] == 5)
        #expect(try await intent(client, "zebra crossing stripes") == "refund")
    }

    /// A sentence or two of somebody's do not make an intent that customers are answered with.
    @Test(arguments: [(4, true), (5, false)])
    func `does not answer a new intent locally until there is enough of it`(count: Int, isWithheld: Bool) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let texts = [
            "a gift card please", "sell me a voucher", "something to unwrap for mum", "store credit as a present",
            "may one buy tokens here",
        ]
        for text in texts.prefix(count) { _ = try await teach(client, text, "tokens") }
        let job = try await client.retrain()
        let codes = job["verdict"]?["findings"]?.array?.filter { $0["code"] == "intent_withheld" } ?? []
        #expect(codes.count == (isWithheld ? 1 : 0))
        let number = try #require(job["candidate"]?.int)
        let model = try await client.engine.registry.model(number).model
        let place = try #require(model.intents.firstIndex(of: "tokens"))
        #expect(model.groups[place] == count)
        #expect(model.withheld[place] == isWithheld)
        let listed = try await client.other(uid: 1_000).call("intents.list")["intents"]?.array ?? []
        let tokens = try #require(listed.first { $0["intent"] == "tokens" })
        #expect(tokens["rows"] == .integer(count))
        #expect(tokens["missing"] == (isWithheld ? 1 : 0))
        // It stays so while nothing is added, although the champion knows it by now.
        world.clock.advance(seconds: 60)
        _ = try await teach(client, "the box is late", "delivery")
        let next = try #require(try await client.retrain()["candidate"]?.int)
        let later = try await client.engine.registry.model(next).model
        #expect(later.withheld[place] == isWithheld)
    }

    @Test func `answers intents of the data file locally from the first version on`() async throws {
        let texts = ["buy a token", "what do tickets cost", "one more coin for me"]
        let rows = Shop.rows + texts.map { DataRow(text: $0, intent: "tokens", split: .train) }
        for isFirst in [true, false] {
            let world = try TestWorld(data: isFirst ? rows : Shop.rows)
            let client = try await admin(world)
            if !isFirst {
                world.files.put(world.folders.dataFile, DataFile.csv(rows))
                _ = try await client.retrain()
            }
            let version = try #require(try await client.call("models.list")["models"]?.array?.last?["version"]?.int)
            let model = try await client.engine.registry.model(version).model
            let place = try #require(model.intents.firstIndex(of: "tokens"))
            #expect(model.groups[place] > 1 && model.groups[place] < 5)
            #expect(!model.withheld[place])
        }
    }

    @Test func `names the feedback that is still wrong`() async throws {
        let world = try TestWorld(
            data: Shop.rows + (0..<60).map { _ in DataRow(text: "late box", intent: "refund", split: .train) }
        )
        let client = try await admin(world)
        let id = try await teach(client, "late box", "delivery")
        let job = try await client.retrain()
        // One contrary row does not overturn many.
        #expect(job["state"] == "done")
        #expect(job["learned"]?["still_wrong"] == [id])
        #expect(try await intent(client, "late box") == "refund")
    }

    @Test func `that makes it worse is refused, and the champion stays`() async throws {
        let rows =
            Shop.rows
            + (0..<20).flatMap { number in
                Shop.rows.filter { $0.split == .test }
                    .map { DataRow(text: $0.text + " \(number)", intent: $0.intent, split: .test) }
            }
        let world = try TestWorld(data: rows)
        let client = try await admin(world)
        world.child.behave(
            .trainOn(
                Shop.rows.map { row in
                    var row = row
                    row.intent = ["delivery": "refund", "refund": "delivery"][row.intent] ?? row.intent
                    return row
                }
            )
        )
        let job = try await client.retrain()
        #expect(job["state"] == "refused")
        #expect(job["verdict"]?["verdict"] == "fail")
        #expect(job["verdict"]?["broken"]?.array?.isEmpty == false)
        #expect(try await client.call("status")["champion"] == 1)
        #expect(try await client.chat("where is my parcel")["model"] == 1)
        // It is kept for looking at, and promoted only with force.
        let refusal = try await client.refusal("models.promote", ["version": 2, "reason": "let me"])
        #expect(refusal.reason == "gate_refused")
        #expect(refusal.data["verdict"]?["verdict"] == "fail")
        let forced = try await client.call("models.promote", ["version": 2, "reason": "let me", "force": true])
        #expect(forced == ["champion": 2, "previous": 1])
        #expect(try await client.chat("where is my parcel")["model"] == 2)
    }

    @Test(arguments: [true, false])
    func `on hold waits for an admin`(byConfiguration: Bool) async throws {
        let world = try TestWorld { if byConfiguration { $0.training.policy = .hold } }
        let client = try await admin(world)
        // The first version is promoted whatever the policy.
        #expect(try await client.call("status")["champion"] == 1)
        let job = try await client.retrain(byConfiguration ? ["promote": "gate"] : ["promote": "hold"])
        #expect(job["state"] == "done")
        #expect(job["candidate"] == 2)
        let status = try await client.call("status")
        #expect(status["champion"] == 1)
        #expect(status["candidate"] == 2)
        #expect(world.files.target(world.folders.alias(.candidate)) == "../versions/000002")
        #expect(try await client.call("models.promote", ["reason": "looks good"]) == ["champion": 2, "previous": 1])
        let after = try await client.call("status")
        #expect(after["champion"] == 2)
        #expect(after["candidate"] == .null)
        #expect(world.files.target(world.folders.alias(.candidate)) == nil)
    }

    @Test func `with a borderline verdict waits for an admin`() async throws {
        let locked =
            Shop.rows.filter { $0.split != .test }
            + [DataRow(text: "parcel", intent: "delivery", split: .test)]
            + (0..<30).map { DataRow(text: "good morning \($0)", intent: "greeting", split: .test) }
        let world = try TestWorld(data: locked)
        let client = try await admin(world)
        world.child.behave(
            .trainOn(
                Shop.rows.filter { $0.split != .test }.map { row in
                    var row = row
                    row.intent = ["delivery": "refund", "refund": "delivery"][row.intent] ?? row.intent
                    return row
                }
            )
        )
        let job = try await client.retrain()
        #expect(job["verdict"]?["verdict"] == "borderline")
        #expect(job["state"] == "done")
        #expect(job["candidate"] == 2)
        let status = try await client.call("status")
        #expect(status["champion"] == 1 && status["candidate"] == 2)
        let move = try await client.call("models.history")["moves"]?[0]
        #expect(move?["verdict"] == "borderline")
        #expect(move?["reason"]?.string?.hasPrefix("waits for an admin: borderline accuracy") == true)
        // It was not refused: no force is needed.
        #expect(try await client.call("models.promote", ["reason": "read it"]) == ["champion": 2, "previous": 1])
    }

    /// Every row of every table, but for the jobs and the events that tell of them.
    private func stored(_ engine: Engine) async throws -> [String] {
        try await engine.ledger.read { db in
            var rows: [String] = []
            for table in try String.fetchAll(
                db,
                sql: "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
            )
            where table != "jobs" {
                // The trail's end moves with the two events.
                let kinds =
                    ["events": " WHERE kind NOT LIKE 'job%'", "meta": " WHERE key <> 'events_head'"][table] ?? ""
                rows += try Row.fetchAll(db, sql: "SELECT * FROM \(table)\(kinds)").map { "\(table) \($0)" }
            }
            return rows
        }
    }

    @Test func `without consequences says what would be, and touches nothing`() async throws {
        let world = try TestWorld(data: nil)
        let client = try await admin(world)
        for text in ["a gift card please", "sell me a voucher", "do you have gift vouchers", "voucher for a friend"] {
            _ = try await teach(client, text, "vouchers")
        }
        // The data file would have to be made anew.
        world.files.put(world.folders.intents, Shop.yaml.replacing("hours:", with: "times:"))
        let tree = { world.files.paths.sorted().map { "\($0) \((try? world.files.read($0)) ?? [])" } }
        let (files, rows) = (tree(), try await stored(client.engine))
        let events = try await client.engine.ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") }
        let job = try await client.retrain(["dry_run": true])
        #expect(job["state"] == "done")
        #expect(job["candidate"] == .null && job["error"] == .null)
        #expect(["pass", "borderline"].contains(job["verdict"]?["verdict"]?.string))
        #expect(job["learned"]?["applied"] == 4)
        #expect(tree() == files)
        #expect(try await stored(client.engine) == rows)
        // What is kept is that somebody asked, and how it ended.
        let after = try await client.engine.ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM events") }
        #expect(after == (events ?? 0) + 2)
        #expect(try await client.call("jobs.list")["jobs"]?[0]?["job"] == job["job"])
        let status = try await client.call("status")
        #expect(status["champion"] == 1 && status["candidate"] == .null)
        #expect(try await intent(client, "gift voucher") != "vouchers")
        // And done in earnest, it is what was told.
        let real = try await client.retrain()
        #expect(real["verdict"]?["verdict"] == job["verdict"]?["verdict"])
        #expect(real["learned"] == job["learned"])
        #expect(real["candidate"] == 2)
    }

    @Test func `without consequences that would be refused is`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        world.files.put(world.folders.golden, Array("text,intent\nhello there,refund\n".utf8))
        let files = world.files.paths
        let job = try await client.retrain(["dry_run": true])
        #expect(job["state"] == "refused")
        #expect(job["candidate"] == .null)
        #expect(job["verdict"]?["golden_missed"]?[0]?["text"] == "hello there")
        #expect(world.files.paths == files)
        #expect(try await client.call("models.list")["models"]?.array?.count == 1)
    }

    @Test(arguments: [FakeChild.Behaviour.fail("no"), .vanish])
    func `without consequences leaves nothing when it fails`(behaviour: FakeChild.Behaviour) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let files = world.files.paths
        world.child.behave(behaviour)
        #expect(try await client.retrain(["dry_run": true])["state"] == "failed")
        #expect(world.files.paths == files)
    }

    @Test func `compares on rows that the champion has not seen`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        // Two sentences that were learnt change sides.
        var moved = 0
        let rows = Shop.rows.map { row in
            var row = row
            if row.split == .train, row.intent == "hours", moved < 2 {
                row.split = .test
                moved += 1
            }
            return row
        }
        world.files.put(world.folders.dataFile, DataFile.csv(rows))
        let job = try await client.retrain(["dry_run": true])
        let finding = job["verdict"]?["findings"]?.array?.first { $0["code"] == "test_rows_seen" }
        #expect(finding?["message"]?.string?.hasPrefix("2 test rows are left out") == true)
        let accuracy = job["verdict"]?["checks"]?[0]?["message"]?.string
        #expect(accuracy?.hasPrefix("Of 8 test rows ") == true)
    }

    @Test func `heeds the behaviour file, and does not pass over what it does not understand`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        world.files.put(
            world.folders.behaviour,
            Array("must:\n  refund: [good morning]\n  vouchers: [a gift card]\n".utf8)
        )
        let refused = try await client.retrain()
        #expect(refused["state"] == "refused")
        #expect(
            refused["verdict"]?["behaviour_missed"]?[0]
                == ["kind": "must", "text": "good morning", "intent": "refund", "got": "greeting"]
        )
        let codes = refused["verdict"]?["findings"]?.array?.compactMap { $0["code"]?.string } ?? []
        #expect(codes.contains("behaviour_unknown_intent"))
        world.files.put(world.folders.behaviour, Array("must:\n  greeting: [good morning]\nmusst: {}\n".utf8))
        let waiting = try await client.retrain()
        #expect(waiting["state"] == "done")
        #expect(waiting["verdict"]?["verdict"] == "borderline")
        let found = waiting["verdict"]?["findings"]?.array?.first { $0["code"] == "unknown_key" }
        #expect(found?["line"] == 3 && found?["severity"] == "error")
        #expect(try await client.call("status")["candidate"] == 3)
    }

    static let failures: [(behaviour: FakeChild.Behaviour, words: String)] = [
        (.fail("out of memory"), "out of memory"), (.notStarted, "could not be started"), (.vanish, "missing"),
        (.trainOn([DataRow(text: "a", intent: "one", split: .train)]), "one"),
    ]

    @Test(arguments: failures)
    func `that fails says why, and everything goes on`(behaviour: FakeChild.Behaviour, words: String) async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        world.child.behave(behaviour)
        let job = try await client.retrain()
        #expect(job["state"] == "failed")
        #expect(job["error"]?.string?.contains(words) == true, "\(job)")
        #expect(job["candidate"] == .null)
        #expect(try await client.chat("where is my parcel")["model"] == 1)
        #expect(!world.files.paths.contains { $0.contains("/staging/") })
        world.child.behave(.train)
        #expect(try await client.retrain()["state"] == "done")
    }

    @Test func `can be cancelled, and leaves nothing behind`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        await world.child.waitForStart()
        world.child.behave(.hang)
        let job = try await client.call("retrain")["job"] ?? .null
        await world.child.waitForStart()
        #expect(try await client.call("status")["job"]?["job"] == job)
        #expect(try await client.refusal("retrain").reason == "conflict")
        #expect(try await client.call("jobs.cancel", ["job": job])["state"] == "cancelled")
        #expect(try await client.call("status")["job"] == .null)
        #expect(!world.files.paths.contains { $0.contains("/staging/") })
        #expect(try await client.call("status")["champion"] == 1)
    }

    @Test func `cancelled while it is promoted serves what the registry names`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let engine = client.engine
        world.files.observe { operation in
            guard operation.hasPrefix("rename"), operation.contains("staging") else { return }
            let asked = Flag()
            Task {
                let jobs = engine.jobs
                guard let id = jobs.current?.id else { return asked.raise() }
                async let record = jobs.cancel(id)
                for _ in 0..<50 { await Task.yield() }
                asked.raise()
                _ = try await record
            }
            // The disk is slow: the wish arrives while the version is being registered.
            while !asked.isRaised {}
        }
        let job = try await client.retrain()
        world.files.observe(nil)
        let champion = try await client.call("status")["champion"]
        #expect(try await client.chat("where is my parcel")["model"] == champion)
        #expect(try await client.call("models.list")["models"]?.array?.count == champion?.int)
        #expect((job["state"] == "done") == (champion == 2))
    }

    @Test func `tells its connection how far it is`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let job = try await client.retrain()
        let heard = client.notifications
        #expect(heard.allSatisfy { $0.method == "job.progress" })
        #expect(heard.allSatisfy { $0.params["job"] == job["job"] })
        let fractions = heard.compactMap { $0.params["fraction"]?.double }
        #expect(fractions == fractions.sorted())
        #expect(fractions.last == 1)
        #expect(heard.allSatisfy { $0.request != nil })
    }

    @Test func `prepares again when the source has changed`() async throws {
        let world = try TestWorld(data: nil, yaml: Shop.yaml.replacing("hours:", with: "times:"))
        let client = try await admin(world)
        #expect(try await intent(client, "when do you open") == "times")
        world.files.put(world.folders.intents, Shop.yaml)
        // The file gives no rows of times any more, and an intent is gone, which an admin has to mean.
        #expect(try await client.retrain()["verdict"]?["verdict"] == "borderline")
        _ = try await client.call("models.promote", ["reason": "it has another name now"])
        #expect(try await intent(client, "when do you open") == "hours")
    }

    @Test func `that is stopped says why`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let rows = ["alpha", "bravo", "charlie", "delta", "echo"].map { DataRow(text: "one " + $0, intent: "one") }
        let measured = DataRow(text: "two alpha", intent: "two", split: .test)
        world.files.put(world.folders.dataFile, DataFile.csv(rows + [measured]))
        let orders = world.child.orders.count
        let job = try await client.retrain()
        #expect(job["state"] == "failed")
        #expect(job["error"]?.string?.contains("one intent, one. (one_intent)") == true)
        #expect(world.child.orders.count == orders)
        #expect(try await client.call("status")["champion"] == 1)
    }
}

private final class Flag: Sendable {
    private let raised = Atomic(false)

    var isRaised: Bool { raised.load(ordering: .acquiring) }

    func raise() { raised.store(true, ordering: .releasing) }
}
