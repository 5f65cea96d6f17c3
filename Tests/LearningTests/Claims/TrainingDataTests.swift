import TestSupport
import Testing
import Wire
import World

@testable import Learning

@Suite struct `What a version is trained on` {
    private func item(
        _ text: String,
        _ intent: String,
        uid: UInt32 = 5,
        byAdmin: Bool = true,
        id: String = "f"
    ) -> FeedbackItem {
        FeedbackItem(
            id: id,
            at: Timestamp(microseconds: 0),
            uid: uid,
            answer: nil,
            text: text,
            intent: intent,
            predicted: nil,
            rating: nil,
            comment: nil,
            state: .accepted,
            key: nil,
            request: "",
            byAdmin: byAdmin
        )
    }

    private func data(
        _ file: [DataRow],
        _ feedback: [FeedbackItem] = [],
        weight: Double = 10,
        share: Double = 0.05
    ) -> TrainingData {
        TrainingData(file: file, feedback: feedback, rules: .usual(feedbackWeight: weight, maxSharePerUID: share))
    }

    private func weight(_ data: TrainingData, _ intent: String) -> Double {
        data.rows(of: .train).filter { $0.intent == intent }.reduce(0) { $0 + ($1.weight ?? 1) }
    }

    @Test func `has the same bytes whatever the order of its sources`() {
        var generator = SeededGenerator(seed: 51)
        var file =
            Shop.rows
            + Shop.rows.map { row in
                var row = row
                row.text = row.text.uppercased() + "!"
                return row
            }
        file += (0..<30).map {
            DataRow(text: "row \($0 % 7)", intent: "refund", split: .train, weight: 0.1 + Double($0) / 7)
        }
        let feedback = (0..<40).map {
            item("said \($0 % 9)", $0 % 2 == 0 ? "hours" : "refund", uid: UInt32($0 % 3), byAdmin: false, id: "\($0)")
        }
        let first = data(file, feedback)
        for _ in 0..<20 {
            let other = data(generator.shuffled(file), feedback)
            let isSame = SnapshotFile.bytes(of: other) == SnapshotFile.bytes(of: first)
            #expect(isSame)
            #expect(other.findings == first.findings)
        }
    }

    @Test func `comes back from its bytes`() {
        let first = data(Shop.rows + [DataRow(text: "a \"quoted\"\n, tëxt \u{1F600}", intent: "refund", weight: 2.5)])
        let parsed = DataFile.parse(SnapshotFile.bytes(of: first), format: .jsonl)
        #expect(parsed.usable)
        #expect(parsed.findings.filter { $0.severity == .error } == [])
        #expect(parsed.rows.map(\.text) == first.rows.map(\.text))
        #expect(parsed.rows.map(\.weight) == first.rows.map(\.weight))
        #expect(parsed.rows.map(\.split) == first.rows.map(\.split))
    }

    @Test func `counts equal texts once, with the sum of their weights`() {
        let trained = data(
            [
                DataRow(text: "Where is it?", intent: "delivery", split: .train),
                DataRow(text: "where  is it", intent: "delivery", weight: 2),
                DataRow(text: "where is it", intent: "delivery", split: .test),
                DataRow(text: "another", intent: "delivery", split: .train, weight: 0.5),
            ].filter { $0.split != .test }
        )
        #expect(trained.rows.count == 2)
        #expect(trained.rows.first { $0.text != "another" }?.weight == 3)
    }

    @Test(arguments: [3, 150, 5_000])
    func `keeps a text that was said very often`(times: Int) {
        let trained = data(Shop.rows, (0..<times).map { item("late box", "delivery", id: "\($0)") })
        let parsed = DataFile.parse(SnapshotFile.bytes(of: trained), format: .jsonl)
        #expect(parsed.rows.contains { $0.text == "late box" })
        #expect(parsed.findings.filter { $0.severity == .error } == [])
    }

