import Testing

@testable import Learning

@Suite struct `A YAML file that a person edits` {
    private func read(_ text: String, prefix: String = "") -> StrictYAML {
        var yaml = StrictYAML(prefix: prefix)
        guard let root = yaml.root(of: text) else { return yaml }
        for (name, value) in yaml.mapping(root, of: "the file", example: "a: [b]") {
            _ = yaml.lines(value, of: name.text)
        }
        return yaml
    }

    @Test(arguments: [
        ("- a", "bad_value", 1, "the file must be a section."),
        ("a: [b]\n[c]: [d]", "bad_value", 2, "A name in the file must be a plain word."),
        ("a: b", "bad_value", 1, "a must be a list."),
        ("a:\n  - b\n  - [c]", "bad_value", 3, "An entry of a must be a text."),
        ("a: |\n  # nothing\n", "bad_value", 1, "a is empty."),
        ("a: [b]\n!x a: [c]", "repeated", 2, "\"a\" stands twice in the file."),
        ("a: [b]\na: [c]", "repeated", 1, "Stands twice in the section that begins here: a."),
    ])
    func `is told what must be there, and where`(text: String, code: String, line: Int, message: String) {
        let findings = read(text).findings
        #expect(findings.map(\.code) == [code])
        #expect(findings.first?.line == line)
        #expect(findings.first?.message == message)
    }

    @Test func `is blamed on a line that it has`() {
        let findings = read("a: [", prefix: "x.yaml: ").findings
        #expect(findings.map(\.code) == ["invalid_yaml"])
        #expect(findings.first?.line == 1)
        #expect(findings.first?.message.hasPrefix("x.yaml: This is not YAML: ") == true)
    }

    @Test func `may say nothing`() {
        for text in ["", "# nothing yet\n"] { #expect(read(text).findings.isEmpty) }
    }
}
