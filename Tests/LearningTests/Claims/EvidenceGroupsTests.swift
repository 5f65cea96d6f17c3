import Learning
import Testing

@Suite struct `Groups of evidence` {
    private func groups(_ rows: [DataRow]) -> [Int] { EvidenceGroups(rows).leaders }

    @Test func `hold rows of one template, of the same words, and near texts of one intent`() {
        let rows = [
            DataRow(text: "I want to cancel my booking for Monday", intent: "cancel", group: "a"),
            DataRow(text: "call off the visit", intent: "cancel", group: "a"),
            DataRow(text: "Call OFF the visit!", intent: "cancel"),
            DataRow(text: "please call off the visit", intent: "cancel"),
            DataRow(text: "something else altogether", intent: "cancel"),
        ]
        #expect(groups(rows) == [0, 0, 0, 0, 4])
    }

    @Test func `do not reach across intents, whatever the texts and the names of groups`() {
        let rows = [
            DataRow(text: "block my bank card", intent: "block", group: "1"),
            DataRow(text: "unblock my bank card", intent: "unblock", group: "1"),
            DataRow(text: "block my bank card", intent: "unblock"),
        ]
        #expect(groups(rows) == [0, 1, 1])
    }

    @Test func `do not depend on the order of the rows`() {
        let rows = (0..<30).map { number in
            DataRow(text: "row \(number % 7) says \(["this", "that", "nothing"][number % 3])", intent: "i\(number % 2)")
        }
        func pairs(_ rows: [DataRow]) -> Set<[String]> {
            let leaders = groups(rows)
            var pairs: Set<[String]> = []
            for one in rows.indices {
                for two in rows.indices where leaders[one] == leaders[two] && rows[one].text < rows[two].text {
                    pairs.insert([rows[one].text, rows[two].text])
                }
            }
            return pairs
        }
        #expect(pairs(rows.reversed()) == pairs(rows))
    }

    @Test func `are counted for each intent`() {
        let rows = [
            DataRow(text: "where is my parcel", intent: "delivery"),
            DataRow(text: "where is my parcl", intent: "delivery"),
            DataRow(text: "money back", intent: "refund"), DataRow(text: "reimburse me", intent: "refund"),
        ]
        #expect(Evidence(rows).groups() == ["delivery": 1, "refund": 2])
    }

    @Test func `of one template only are said, since nothing can be held out of them`() {
        let alike = (1...9).map { DataRow(text: "order \($0) has not come", intent: "late", split: .train) }
        let others = ["money back", "reimburse me", "credit the amount"].map {
            DataRow(text: $0, intent: "refund", split: .train)
        }
        let rules = TrainingData.Rules(feedbackWeight: 10, maxSharePerUID: 0.05, maxShareUnreviewed: 0.2)
        let found = TrainingData(file: alike + others, feedback: [], rules: rules).checks().filter {
            $0.code == "one_group"
        }
        #expect(
            found.map(\.message) == [
                "The rows of late are all of one group, so how right it is cannot be estimated."
            ]
        )
    }
}