    @Test func `leaves out what equals a test row, and says so`() {
        let trained = data(
            [
                DataRow(text: "money back", intent: "refund", split: .test, line: 2),
                DataRow(text: "Money back!", intent: "refund", split: .train, line: 3),
                DataRow(text: "money  back", intent: "delivery", split: .val, line: 4),
                DataRow(text: "cash back", intent: "refund", split: .train, line: 5),
            ],
            [item("MONEY BACK", "delivery")]
        )
        #expect(trained.rows(of: .train).map(\.text) == ["cash back"])
        #expect(trained.rows(of: .val).isEmpty)
        #expect(trained.rows(of: .test).map(\.text) == ["money back"])
        #expect(trained.findings.filter { $0.code == "equals_test_row" }.map(\.line) == [3, 4])
        #expect(trained.applied.isEmpty)
    }

    @Test func `has no text in train and in val`() {
        let trained = data(
            [
                DataRow(text: "one", intent: "a", split: .train), DataRow(text: "One!", intent: "a", split: .val),
                DataRow(text: "two", intent: "a", split: .val), DataRow(text: "three", intent: "b", split: .val),
                DataRow(text: "Three", intent: "a", split: .train), DataRow(text: "four", intent: "b", split: .val),
            ],
            [item("two?", "b")]
        )
        #expect(trained.rows(of: .val).map(\.text) == ["four"])
    }

    @Test func `lets one correction beat one prepared row, and not hundreds`() {
        let one = data([DataRow(text: "late box", intent: "refund", split: .train)], [item("Late box!", "delivery")])
        #expect(one.rows.map(\.intent) == ["delivery"])
        #expect(one.findings.contains { $0.code == "conflict_settled" })
        let many = data(
            (0..<300).map { _ in DataRow(text: "late box", intent: "refund", split: .train) },
            [item("late box", "delivery")]
        )
        #expect(many.rows.map(\.intent) == ["refund"])
        // Other texts are not touched by the contrary row.
        let others = data(
            (0..<300).map { DataRow(text: "late box \($0)", intent: "refund", split: .train) },
            [item("late box 7", "delivery")]
        )
        #expect(others.rows.filter { $0.intent == "refund" }.count == 299)
    }

    @Test func `settles a conflict by the greater weight of people, too`() {
        let feedback = [
            item("late box", "delivery", id: "1"), item("late box", "refund", uid: 6, id: "2"),
            item("late box", "refund", uid: 7, id: "3"),
        ]
        #expect(data([], feedback).rows.map(\.intent) == ["refund"])
    }

    @Test func `leaves out conflicts of the file that nobody decided`() {
        let trained = data([
            DataRow(text: "late box", intent: "refund", split: .train, line: 2),
            DataRow(text: "late box", intent: "delivery", split: .train, line: 3),
        ])
        #expect(trained.rows.isEmpty)
        #expect(trained.undecided == [TrainingData.Undecided(intents: ["delivery", "refund"], lines: [2, 3])])
    }

    @Test func `scales one uid down to its share, and nobody whom an admin vouched for`() {
        let file = (0..<95).map { DataRow(text: "prepared \($0)", intent: "refund", split: .train) }
        let feedback = (0..<50).map { item("said \($0)", "refund", uid: 66, byAdmin: false, id: "\($0)") }
        let capped = data(file, feedback)
        #expect(abs(weight(capped, "refund") - 100) < 1e-6)
        #expect(capped.findings.contains { $0.code == "share_capped" })
        let free = data(file, feedback.map { item($0.text, "refund", uid: 66, byAdmin: true, id: $0.id) })
        #expect(weight(free, "refund") == 595)
        #expect(!free.findings.contains { $0.code == "share_capped" })
        #expect(weight(data(file, feedback, share: 1), "refund") == 595)
    }

