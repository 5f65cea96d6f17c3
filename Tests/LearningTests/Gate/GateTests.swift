import Classifier
import TestSupport
import Testing
import Text
import Wire

@testable import Learning

@Suite struct `The gate` {
    private func model(_ rows: [DataRow]) async throws -> Model {
        try await Trainer.train(
            VersionBuilder.examples(rows, .train),
            validation: VersionBuilder.examples(rows, .val),
            settings: Settings()
        )
    }

    /// The shop with the names of two intents swapped in `count` of the training sentences.
    private func confused(_ intents: (String, String)) -> [DataRow] {
        Shop.rows.map { row in
            var row = row
            guard row.split != .test else { return row }
            if row.intent == intents.0 {
                row.intent = intents.1
            } else if row.intent == intents.1 {
                row.intent = intents.0
            }
            return row
        }
    }

    private func tests(_ times: Int = 1) -> [DataRow] {
        let rows = Shop.rows.filter { $0.split == .test }
        return (0..<times).flatMap { _ in rows }
    }

    private func gate(_ tests: [DataRow], _ golden: [DataRow] = []) -> Gate {
        Gate(tests: tests, golden: GoldenFile(golden), clock: ManualClock().clock)
    }

    /// An intent that is gone has no test rows, either, so that everything else looks fine.
    @Test(
        arguments: [
            (golden: nil, behaviour: nil, outcome: Gate.Outcome.borderline),
            (golden: "refund", behaviour: nil, outcome: .fail), (golden: nil, behaviour: "refund", outcome: .fail),
            (golden: "hours", behaviour: "hours", outcome: .borderline),
        ] as [(golden: String?, behaviour: String?, outcome: Gate.Outcome)]
    )
    func `asks about an intent that is gone`(
        golden: String?,
        behaviour: String?,
        outcome: Gate.Outcome
    ) async throws {
        let rows = Shop.rows.filter { $0.intent != "refund" }
        var cases = Behaviour()
        cases.must = behaviour.map { [.init("when do you open", $0)] } ?? []
        let golden = golden.map { [DataRow(text: "when do you open", intent: $0)] } ?? []
        let verdict = Gate(
            tests: tests().filter { $0.intent != "refund" },
            golden: GoldenFile(golden),
            behaviour: BehaviourFile(cases),
            clock: ManualClock().clock
        ).verdict(challenger: try await model(rows), champion: try await model(Shop.rows))
        let check = try #require(verdict["intents_gone"])
        #expect(check.outcome == outcome && check.value == 1 && check.message.contains("refund"))
        #expect(verdict.outcome == outcome)
    }

    @Test func `does not miss an intent that was taken out of the champion's data`() async throws {
        let rows = Shop.rows.filter { $0.intent != "refund" }
        let verdict = Gate(tests: tests(), taught: ["hours", "delivery", "greeting"], clock: ManualClock().clock)
            .verdict(challenger: try await model(rows), champion: try await model(Shop.rows))
        #expect(verdict["intents_gone"]?.outcome == .pass)
    }

    @Test func `does not mind an intent that is new`() async throws {
        let (all, fewer) = (try await model(Shop.rows), try await model(Shop.rows.filter { $0.intent != "refund" }))
        #expect(gate(tests()).verdict(challenger: all, champion: fewer)["intents_gone"]?.outcome == .pass)
    }

    @Test func `passes an equal`() async throws {
        let good = try await model(Shop.rows)
        let verdict = gate(tests()).verdict(challenger: good, champion: good)
        #expect(verdict.outcome == .pass)
        #expect(verdict.fixed.isEmpty && verdict.broken.isEmpty)
        let accuracy = try #require(verdict.checks.first { $0.name == "accuracy" })
        #expect(accuracy.value == 0)
        #expect(accuracy.limit == -0.005)
        #expect((accuracy.low ?? 1) < 0 && (accuracy.high ?? -1) > 0)
    }

    @Test func `fails what is proven worse, and names the sentences`() async throws {
        let (good, bad) = (try await model(Shop.rows), try await model(confused(("delivery", "refund"))))
        let verdict = gate(tests(20)).verdict(challenger: bad, champion: good)
        #expect(verdict.outcome == .fail)
        #expect(Set(verdict.broken.map(\.intent)).isSubset(of: ["delivery", "refund"]))
        #expect(verdict.json["verdict"] == "fail")
        #expect(verdict.json["broken"]?.array?.count == 20)
        // And the other way round it is an improvement.
        let better = gate(tests(20)).verdict(challenger: good, champion: bad)
        #expect(better.outcome == .pass)
        #expect(better.fixed.count == verdict.broken.count)
    }

