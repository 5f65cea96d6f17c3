import TestSupport
import Testing
import Wire
import World

@testable import Learning

@Suite struct `A snapshot` {
    private let rules = TrainingData.Rules.usual()

    private func data(_ feedback: [FeedbackItem]) -> TrainingData {
        TrainingData(file: Shop.rows, from: .prepared, feedback: feedback, rules: rules)
    }

    private func lines(_ data: TrainingData) throws -> [JSON] {
        try SnapshotFile.bytes(of: data).split(separator: UInt8(ascii: "\n")).dropFirst().map {
            try JSONParser.parse(Array($0))
        }
    }

    /// Three users and an admin who agree, contradict each other and flood.
    private func crowd(_ seed: UInt64, uids: [UInt32]) -> [FeedbackItem] {
        var generator = SeededGenerator(seed: seed)
        let texts = Shop.rows.filter { $0.split != .test }.map(\.text) + ["late box", "Late box!", "money now"]
        return (0..<120).map { number in
            let uid = uids[generator.below(uids.count)]
            let intents = ["delivery", "refund", "hours", "greeting"]
            return Said.item(
                texts[generator.below(texts.count)],
                intents[generator.below(intents.count)],
                uid: uid,
                at: Int64(number),
                byAdmin: generator.below(5) == 0,
                reviewer: generator.below(2) == 0 ? 0 : nil,
                id: "\(1_000 + number)"
            )
        }
    }

    @Test func `tells of each word whose it is, since when, and what it weighs`() throws {
        let data = data([
            Said.item("late box", "delivery", uid: 7, at: 60, byAdmin: true, reviewer: 0, id: "f1"),
            Said.item("Late box!", "delivery", uid: 8, at: 61, id: "f2"),
        ])
        let words = try lines(data).filter { $0["uid"] != nil }
        #expect(
            words.first { $0["uid"] == 7 } == [
                "at": "1970-01-01T00:01:00.000000Z", "feedback": "f1", "intent": "delivery", "source": "review",
                "split": "train", "support": 2, "text": "late box", "uid": 7, "vouched": true, "weight": 10.0,
            ]
        )
        let second = try #require(words.first { $0["uid"] == 8 })
        #expect(second["source"] == "feedback" && second["claimed"] == 10.0)
        // The share of one uid: 5 % of what the intent weighs then.
        let row = try #require(data.rows.first { $0.text == "Late box!" })
        let weight = try #require(second["weight"]?.double)
        #expect(row.weight == 10 + weight)
        #expect(weight > 1 && weight < 1.2)
        let prepared = try #require(try lines(data).first { $0["text"] == "hello there" })
        #expect(prepared["source"] == "prepared" && prepared["uid"] == nil && prepared["at"] == nil)
    }

    @Test func `tells how many people stand behind a row, by number alone`() throws {
        let data = data([
            Said.item("late box", "delivery", uid: 7, at: 60, byAdmin: true, reviewer: 0, id: "f1"),
            Said.item("Late box!", "delivery", uid: 8, at: 61, byAdmin: true, reviewer: 0, id: "f2"),
            Said.item("hello there", "greeting", uid: 7, at: 62, byAdmin: true, reviewer: 0, id: "f3"),
            Said.item("ahoy", "greeting", uid: 7, at: 63, byAdmin: true, reviewer: 0, id: "f4"),
            Said.item("ahoy", "greeting", uid: 7, at: 64, byAdmin: true, reviewer: 0, id: "f5"),
        ])
        let lines = try lines(data)
        func support(_ text: String) -> [Int?] {
            lines.filter { $0["text"]?.string == text }.map { $0["support"]?.int }
        }
        #expect(support("late box") == [2] && support("Late box!") == [2])
        // The data file has it as well.
        #expect(support("hello there") == [3, 3])
        #expect(support("ahoy") == [1])
        let read = DataFile.parse(SnapshotFile.bytes(of: data), format: .jsonl).rows
        #expect(read.map(\.support) == data.rows.map(\.support))
        #expect(read.first { $0.text == "ahoy" }?.support == 1)
        #expect(read.first { $0.text == "hello there" }?.support == 3)
        let alone = data.removing { $0.uid == 8 }
        #expect(alone.rows.first { $0.text == "late box" }?.support == 1)
    }

    @Test(arguments: 1...20)
    func `comes back from its bytes, and settled anew it is the same`(seed: UInt64) throws {
        let first = data(crowd(seed, uids: [0, 7, 8, 9]))
        let bytes = SnapshotFile.bytes(of: first)
        let read = try SnapshotFile.read(bytes)
        #expect(read.claims == first.claims)
        #expect(read.rows == first.rows)
        #expect(read.rules == first.rules)
        let isSame = SnapshotFile.bytes(of: read.removing { _ in false }) == bytes
        #expect(isSame)
        let asData = DataFile.parse(bytes, format: .jsonl)
        #expect(asData.usable)
        #expect(asData.rows.map(\.text) == first.rows.map(\.text))
        #expect(asData.rows.map(\.weight) == first.rows.map(\.weight))
    }

    @Test(arguments: 1...20)
    func `without one person is what it would be had that person never spoken`(seed: UInt64) throws {
        let words = crowd(seed, uids: [0, 7, 8, 9, 66])
        let all = try SnapshotFile.read(SnapshotFile.bytes(of: data(words)))
        let never = data(words.filter { $0.uid != 66 })
        let removed = all.removing { $0.uid == 66 }
        #expect(removed.rows == never.rows)
        let isSame = SnapshotFile.bytes(of: removed) == SnapshotFile.bytes(of: never)
        #expect(isSame)
        #expect(!String(decoding: SnapshotFile.bytes(of: removed), as: UTF8.self).contains("\"uid\":66"))
    }

    @Test(arguments: 1...20)
    func `gives the same rows whoever says it, and whenever`(seed: UInt64) {
        let words = crowd(seed, uids: [1, 7, 8, 9])
        let others: [UInt32: UInt32] = [1: 4_000, 7: 3, 8: 90, 9: 12]
        let renamed = words.map { item in
            var item = item
            item.uid = others[item.uid] ?? 0
            // The order in which people spoke stays: the last word counts.
            item.at = Timestamp(microseconds: item.at.microseconds * 3 + 5)
            return item
        }
        #expect(data(words).rows == data(renamed).rows)
    }

    @Test func `of an earlier version is still read`() throws {
        let earlier = """
            {"intent":"refund","source":"data","split":"test","text":"money back","weight":1}
            {"intent":"refund","source":"feedback","split":"train","text":"cash back","weight":12.5}

            """
        let read = try SnapshotFile.read(
            Array(earlier.utf8)
                + Array(
                    #"{"intent":"hours","source":"data","split":"train","text":"when","weight":1}"#.utf8
                )
        )
        #expect(read.rows.map(\.text) == ["money back", "cash back", "when"])
        #expect(read.rows.map(\.weight) == [1, 12.5, 1])
        #expect(read.rows.map(\.split) == [.test, .train, .train])
        // Whose words they are is not known, so they count as one person's.
        #expect(read.rows.map(\.support) == [3, 1, 3])
    }

    @Test func `that was cut or changed says where`() {
        let bytes = SnapshotFile.bytes(of: data([]))
        #expect(throws: SnapshotFile.Damaged.self) { try SnapshotFile.read(Array(bytes.dropLast(5))) }
        #expect(throws: SnapshotFile.Damaged.self) { try SnapshotFile.read(Array(bytes.dropLast(1))) }
        let text = String(decoding: bytes, as: UTF8.self)
        let changed = text.split(separator: "\n").enumerated().map { $0 == 3 ? "{}" : String($1) }.joined(
            separator: "\n"
        )
        #expect(throws: SnapshotFile.Damaged(line: 4)) { try SnapshotFile.read(Array((changed + "\n").utf8)) }
        #expect(!DataFile.parse(Array((changed + "\n").utf8), format: .jsonl).usable)
    }
}