    @Test func `gives none of several flooding uids more than its share`() {
        let file = (0..<90).map { DataRow(text: "prepared \($0)", intent: "refund", split: .train) }
        let feedback = (0..<60).map {
            item("said \($0)", "refund", uid: UInt32(60 + $0 % 3), byAdmin: false, id: "\($0)")
        }
        let capped = data(file, feedback)
        let total = weight(capped, "refund")
        for uid in 0..<3 {
            let texts = Set((0..<60).filter { $0 % 3 == uid }.map { "said \($0)" })
            let share = capped.rows.filter { texts.contains($0.text) }.reduce(0) { $0 + ($1.weight ?? 1) } / total
            #expect(share <= 0.05 + 1e-9)
        }
    }

    @Test func `lets nobody gain weight by repeating himself`() {
        let file = (0..<30).map { _ in DataRow(text: "late box", intent: "refund", split: .train) }
        let flood = (0..<40).map { item("late box", "delivery", uid: 66, byAdmin: $0 > 20, id: "\($0)") }
        #expect(data(file, flood).rows.map(\.intent) == ["refund"])
        // Four people are another matter.
        let crowd = (0..<4).map { item("late box", "delivery", uid: UInt32($0), id: "\($0)") }
        #expect(data(file, crowd).rows.map(\.intent) == ["delivery"])
    }

    @Test func `takes everybody at the last word`() {
        let words = [item("late box", "refund", id: "1"), item("late box", "delivery", id: "2")]
        #expect(data([], words).rows.map(\.intent) == ["delivery"])
        #expect(data([], words).applied.map(\.id) == ["2"])
        #expect(data([], words.reversed()).rows.map(\.intent) == ["refund"])
    }
}

@Suite struct `Splits for a file that names none` {
    private func rows(_ count: Int, of intent: String) -> [DataRow] {
        (0..<count).map { DataRow(text: intent + Self.text($0), intent: intent) }
    }

