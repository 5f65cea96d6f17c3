import TestSupport
import Testing
import Wire

@testable import Learning

@Suite struct `Before a training` {
    private func data(_ file: [DataRow], _ feedback: [FeedbackItem] = []) -> TrainingData {
        TrainingData(file: file, feedback: feedback, rules: .usual())
    }

    private func codes(_ data: TrainingData) -> [String] { data.checks().map(\.code) }

    private func rows(_ intent: String, _ count: Int, split: Split = .train) -> [DataRow] {
        let words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliett"]
        return (0..<count).map {
            DataRow(text: "\(intent) \(words[$0 % 10]) \(words[$0 / 10])", intent: intent, split: split)
        }
    }

    @Test func `good data has no findings`() throws {
        #expect(codes(data(rows("one", 20) + rows("two", 20) + rows("oos", 5))) == [])
    }

    @Test func `data that shows nothing to leave alone is said, with what to add`() throws {
        let finding = try #require(data(rows("one", 20) + rows("two", 20)).checks().first)
        #expect(finding.code == "no_oos_rows" && finding.severity == .warning)
        #expect(finding.remedy.contains("oos") && finding.remedy.contains("50"))
    }

    @Test func `three things stop it, and say what to do`() {
        let stopped: [(TrainingData, String)] = [
            (data(rows("one", 20, split: .test)), "no_rows"), (data(rows("one", 20)), "one_intent"),
            (data(rows("one", 20) + rows("oos", 20)), "one_intent"),
            (data(rows("one", 20) + rows("one", 20).map { DataRow(text: $0.text, intent: "two") }), "most_in_conflict"),
        ]
        for (data, code) in stopped {
            let stops = data.checks().filter { $0.severity == .error }
            #expect(stops.map(\.code) == [code])
            let failure = #expect(throws: TrainingSource.Failure.self) { try data.checked() }
            #expect(failure?.description.contains("(\(code))") == true)
        }
    }

    @Test func `a few conflicts, thin intents and intents without rows to learn are said`() throws {
        let some = data(
            rows("one", 20) + rows("two", 20) + rows("oos", 5) + rows("thin", 3) + rows("only_test", 9, split: .test)
                + [DataRow(text: "one alpha alpha", intent: "two")]
        )
        #expect(codes(some) == ["no_train_rows", "few_rows", "conflicting_intents"])
        #expect(try some.checked().findings.count == 3)
    }

    @Test func `texts in conflict are left out by line, and the others train`() throws {
        let file = DataFile.parse(Array((try scripts("redacted-alike")).utf8), format: .csv)
        let alike = file.findings.filter { $0.code == "conflicting_intents" }
        #expect(alike.map(\.line) == [3, 5] && alike.map(\.otherLine) == [2, 4])
        #expect(alike.first?.message.contains("see <url>") == true)
        let checked = try data(file.rows).checked()
        #expect(Set(checked.rows.map(\.intent)) == ["parcel", "cancel"])
        let said = checked.findings.filter { $0.code == "conflicting_intents" }
        #expect(said.map(\.line) == [2, 4] && said.map(\.otherLine) == [3, 5])
        #expect(said.allSatisfy { $0.message.contains("once personal data is redacted") })
        #expect(checked.findings.filter { $0.code == "no_train_rows" }.count == 4)
    }

    @Test func `the remedies of a conflict work: one line goes, or feedback decides`() throws {
        var rows = DataFile.parse(Array((try scripts("redacted-alike")).utf8), format: .csv).rows
        let decided = try data(rows, [Said.item("see https://a.example.org", "shop", uid: 1, byAdmin: true, id: "1")])
            .checked()
        #expect(decided.rows.contains { $0.intent == "shop" } && !decided.rows.contains { $0.intent == "blog" })
        rows.removeAll { $0.line == 3 || $0.line == 5 }
        let mended = try data(rows).checked()
        #expect(Set(mended.rows.map(\.intent)) == ["shop", "sales", "parcel", "cancel"])
        #expect(!mended.findings.contains { $0.code == "conflicting_intents" })
    }

    @Test func `a file of nothing but conflicts names its lines`() throws {
        let text = "text,intent\nping 192.0.2.1,router\nping 192.0.2.2,printer\n"
        let failure = #expect(throws: TrainingSource.Failure.self) {
            try data(DataFile.parse(Array(text.utf8), format: .csv).rows).checked()
        }
        #expect(failure?.description.contains("lines 2 and 3") == true)
    }

    private func scripts(_ name: String) throws -> String { try Scripts.text(name) }

    @Test func `rows that nearly equal a locked test row are counted by intent`() {
        let near = data(
            rows("one", 20) + rows("two", 20) + rows("oos", 5) + [
                DataRow(text: "where is my parcel", intent: "one", split: .test),
                DataRow(text: "please, where is my parcel?", intent: "one"),
                DataRow(text: "where is my parccel", intent: "one", split: .val),
                DataRow(text: "where is my parcel now", intent: "two"),
            ]
        ).checks()
        #expect(near.map(\.code) == ["near_test_row", "near_test_row"])
        #expect(near.map(\.severity) == [.note, .note])
        #expect(near[0].message.hasPrefix("2 rows of one nearly equal"))
    }

    @Test func `a burst of one person is said, and twenty words an hour are none`() {
        let file = rows("one", 20) + rows("two", 20) + rows("oos", 5)
        func words(_ count: Int, every seconds: Int64, byAdmin: Bool = false) -> [FeedbackItem] {
            rows("said", count).enumerated().map { number, row in
                Said.item(row.text, "one", uid: 66, at: Int64(number) * seconds, byAdmin: byAdmin, id: "\(number)")
            }
        }
        #expect(codes(data(file, words(21, every: 100))) == ["feedback_burst"])
        #expect(codes(data(file, words(20, every: 100))) == [])
        #expect(codes(data(file, words(90, every: 180))) == [])
        #expect(codes(data(file, words(90, every: 170))) == ["feedback_burst"])
        #expect(codes(data(file, words(90, every: 1, byAdmin: true))) == [])
    }
}
