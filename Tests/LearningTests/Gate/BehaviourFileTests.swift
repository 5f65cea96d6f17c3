import Foundation
import TestSupport
import Testing
import Wire
import World

@testable import Classifier
@testable import Learning

@Suite struct `The behaviour file` {
    private func file(_ yaml: String) -> BehaviourFile { BehaviourFile(yaml: Array(yaml.utf8)) }

    @Test func `has cases by intent, with their lines`() {
        let file = file(
            """
            must:
              order_status: [where is it, "and now: where"]
              refund: |
                # what is not trained
                my money back

                give it back
            must_not:
              refund:
                - hello
            invariance:
              refund: [my money]
            perturbations: [typo, politeness]
            direction:
              - { text: my order, add: please cancel it, raises: cancel_order }
              - text: my order
                add: where is it
                lowers: cancel_order
            """
        )
        #expect(file.findings.isEmpty)
        var expected = Behaviour()
        expected.must = [
            .init("where is it", "order_status", line: 2), .init("and now: where", "order_status", line: 2),
            .init("my money back", "refund", line: 5), .init("give it back", "refund", line: 7),
        ]
        expected.mustNot = [.init("hello", "refund", line: 10)]
        expected.invariance = [.init("my money", "refund", line: 12)]
        expected.perturbations = [.typo, .politeness]
        expected.direction = [
            .init("my order", adding: "please cancel it", raises: true, "cancel_order", line: 15),
            .init("my order", adding: "where is it", raises: false, "cancel_order", line: 16),
        ]
        #expect(file.behaviour == expected)
    }

    static let mistakes: [(yaml: String, code: String, line: Int?)] = [
        ("must:\n  a: [b]\nmust_nt:\n  a: [c]\n", "unknown_key", 3), ("must: [a]\n", "bad_value", 1),
        ("must:\n  a: b\n", "bad_value", 2), ("must:\n  a: [[b]]\n", "bad_value", 2),
        ("perturbations: [typo, rhyme]\n", "bad_value", 1), ("direction: a\n", "bad_value", 1),
        ("direction:\n  - { text: a, add: b, raises: c, why: d }\n", "unknown_key", 2),
        ("direction:\n  - { text: a, raises: c }\n", "missing_key", 2),
        ("direction:\n  - { text: a, add: b, raises: c, lowers: c }\n", "missing_key", 2),
        ("direction:\n  - { text: a, add: [b], raises: c }\n", "bad_value", 2),
        ("must:\n  a: [b\n", "invalid_yaml", 2), ("must: { a: [b] }\nmust: { a: [c] }\n", "repeated", 1),
        ("- a\n", "bad_value", 1),
    ]

    @Test(arguments: mistakes)
    func `says of each mistake where it is`(yaml: String, code: String, line: Int?) {
        let file = file(yaml)
        #expect(file.findings.map(\.code) == [code], "\(file.findings)")
        #expect(file.findings.first?.line == line)
        #expect(file.findings.first?.severity == .error)
    }

    @Test func `may be empty, absent, or no text at all`() throws {
        for yaml in ["", "# nothing yet\n"] {
            #expect(file(yaml).findings.isEmpty)
            #expect(file(yaml).behaviour == Behaviour())
        }
        let many = "must:\n  a: |\n" + (0...10_000).map { "    \($0)\n" }.joined()
        #expect(file(many).findings.map(\.line) == [2])
        #expect(BehaviourFile(yaml: [0x6D, 0xFF]).findings.map(\.code) == ["bad_value"])
        let folders = Folders(models: "/m", data: "/d", logs: "/l")
        #expect(BehaviourFile(files: MemoryFileSystem(), folders: folders).findings.isEmpty)
    }

    @Test func `makes the same changes to the same text`() {
        let text = "Where is my parcel, please?"
        let changed = Perturbation.allCases.map { $0.applied(to: text) }
        #expect(changed == Perturbation.allCases.map { $0.applied(to: text) })
        #expect(
            changed == [
                changed[0], "WHERE IS MY PARCEL, PLEASE?", "Where is my parcel please?!", text.dropLast() + ", please",
            ]
        )
        // Two letters have changed places, inside one word.
        #expect(changed[0] != text && changed[0]?.sorted() == text.sorted())
        #expect(changed[0]?.hasPrefix("Where is my p") == true)
        for text in ["", "?", "hi", "aaaa", "no ok"] { #expect(Perturbation.typo.applied(to: text) == nil) }
        #expect(Perturbation.case.applied(to: "4711") == nil)
    }

    /// The file that the project ships. The path is not tidied on purpose: it may lead through a link.
    private func bundled(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return [UInt8](try #require(FileManager.default.contents(atPath: "/\(folder)/../../../data/\(name)")))
    }

    private func train(_ rows: [DataRow]) async throws -> Model {
        try await Trainer.train(
            VersionBuilder.examples(rows, .train),
            validation: VersionBuilder.examples(rows, .val),
            settings: Settings()
        )
    }

    /// The shop's model behaves as the shop's file wants, and versions of it that had a little less data to learn from
    /// are no reason to refuse it.
    @Test func `of the shop is kept by the shop's model`() async throws {
        let source = try IntentsFile(yaml: try bundled("intents.yaml"))
        let file = BehaviourFile(yaml: try bundled("behaviour.yaml"))
        #expect(file.findings.isEmpty)
        let known = Set(source.intents.map(\.name))
        #expect(Set(file.behaviour.must.map(\.intent)) == known)
        #expect(Set(file.behaviour.invariance.map(\.intent)) == known)
        #expect(Set(file.behaviour.mustNot.map(\.intent)).isSubset(of: known))
        #expect(Set(file.behaviour.direction.map(\.intent)).isSubset(of: known))

        let rows = try Preparation.rows(from: source, seed: PreparedFile.defaultSeed).rows
        let model = try await train(rows)
        let gate = Gate(
            tests: rows.filter { $0.split == .test },
            golden: GoldenFile(csv: try bundled("golden.csv")),
            behaviour: file,
            clock: ManualClock().clock
        )
        let first = gate.verdict(challenger: model, champion: nil)
        #expect(first.outcome == .pass, "\(first.behaviourMissed)")
        #expect(first.findings.isEmpty)
        var outcomes: [Gate.Outcome: Int] = [:]
        for seed in UInt64(1)...12 {
            var random = SeededGenerator(seed: seed)
            let less = random.shuffled(rows.filter { $0.split != .test }).dropLast(rows.count / 15)
            outcomes[gate.verdict(challenger: model, champion: try await train(Array(less))).outcome, default: 0] += 1
        }
        #expect(outcomes[.fail] == nil)
        #expect(outcomes[.pass] ?? 0 >= 10)
    }
}
