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