    @Test func `calls borderline what only looks worse`() async throws {
        let (good, bad) = (try await model(Shop.rows), try await model(confused(("delivery", "refund"))))
        // One broken row in a hundred: a point worse, and no proof of half a point.
        let broken = try #require(tests().first { $0.intent == "delivery" })
        let others = (0..<99).map { _ in DataRow(text: "good morning", intent: "greeting", split: .test) }
        let verdict = gate([broken] + others).verdict(challenger: bad, champion: good)
        #expect(verdict.broken.count == 1)
        #expect(verdict.outcome == .borderline)
    }

    @Test func `fails a missed golden case, however good the rest`() async throws {
        let good = try await model(Shop.rows)
        let golden = [
            DataRow(text: "where is my parcel", intent: "delivery"), DataRow(text: "hello there", intent: "refund"),
        ]
        let verdict = gate(tests(), golden).verdict(challenger: good, champion: good)
        #expect(verdict.outcome == .fail)
        #expect(verdict.goldenMissed.map(\.text) == ["hello there"])
        let first = gate(tests(), golden).verdict(challenger: good, champion: nil)
        #expect(first.outcome == .fail)
    }

    @Test func `does not praise a champion for what it learnt by heart`() async throws {
        let (good, bad) = (try await model(Shop.rows), try await model(confused(("delivery", "refund"))))
        var key = WordKey()
        let learnt = Set(tests().filter { $0.intent == "delivery" || $0.intent == "refund" }.map { key($0.text) })
        let gate = Gate(tests: tests(20), seen: learnt, clock: ManualClock().clock)
        let verdict = gate.verdict(challenger: bad, champion: good)
        #expect(verdict.broken.isEmpty && verdict.outcome == .pass)
        #expect(verdict.findings.first?.code == "test_rows_seen")
        // What is left of nothing is everything.
        let all = Gate(tests: tests(20), seen: Set(tests().map { key($0.text) }), clock: ManualClock().clock)
        #expect(all.verdict(challenger: bad, champion: good).outcome == .fail)
    }

    @Test func `knows again by the letters of the data's language what a champion was trained on`() async throws {
        let good = try await model(Shop.rows)
        var key = WordKey(language: .tr)
        let seen: Set<String> = [key("ışığı aç")]
        let rows = tests() + [DataRow(text: "IŞIĞI AÇ", intent: "hours", split: .test)]
        for (language, knows) in [(TextSettings.Language.tr, true), (.und, false)] {
            let gate = Gate(tests: rows, seen: seen, language: language, clock: ManualClock().clock)
            let findings = gate.verdict(challenger: good, champion: good).findings
            #expect(findings.contains { $0.code == "test_rows_seen" } == knows)
        }
    }

    @Test func `does not pass over golden cases that it does not understand`() async throws {
        let good = try await model(Shop.rows)
        for (csv, line) in [("text,intent\nwhere is my parcel,delivery,x,y\n", 2), ("txt,intent\nhello,greeting\n", 1)]
        {
            let gate = Gate(tests: tests(), golden: GoldenFile(csv: Array(csv.utf8)), clock: ManualClock().clock)
            let verdict = gate.verdict(challenger: good, champion: good)
            #expect(verdict.names(of: .borderline) == ["golden"])
            #expect(verdict.findings.contains { $0.severity == .error && $0.line == line }, "\(verdict.findings)")
        }
        // One intent is enough for a case, and no case is one too.
        for csv in ["text,intent\nhello there,greeting\n", "text,intent\n"] {
            #expect(GoldenFile(csv: Array(csv.utf8)).findings.isEmpty)
        }
    }

    @Test func `notes a golden case of an intent that the data does not know`() async throws {
        let good = try await model(Shop.rows)
        let golden = [DataRow(text: "a gift card", intent: "vouchers", line: 3)]
        let verdict = gate(tests(), golden).verdict(challenger: good, champion: good)
        #expect(verdict.outcome == .pass)
        #expect(verdict.findings.map(\.code) == ["few_test_rows", "few_test_rows", "golden_unknown_intent"])
        #expect(verdict.findings.allSatisfy { $0.severity == .note })
    }

    @Test func `finds that there are no test rows, and passes`() async throws {
        let good = try await model(Shop.rows)
        let rows = [DataRow(text: "the capital of france", intent: "oos", split: .test)]
        for tests in [[], rows] {
            let verdict = gate(tests).verdict(challenger: good, champion: good)
            #expect(verdict.outcome == .pass)
            #expect(verdict.findings.first?.code == "no_test_rows")
        }
    }

    @Test func `measures a first version without comparing`() async throws {
        let good = try await model(Shop.rows)
        let verdict = gate(tests()).verdict(challenger: good, champion: nil)
        #expect(verdict.outcome == .pass)
        #expect(verdict.checks.first?.value ?? 0 > 0.8)
    }
}
