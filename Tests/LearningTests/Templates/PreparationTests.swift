import Foundation
import Learning
import Testing

@Suite struct PreparationTests {
    /// The file that the project ships. The path is not tidied on purpose: it may lead through a link.
    private func bundled(_ name: String) throws -> [UInt8] {
        let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
        return [UInt8](try #require(FileManager.default.contents(atPath: "/\(folder)/../../../data/\(name)")))
    }

    private func small(_ templates: [String], other: [String] = ["v", "w", "x", "y", "z"]) throws -> IntentsFile {
        let lines = { (list: [String]) in list.map { "      \($0)\n" }.joined() }
        return try IntentsFile(
            yaml: "intents:\n  a:\n    templates: |\n\(lines(templates))  b:\n    templates: |\n\(lines(other))"
        )
    }

    @Test func `the shop's file is enough to train on`() throws {
        let file = try IntentsFile(yaml: try bundled("intents.yaml"))
        #expect(file.warnings.isEmpty)
        #expect(file.intents.count >= 28)
        #expect(file.intents.allSatisfy { (2...4).contains($0.responses.count) })
        #expect(file.outOfScope.count >= 220)
        let policies = Dictionary(uniqueKeysWithValues: file.intents.map { ($0.name, $0.policy) })
        #expect(policies["order_status"] == .auto)
        for name in ["greeting", "thanks", "who_are_you", "goodbye"] { #expect(policies[name] == .local) }
        for name in ["complaint", "human"] { #expect(policies[name] == .neverLocal) }

        let prepared = try Preparation.rows(from: file, seed: 1)
        #expect(prepared.findings.isEmpty)
        #expect(prepared.rows.count >= 4_500)
        for intent in prepared.report.intents {
            for split in Split.allCases { #expect((intent.rows[split] ?? 0) >= 5) }
        }
        let parsed = DataFile.parse(prepared.csv, format: .csv)
        #expect(parsed.usable)
        #expect(parsed.findings.isEmpty)
        #expect(parsed.rows.count == prepared.rows.count)
    }

    @Test(arguments: [0, 1, 2, 77, UInt64.max])
    func `no seed puts one sentence on two sides or under two intents`(seed: UInt64) throws {
        let file = try IntentsFile(yaml: try bundled("intents.yaml"))
        let prepared = try Preparation.rows(from: file, seed: seed)
        let parsed = DataFile.parse(prepared.csv, format: .csv)
        #expect(parsed.findings.isEmpty)
    }

    @Test func `the same seed gives the same bytes and another seed others`() throws {
        let file = try IntentsFile(yaml: try bundled("intents.yaml"))
        let first = try Preparation.rows(from: file, seed: 5).csv
        #expect(try Preparation.rows(from: file, seed: 5).csv == first)
        #expect(try Preparation.rows(from: file, seed: 6).csv != first)
    }

    @Test func `the golden cases cover every intent and no other`() throws {
        let file = try IntentsFile(yaml: try bundled("intents.yaml"))
        let golden = DataFile.parse(try bundled("golden.csv"), format: .csv)
        #expect(golden.usable)
        #expect((40...80).contains(golden.rows.count))
        #expect(Set(golden.rows.map(\.intent)) == Set(file.intents.map(\.name)))
        #expect(!golden.findings.contains { $0.severity == .error })
    }

    @Test func `a template is on one side only`() throws {
        // Each template has a word of its own.
        let templates = (0..<20).map { "word\($0) (a|b|c|d|e|f|g|h|i|j)" }
        let prepared = try Preparation.rows(from: try small(templates), seed: 9)
        var sides: [Substring: Set<String>] = [:]
        for row in prepared.rows where row.intent == "a" {
            let word = row.text.lowercased().prefix { $0 != " " }
            sides[word, default: []].insert(row.split?.rawValue ?? "")
        }
        #expect(sides.count == 20)
        #expect(sides.values.allSatisfy { $0.count == 1 })
        let report = try #require(prepared.report.intents.first)
        #expect(report.templates == [.train: 14, .val: 3, .test: 3])
        #expect(report.sentences == 200)
    }

    @Test func `adding an intent leaves the others as they were`() throws {
        let templates = (0..<8).map { "word\($0) (a|b|c|d|e)" }
        let one = try Preparation.rows(from: try small(templates), seed: 1)
        let two = try Preparation.rows(from: try small(templates, other: ["1", "2", "3", "4", "5", "6"]), seed: 1)
        #expect(one.rows.filter { $0.intent == "a" } == two.rows.filter { $0.intent == "a" })
    }

    @Test func `rows are spread over the templates as far as they go`() throws {
        var settings = Preparation.Settings()
        settings.rowsPerIntent = 50
        let templates = ["only", "this", "that", "much (a|b|c|d|e|f|g) (h|i|j|k|l|m|n)", "more (a|b|c|d|e|f|g|h)"]
        let prepared = try Preparation.rows(from: try small(templates), seed: 3, settings: settings)
        #expect(prepared.rows.count { $0.intent == "a" } == 50)
    }

    @Test func `a sentence of two intents is an error that names both lines`() throws {
        let file = try small(["one", "two", "three", "four", "five"], other: ["v", "w", "x", "Two!", "z"])
        let error = #expect(throws: IntentsFileError.self) { try Preparation.rows(from: file, seed: 1) }
        let finding = try #require(error?.findings.first)
        #expect(finding.code == "conflicting_intents")
        #expect(finding.line == 14)
        #expect(finding.otherLine == 5)
    }

    @Test func `too few templates are an error`() throws {
        let error = #expect(throws: IntentsFileError.self) {
            try Preparation.rows(from: try small(["one", "two"]), seed: 1)
        }
        #expect(error?.findings.map(\.code) == ["few_templates"])
        #expect(error?.line == 2)
    }

    @Test func `a sentence that two templates make is kept once`() throws {
        let file = try small(["same (a|b)", "same [a] (b|c)", "same (c|d)", "one", "two", "three"])
        let prepared = try Preparation.rows(from: file, seed: 2)
        let texts = prepared.rows.map(\.text)
        #expect(Set(texts.map { $0.lowercased() }).count == texts.count)
    }

    @Test func `a bracket bomb is prepared at once`() throws {
        let bomb = String(repeating: "(a|b|c|d|e|f|g|h)", count: 100)
        let prepared = try Preparation.rows(from: try small([bomb, "two", "three", "four", "five"]), seed: 1)
        #expect(prepared.report.intents.first?.sentences == SentenceSource.unbounded)
        #expect(prepared.rows.count > 100)
    }
}
