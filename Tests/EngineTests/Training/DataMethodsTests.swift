import Learning
import TestSupport
import Testing
import Wire
import World

@testable import Engine

@Suite struct `The training data over the wire` {
    private func admin(_ world: TestWorld) async throws -> Client {
        Client(try await world.engine(), uid: 0, role: .admin)
    }

    private func teach(_ client: Client, _ text: String, _ intent: String) async throws {
        _ = try await client.call("feedback.submit", ["text": .string(text), "intent": .string(intent)])
    }

    @Test func `shows what a version was trained on, and what is different now`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        try await teach(client, "late box", "delivery")
        _ = try await client.retrain()
        try await teach(client, "late box", "refund")
        try await teach(client, "one more", "hours")

        let shown = try await client.call("data.show", ["snapshot": "v2", "intent": "delivery", "limit": 1_000])
        #expect(shown["versions"] == [2])
        #expect(shown["sources"]?["imported"]?.int == Shop.rows.count && shown["sources"]?["feedback"] == 1)
        let item = try #require(shown["items"]?.array?.first { $0["uid"] == 0 })
        #expect(item["text"] == "late box" && item["source"] == "feedback" && item["weight"] == 10.0)
        #expect(shown["items"]?.array?.allSatisfy { $0["intent"] == "delivery" } == true)
        let digest = try #require(shown["snapshot"]?.string)
        #expect(
            try await client.call("data.show", ["snapshot": .string(String(digest.prefix(6)))])["snapshot"]
                == shown["snapshot"]
        )

        let changes = try await client.call("data.diff", ["from": "v2", "to": "now"])
        #expect(changes["counts"] == ["added": 1, "removed": 0, "relabelled": 1, "reweighted": 0])
        #expect(changes["relabelled"]?[0]?["from"] == "delivery" && changes["relabelled"]?[0]?["to"] == "refund")
        #expect(changes["added"]?[0]?["text"] == "one more")
        let first = try await client.call("data.diff", ["from": "v1", "to": "v2"])
        #expect(first["intents"] == [["intent": "delivery", "from": 16, "to": 17]])
        for name in ["v9", "abcdef", .string(String(digest.prefix(5)))] as [JSON] {
            #expect(try await client.refusal("data.show", ["snapshot": name]).reason == "not_found")
        }
    }

    @Test func `is checked, with the labels that the last training doubts`() async throws {
        var rows = Shop.rows
        let place = try #require(rows.firstIndex { $0.text == "please tell me where is my parcel" })
        rows[place].intent = "greeting"
        let world = try TestWorld(data: rows)
        let client = try await admin(world)
        let report = try await client.call("data.check")
        #expect(report["stopped"] == false)
        let doubts = report["label_errors"]?.array ?? []
        #expect(doubts.contains { $0["text"] == "please tell me where is my parcel" && $0["suggested"] == "delivery" })
        #expect(report["label_errors_of"]?.string?.count == 64)

        world.files.put(world.folders.dataFile, "text,intent\nhello,greeting\n")
        let bad = try await client.call("data.check")
        #expect(bad["stopped"] == true)
        #expect(bad["findings"]?[0]?["code"] == "one_intent")
    }

    @Test func `is imported whole or not at all`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let before = try world.files.read(world.folders.dataFile)
        let bad = try await client.call(
            "data.import",
            ["content": "text,intent\nhello,greeting\n,refund\nbye,farewell\n"]
        )
        #expect(bad["imported"] == false && bad["kept_aside"] == nil as JSON)
        #expect(bad["findings"]?[0]?["line"] == 3 && bad["findings"]?[0]?["code"] == "empty_text")
        #expect(try world.files.read(world.folders.dataFile) == before)

        let good = Shop.rows.map { DataRow(text: $0.text + " again", intent: $0.intent) }
        let text = String(decoding: DataFile.csv(good), as: UTF8.self)
        _ = try await client.call("data.import", ["content": .string(text), "check_only": true])
        #expect(try world.files.read(world.folders.dataFile) == before)
        let done = try await client.call("data.import", ["content": .string(text)])
        #expect(done["imported"] == true && done["rows"]?.int == good.count)
        #expect(try world.files.read(try #require(done["kept_aside"]?.string)) == before)
        let rows = DataFile.parse(try world.files.read(world.folders.dataFile), format: .csv).rows
        #expect(rows.map(\.text) == good.map(\.text))
        #expect(rows.allSatisfy { $0.split != nil })
        // The rows are somebody's own now, and the locked ones among them are known at once.
        #expect(try PreparedFile(files: world.files, folders: world.folders).state() == .theirs)
        if let locked = rows.first(where: { $0.split == .test }) {
            let said = try await client.call("feedback.submit", ["text": .string(locked.text), "intent": "refund"])
            #expect(said["state"] == "evaluation_only")
        }
        #expect(try await client.retrain()["state"] == "done")
    }

    @Test func `is imported without what cannot be read, if the admin says so, and from other bytes than UTF-8`()
        async throws
    {
        let world = try TestWorld()
        let client = try await admin(world)
        let bytes = Array("Texto;Tipo\nadi".utf8) + [0xF3] + Array("s;bye\nhola;hello\n;hello\n".utf8)
        let content = JSON.string(Base64.encode(bytes))
        let refused = try await client.call("data.import", ["content": content, "base64": true, "intent": "tipo"])
        #expect(refused["imported"] == false && refused["left_out"] == 1)
        let done = try await client.call(
            "data.import",
            ["content": content, "base64": true, "intent": "tipo", "partial": true]
        )
        #expect(done["imported"] == true && done["left_out"] == 1 && done["rows"] == 2)
        #expect(done["counts"]?["guessed_encoding"] == 1)
        #expect(String(decoding: try world.files.read(world.folders.dataFile), as: UTF8.self).contains("adiós,bye"))
        #expect(try await client.refusal("data.import", ["content": "!", "base64": true]).reason == "invalid_params")
    }

    @Test func `is not trained on silently where some of it cannot be read`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        // Re-saved by a tool that damages every word with an accent: an intent goes.
        let rows = Shop.rows.filter { $0.intent != "hours" || $0.split == .test }
        let damaged = DataFile.csv(rows) + [0x62, 0xFF, 0x64] + Array(",hours,train,,\n".utf8)
        world.files.put(world.folders.dataFile, damaged)
        let job = try await client.retrain()
        let version = try #require(job["candidate"]?.int)
        let shown = try await client.call("models.show", ["version": .integer(version)])
        #expect(shown["verdict"]?["verdict"] != "pass")
        let check = shown["verdict"]?["checks"]?.array?.first { $0["name"] == "file_rows" }
        #expect(check?["outcome"] == "borderline")
        #expect(shown["verdict"]?["findings"]?.array?.contains { $0["code"] == "rows_left_out" } == true)
        _ = try await client.call("reload")
        // Explaining waits for the rows.
        _ = try await client.call("explain", ["text": "hello"])
        let degraded = try await client.call("status")["degraded"]?.array ?? []
        #expect(degraded.contains { $0["feature"] == "data" })
    }

    @Test func `a name that looks like another is refused, with the one that is meant`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        for name in ["Refund", "re\u{AD}fund", "OOS", "out_of_scope"] {
            let params: JSON = ["text": "cash back", "intent": .string(name), "new_intent": true]
            #expect(try await client.refusal("feedback.submit", params).reason == "invalid_params", "\(name)")
        }
    }

    @Test func `is imported in parts, by the one who began`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let lines = String(decoding: DataFile.jsonLines(Shop.rows), as: UTF8.self)
        let half = lines.index(lines.startIndex, offsetBy: lines.count / 2)
        func part(_ text: Substring, _ extra: [Member]) -> JSON {
            .object([Member("content", .string(String(text))), Member("format", "jsonl")] + extra)
        }
        let begun = try await client.call("data.import", part(lines[..<half], [Member("last", false)]))
        let upload = Member("upload", begun["upload"] ?? .null)
        #expect(begun["imported"] == false)
        let other = client.other(uid: 7, role: .admin)
        #expect(try await other.refusal("data.import", part(lines[half...], [upload])).reason == "not_found")
        let done = try await client.call("data.import", part(lines[half...], [upload]))
        #expect(done["imported"] == true && done["rows"]?.int == Shop.rows.count)
        #expect(try await client.refusal("data.import", part("", [upload])).reason == "not_found")
        // Nobody can fill the memory with beginnings, and what was left lying goes.
        for _ in 0..<Uploads.atOnce { _ = try await client.call("data.import", part("x", [Member("last", false)])) }
        #expect(try await client.refusal("data.import", part("x", [Member("last", false)])).reason == "conflict")
        world.clock.advance(seconds: 61)
        _ = try await client.call("data.import", part("x", [Member("last", false)]))
    }

    @Test(arguments: ["csv", "jsonl"])
    func `comes back as it was exported`(format: String) async throws {
        let nasty = ["=1+1", "'=1+1", "''-x", "+49 30 1234", " @home", "-", "plain", "'quoted'", "a \"b\", c", "ünï😀"]
        let rows = nasty.map { DataRow(text: $0, intent: "refund", split: .train, weight: 2) } + Shop.rows
        let world = try TestWorld(data: rows)
        let client = try await admin(world)
        let page = try await client.call("export", ["what": "data", "format": .string(format)])
        let content = try #require(page["content"]?.string)
        #expect(page["next"] == nil as JSON && page["rows"]?.int == rows.count)
        #expect(page["sha256"]?.string == Digest.hex(Array(content.utf8)))
        if format == "csv" {
            let dangerous = content.split(separator: "\n").filter { "=+-@".contains($0.first ?? "x") }
            #expect(dangerous.isEmpty)
        }
        let back = DataFile.parse(Array(content.utf8), format: format == "csv" ? .csv : .jsonl)
        #expect(back.rows.map(\.text) == rows.map(\.text))
        #expect(back.rows.map(\.split) == rows.map(\.split))
        // Also as the daemon keeps it.
        #expect(DataFile.parse(DataFile.csv(rows), format: .csv).rows.map(\.text) == rows.map(\.text))
    }

    @Test func `is exported in pages that join to the whole`() async throws {
        let rows = (0..<9_000).map {
            DataRow(text: "row number \($0) of \"many\"\nlines", intent: "i\($0 % 5)", split: .train)
        }
        let export = DataExport(what: .data, format: .csv, rows: rows)
        var content = ""
        var offset: Int? = 0
        var pages = 0
        while let start = offset {
            let page = export.page(from: start)
            content += page["content"]?.string ?? ""
            offset = page["next"]?.int
            pages += 1
        }
        #expect(pages > 1)
        #expect(DataFile.parse(Array(content.utf8), format: .csv).rows.map(\.text) == rows.map(\.text))
    }

    @Test func `feedback is exported in the shape of the data`() async throws {
        let world = try TestWorld()
        let client = try await admin(world)
        let user = client.other(uid: 1_000)
        try await teach(client, "late box", "delivery")
        let pending = try await user.call("feedback.submit", ["text": "=cash back", "intent": "refund"])
        let before = try await client.call("export", ["what": "feedback"])
        #expect(before["content"] == "text,intent,split,weight,source\nlate box,delivery,train,10.0,feedback\n")
        _ = try await client.call("feedback.review", ["feedback_id": pending["feedback_id"] ?? .null, "accept": true])
        let after = try await client.call("export", ["what": "feedback"])
        #expect(after["content"]?.string?.hasSuffix("\n'=cash back,refund,train,10.0,review\n") == true)
        #expect(try await user.refusal("export", ["what": "feedback"]).reason == "forbidden")
    }

    @Test(arguments: [false, true])
    func `any field comes back from CSV, marked against spreadsheets or not`(forSpreadsheets: Bool) {
        var generator = SeededGenerator(seed: 17)
        let scalars = Array("'=+-@ \",\n\tax\u{301}\u{200D}＝".unicodeScalars)
        let rows = (0..<3_000).map { number in
            var text = String.UnicodeScalarView()
            for _ in 0...generator.below(6) { text.append(scalars[generator.below(scalars.count)]) }
            return DataRow(
                text: String(text) + "x",
                intent: number % 2 == 0 ? "refund" : "hours",
                source: String(text) + "y"
            )
        }
        let back = DataFile.parse(DataFile.csv(rows, forSpreadsheets: forSpreadsheets), format: .csv).rows
        #expect(back.map { Array($0.text.utf8) } == rows.map { Array($0.text.utf8) })
        #expect(back.map { Array(($0.source ?? "").utf8) } == rows.map { Array(($0.source ?? "").utf8) })
    }

    @Test func `an import says which intents are gone and which are new, with their rows`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine(), uid: 0, role: .admin)
        let rows = Shop.rows.map { row in
            var row = row
            if row.intent == "hours" { row.intent = "times" }
            return row
        }
        let content = JSON.string(String(decoding: DataFile.csv(rows), as: UTF8.self))
        for isCheck in [true, false] {
            let result = try await client.call("data.import", ["content": content, "check_only": .bool(isCheck)])
            #expect(result["gone"] == [["intent": "hours", "rows": 16]])
            #expect(result["new"] == [["intent": "times", "rows": 16]])
        }
        let again = try await client.call("data.import", ["content": content])
        #expect(again["gone"] == [] && again["new"] == [])
    }

    @Test func `everybody may see which intents there are`() async throws {
        let world = try TestWorld()
        let client = Client(try await world.engine())
        let intents = try await client.call("intents.list")["intents"]?.array ?? []
        #expect(intents.map { $0["intent"] } == ["delivery", "greeting", "hours", "refund"])
        #expect(intents.map { $0["rows"] } == [16, 16, 16, 16])
        #expect(intents.map { $0["policy"] } == ["auto", "local", "never-local", "auto"])
        #expect(intents.map { $0["has_responses"] } == [true, true, false, false])
        #expect(intents.allSatisfy { $0["recall"]?.double != nil && $0["missing"] == 0 })
    }
}