@Suite struct `Words that no admin vouched for` {
    private let rules = TrainingData.Rules.usual()

    private func words(_ text: String, _ intent: String, uids: ClosedRange<UInt32>) -> [FeedbackItem] {
        uids.map { Said.item(text, intent, uid: $0, id: "\($0)-\(text)") }
    }

    private let file =
        (0..<100).map { DataRow(text: "parcel \($0)", intent: "delivery", split: .train) }
        + (0..<100).map { DataRow(text: "money \($0)", intent: "refund", split: .train) }

    @Test func `do not take a row from the data, however many one person says`() {
        let flips = (0..<100).flatMap { words("parcel \($0)", "refund", uids: 66...66) }
        let data = TrainingData(file: file, feedback: flips, rules: rules)
        #expect(data.rows.count { $0.intent == "delivery" } == 100)
        #expect(data.rows.count { $0.intent == "refund" } == 100)
        #expect(data.findings.count { $0.code == "unreviewed_conflict" } == 100)
        #expect(data.applied.count == 100)
    }

    @Test func `take one where three agree, and of an intent no more than a share`() {
        let two = TrainingData(file: file, feedback: words("parcel 7", "refund", uids: 61...62), rules: rules)
        #expect(two.rows.first { $0.text == "parcel 7" }?.intent == "delivery")
        let three = TrainingData(file: file, feedback: words("parcel 7", "refund", uids: 61...63), rules: rules)
        #expect(three.rows.first { $0.text == "parcel 7" }?.intent == "refund")
        let flips = (0..<100).flatMap { words("parcel \($0)", "refund", uids: 61...70) }
        let all = TrainingData(file: file, feedback: flips, rules: rules)
        #expect(all.rows.count { $0.intent == "delivery" } == 95)
    }

    @Test func `together weigh no more than their share of an intent`() {
        let flood = (0..<200).map { Said.item("said \($0)", "refund", uid: UInt32(60 + $0 % 20), id: "\($0)") }
        let data = TrainingData(file: file, feedback: flood, rules: rules)
        let said = data.rows.filter { $0.text.hasPrefix("said") }.reduce(0) { $0 + ($1.weight ?? 0) }
        #expect(abs(said / (100 + said) - 0.05) < 1e-9)
        #expect(data.findings.contains { $0.code == "unreviewed_capped" })
    }

    @Test func `make no intent of their own`() {
        let flood = (0..<200).map { Said.item("said \($0)", "mischief", uid: UInt32(60 + $0 % 40), id: "\($0)") }
        let data = TrainingData(file: file, feedback: flood, rules: rules)
        #expect(!data.rows.contains { $0.intent == "mischief" })
        #expect(data.findings.contains { $0.code == "unreviewed_capped" && $0.message.contains("mischief") })
    }
}
