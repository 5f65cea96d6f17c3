import Learning
import Testing

@Suite struct IntentsFileTests {
    private let small = """
        slots:
          item: [shoe, hat]
        misspellings:
          parcel: [parcell]
        intents:
          first:
            policy: local
            summary: The first.
            templates: |
              # a comment
              one {item}

              [please] two
            responses:
              - An answer.
              - "Another: answer."
          second:
            templates:
              - three
        out_of_scope: |
          something else
        """

    @Test func `a file is read with its lines`() throws {
        let file = try IntentsFile(yaml: small)
        #expect(file.intents.map(\.name) == ["first", "second"])
        #expect(file.intents[0].policy == .local)
        #expect(file.intents[0].summary == "The first.")
        #expect(file.intents[0].templates.map(\.text) == ["one {item}", "[please] two"])
        #expect(file.intents[0].templates.map(\.line) == [11, 13])
        #expect(file.intents[0].responses == ["An answer.", "Another: answer."])
        #expect(file.intents[1].policy == .auto)
        #expect(file.intents[1].templates.map(\.line) == [19])
        #expect(file.slots == ["item": ["shoe", "hat"]])
        #expect(file.outOfScope.map(\.line) == [21])
        #expect(file.misspellings == [.init(word: "parcel", variants: ["parcell"])])
        #expect(file.warnings.isEmpty)
    }

    @Test(arguments: [("intents:\n  a: [", 2), ("intents:\n  a: b\nc", 3), ("intents:\n  a: b\nc\n", 3)])
    func `what is missing at the end is said of a line that is there`(_ yaml: String, _ line: Int) {
        let error = #expect(throws: IntentsFileError.self) { try IntentsFile(yaml: yaml) }
        #expect(error?.line == line)
    }

    @Test(arguments: [
        ("  item: [shoe, hat]", "  item: [shoe, hat]\n  extra: [a]", "unused_slot", 3, false),
        ("misspellings:", "missspellings:", "unknown_key", 3, true),
        ("    policy: local", "    policy: sometimes", "bad_value", 7, true),
        ("    policy: local", "    otherwise: \"\"", "bad_value", 7, true),
        ("    policy: local", "    polisy: local", "unknown_key", 7, true),
        ("one {item}", "one {thing}", "unknown_slot", 11, true),
        ("one {item}", "one (item", "invalid_template", 11, true),
        ("  second:", "  first:", "repeated", 6, true),
        ("  second:", "  Second:", "bad_value", 17, true),
        ("  second:", "  oos:", "bad_value", 17, true),
        ("      - three", "      - [three]", "bad_value", 19, true),
        ("    templates:\n      - three", "    templates: three", "bad_value", 18, true),
        ("    templates:\n      - three", "    policy: auto", "missing_key", 17, true),
        ("      - three", "      - [please] three", "invalid_yaml", 19, true),
        ("  item: [shoe, hat]", "  item: []", "bad_value", 2, true),
        ("something else", "one {item}", "repeated", 21, false),
    ])
    func `a slip is found with its line`(
        old: String,
        new: String,
        code: String,
        line: Int,
        isError: Bool
    ) throws {
        let parts = small.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let yaml = parts[0] + new + parts[1]
        let findings: [Finding]
        do {
            findings = try IntentsFile(yaml: String(yaml)).warnings
            #expect(!isError)
        } catch {
            findings = error.findings
            #expect(isError)
        }
        let finding = try #require(findings.first { $0.code == code })
        #expect(finding.line == line)
        #expect(!finding.remedy.isEmpty)
    }

    @Test func `everything that is wrong is said at once`() {
        let error = #expect(throws: IntentsFileError.self) {
            try IntentsFile(yaml: "colour: red\nintents:\n  a:\n    policy: x\n    templates: |\n      (\n  B: 1\n")
        }
        #expect(error?.findings.map(\.line) == [1, 4, 6, 7])
    }

    @Test(arguments: [
        "", "[]", "- a", "intents:", "intents: {}", "intents: {a: 1, b: 2}", "\u{0}", "%", "a: &a [*a]", "? [a]\n: b",
        "intents:\n  only:\n    templates: [one]\n",
    ])
    func `what is no intents file is refused`(yaml: String) {
        #expect(throws: IntentsFileError.self) { try IntentsFile(yaml: yaml) }
    }

    @Test func `hostile files are refused`() {
        #expect(throws: IntentsFileError.self) { try IntentsFile(yaml: String(repeating: "[", count: 100_000)) }
        #expect(throws: IntentsFileError.self) { try IntentsFile(yaml: String(repeating: "a: ", count: 100_000)) }
        #expect(throws: IntentsFileError.self) { try IntentsFile(yaml: String(repeating: "x", count: 5 << 20)) }
        let error = #expect(throws: IntentsFileError.self) {
            try IntentsFile(yaml: Array("intents:\n  a:\n".utf8) + [0xFF, 0xFE])
        }
        #expect(error?.line == 3)
        let laughs = (1...9).map { level in
            "  x\(level): &x\(level) [\(Array(repeating: "*x\(level - 1)", count: 9).joined(separator: ","))]\n"
        }
        #expect(throws: IntentsFileError.self) {
            try IntentsFile(yaml: "slots:\n  x0: &x0 [a]\n" + laughs.joined())
        }
    }
}
