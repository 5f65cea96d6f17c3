import Learning
import TestSupport
import Testing
import World

@Suite struct `A file of responses` {
    private func read(_ yaml: String) throws -> ResponsesFile { try ResponsesFile(yaml: Array(yaml.utf8)) }

    private let intents = """
        intents:
          refund:
            policy: local
            responses: [In five days.]
            templates: |
              money back
          hours:
            summary: When we are open.
            otherwise: Please ring us.
            templates: |
              when do you open
        """

    @Test func `needs no templates, and names intents as the data has them`() throws {
        let file = try read(
            """
            intents:
              Rückgabe & Umtausch:
                policy: always
                summary: Wie man etwas zurückgibt.
                responses: |
                  # a comment
                  Legen Sie den Schein bei.
                  Bringen Sie es in einen Laden.
                otherwise: Rufen Sie uns an.
            """
        )
        #expect(file.intents.map(\.name) == ["Rückgabe & Umtausch"])
        let treatment = try #require(file.intents.first?.treatment)
        #expect(treatment.policy == .always)
        #expect(treatment.summary == "Wie man etwas zurückgibt.")
        #expect(treatment.responses == ["Legen Sie den Schein bei.", "Bringen Sie es in einen Laden."])
        #expect(treatment.otherwise == "Rufen Sie uns an.")
        #expect(treatment.lines == [.policy: 3, .summary: 4, .responses: 5, .otherwise: 9])
    }

    @Test(arguments: ["", "# nothing yet\n", "intents:\n", "intents: {}\n", "---\n"])
    func `may be empty`(yaml: String) throws { #expect(try read(yaml).intents.isEmpty) }

    @Test(arguments: [
        ("intents:\n  a:\n    polisy: auto\n", 3, "unknown_key"),
        ("intents:\n  a:\n    policy: never\n", 3, "bad_value"),
        ("intents:\n  a:\n    templates: [one]\n", 3, "unknown_key"),
        ("intents:\n  a:\n    otherwise: [one]\n", 3, "bad_value"),
        ("intents:\n  a:\n    responses: one\n", 3, "bad_value"),
        ("intents:\n  a: {summary: x}\n  a: {summary: y}\n", 2, "repeated"),
        ("intents:\n  oos: {responses: [x]}\n", 2, "bad_value"),
        ("intents:\n  a: [x]\n", 2, "bad_value"),
        ("intents:\n  \"\": {summary: x}\n", 2, "bad_value"),
        ("replies:\n  about: x\n", 1, "unknown_key"),
        ("intents: [a]\n", 1, "bad_value"),
        ("intents: {\n", 1, "invalid_yaml"),
    ])
    func `that is wrong is refused with line and remedy`(yaml: String, line: Int, code: String) throws {
        let error = #expect(throws: IntentsFileError.self) { try read(yaml) }
        let finding = try #require(error?.findings.first { $0.code == code }, "\(error.map { "\($0)" } ?? "")")
        #expect(finding.line == line && !finding.remedy.isEmpty)
    }

    @Test func `that is no text, or is too long, is refused`() {
        #expect(throws: IntentsFileError.self) { try ResponsesFile(yaml: [0xFF, 0xFE]) }
        let long = "intents: {a: {summary: " + String(repeating: "x", count: 5 << 20) + "}}"
        #expect(throws: IntentsFileError.self) { try read(long) }
        let name = String(repeating: "n", count: 101)
        #expect(throws: IntentsFileError.self) { try read("intents: {\(name): {summary: x}}") }
    }

    @Test func `has the last word, part by part, and says where both speak`() throws {
        let templates = try IntentsFile(yaml: intents + "\nout_of_scope: [weather]\n").intents
        let responses = try read(
            "intents:\n  refund:\n    responses: [In a week.]\n    summary: Money.\n  hours:\n    policy: always\n"
        )
        let treatments = Treatments(templates, responses)
        #expect(treatments["refund"].responses == ["In a week."])
        #expect(treatments["refund"].policy == .local && treatments["refund"].summary == "Money.")
        #expect(treatments["hours"].policy == .always && treatments["hours"].otherwise == "Please ring us.")
        #expect(treatments["hours"].summary == "When we are open." && !treatments["hours"].hasResponses)
        #expect(treatments["nobody"] == Treatment())
        let finding = try #require(treatments.overridden.first)
        #expect(treatments.overridden.count == 1 && finding.code == "overridden")
        #expect(finding.line == 3 && finding.otherLine == 4)
        #expect(finding.message.contains("refund") && finding.message.contains("line 4 of intents.yaml"))
    }

    @Test func `is told which intents lack a response where others have one, and which nobody knows`() throws {
        let yaml = "{a: {responses: [x]}, b: {summary: y}, c: {policy: never-local}, typo: {responses: [z]}}"
        let findings = try Treatments([], read("intents: \(yaml)")).findings(beside: ["a", "b", "c", "d", "oos"])
        #expect(findings.map(\.code) == ["responses_unknown_intent", "no_response", "no_response"])
        #expect(zip(findings, ["typo", "b ", "d "]).allSatisfy { $0.message.contains($1) })
        // Whoever wrote no response at all wants none.
        #expect(Treatments([], try read("intents: {b: {summary: y}}")).findings(beside: ["a", "b"]).isEmpty)
    }
}

@Suite struct `Responses on a disk` {
    private let files = MemoryFileSystem()
    private let folders = Folders(models: "/m", data: "/d", logs: "/l")
    private var source: TrainingSource { TrainingSource(files: files, folders: folders) }

    @Test func `are read beside the templates or without them, and again only where they changed`() throws {
        #expect(try source.treatments() == Treatments())
        files.put(folders.responses, "intents: {refund: {policy: local}}")
        #expect(try source.treatments()["refund"].policy == .local)
        let digest = try #require(try source.responses(unless: nil)?.digest)
        #expect(try source.responses(unless: digest)?.digest == nil)
        files.put(folders.intents, Shop.yaml)
        #expect(try source.treatments()["greeting"].responses == ["Hello!"])
    }

    @Test func `that cannot be read are a finding, not a silence`() throws {
        files.put(folders.responses, "intents: {refund: {polisy: local}}")
        let findings = source.responseFindings(beside: [])
        #expect(findings.count == 1 && findings[0].message.contains("responses.yaml: line 1"), "\(findings)")
    }
}