    /// Different words for different numbers: none is near another.
    private static func text(_ number: Int) -> String {
        var generator = SeededGenerator(seed: UInt64(number) &+ 1_000)
        return (0..<4).map { _ in
            " " + String((0..<6).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement(using: &generator) ?? "a" })
        }
        .joined()
    }

    private func counts(_ rows: [DataRow]) -> [Split: Int] {
        rows.reduce(into: [:]) { $0[$1.split ?? .train, default: 0] += 1 }
    }

    @Test(arguments: [
        (4, 4, 0, 0), (5, 4, 1, 0), (6, 5, 1, 0), (10, 8, 1, 1), (100, 80, 10, 10), (1_005, 805, 100, 100),
    ])
    func `take a tenth of each intent for measuring, and of few rows none`(
        count: Int,
        train: Int,
        test: Int,
        val: Int
    ) {
        let assigned = SplitAssignment.assign(rows(count, of: "a") + rows(100, of: "b"))
        let mine = counts(assigned.filter { $0.intent == "a" })
        #expect(mine[.train] == train)
        #expect(mine[.test] ?? 0 == test)
        #expect(mine[.val] ?? 0 == val)
    }

    @Test func `leave a file alone that names some`() {
        var file = rows(50, of: "a")
        file[3].split = .test
        #expect(SplitAssignment.assign(file) == file)
    }

    @Test func `do not depend on the order, and keep nearly all rows where they were when others come`() {
        var generator = SeededGenerator(seed: 61)
        let file = rows(200, of: "a") + rows(150, of: "b")
        let splits = Dictionary(uniqueKeysWithValues: SplitAssignment.assign(file).map { ($0.text, $0.split) })
        for row in SplitAssignment.assign(generator.shuffled(file)) { #expect(splits[row.text] == row.split) }
        let more = SplitAssignment.assign(
            file + (200..<210).map { DataRow(text: "a" + Self.text($0), intent: "a") }
        )
        let moved = more.count { row in splits[row.text].map { $0 != row.split } ?? false }
        #expect(moved <= 4)
    }

    @Test func `have no text on two sides, under one intent or two`() {
        let file =
            rows(100, of: "a") + rows(100, of: "a").map { DataRow(text: $0.text.uppercased() + "?", intent: "a") }
            + rows(100, of: "a").map { DataRow(text: $0.text, intent: "b") } + rows(50, of: "b")
        var sides: [String: Set<Split>] = [:]
        var key = WordKey()
        for row in SplitAssignment.assign(file) { sides[key(row.text), default: []].insert(row.split ?? .train) }
        #expect(sides.values.allSatisfy { $0.count == 1 })
    }

    @Test func `have no two texts on two sides that are nearly the same`() {
        let file = (0..<60).flatMap { number in
            ["", "please ", "quick question, "].flatMap { opening in
                ["a", "b"].map { DataRow(text: opening + "is it about\(Self.text(number))", intent: $0) }
            }
        }
        let assigned = SplitAssignment.assign(file)
        #expect(Set(assigned.map(\.split)) == [.train, .val, .test])
        for place in stride(from: 0, to: file.count, by: 6) {
            #expect(Set(assigned[place..<place + 6].map(\.split)).count == 1)
        }
    }

    @Test func `say of which intents nothing could be spared`() {
        let alike = (0..<20).map { DataRow(text: "order \($0) has not come", intent: "late", line: $0 + 2) }
        let file = alike + rows(20, of: "a") + [DataRow(text: "few", intent: "few")]
        let findings = SplitAssignment.findings(file, assigned: SplitAssignment.assign(file))
        #expect(findings.map(\.code) == ["no_test_rows", "no_test_rows"])
        #expect(findings.map(\.line) == [0, 2])
        #expect(
            findings.map(\.message) == [
                "Nothing can be measured of few: it has only 1 row.",
                "Nothing can be measured of late: its sentences are all alike.",
            ]
        )
        let named = alike.map { row in
            var row = row
            row.split = .train
            return row
        }
        let told = SplitAssignment.findings(named, assigned: SplitAssignment.assign(named))
        #expect(told.map(\.code) == ["no_test_rows"])
        #expect(told[0].message.contains("the file puts none of its rows into split test"))
    }

    @Test func `tie near texts of one intent only, and let no intent take another's`() {
        let block = [
            "please block my bank card", "my wallet was stolen", "I lost it on the bus", "freeze everything at once",
            "stop all payments today",
        ]
        let unblock = [
            "please unblock my bank card", "unblock my bank card please", "unblock my bank card",
            "can you unblock my bank card", "could you unblock my bank card", "unblock my bank card now",
        ]
        let file =
            block.map { DataRow(text: $0, intent: "block") } + unblock.map { DataRow(text: $0, intent: "unblock") }
        let assigned = SplitAssignment.assign(file)
        #expect(counts(assigned.filter { $0.intent == "block" }) == [.train: 4, .test: 1])
        #expect(counts(assigned.filter { $0.intent == "unblock" }) == [.train: 6])
        #expect(
            SplitAssignment.findings(file, assigned: assigned).map(\.message) == [
                "Nothing can be measured of unblock: its sentences are all alike."
            ]
        )
    }

    @Test func `leave an intent's rows where they are when another comes`() {
        let mine = rows(300, of: "a")
        let alone = SplitAssignment.assign(mine)
        // The other intent's texts are near, and none is the same.
        let others = mine.map { DataRow(text: "please " + $0.text, intent: "b") }
        #expect(Array(SplitAssignment.assign(mine + others)[..<300]) == alone)
    }

    @Test func `never cut a group that the file names, nor leave train less than 70 %`() {
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            let sizes = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                Int.random(in: 1...12, using: &generator)
            }
            var file: [DataRow] = []
            for (group, size) in sizes.enumerated() {
                for _ in 0..<size {
                    file.append(DataRow(text: Self.text(file.count), intent: "a", group: "template \(group)"))
                }
            }
            let assigned = SplitAssignment.assign(file)
            for rows in Dictionary(grouping: assigned, by: \.group).values {
                #expect(Set(rows.map(\.split)).count == 1)
            }
            #expect((counts(assigned)[.train] ?? 0) * 10 >= file.count * 7)
        }
    }
}
