import Yams

/// `data/responses.yaml`: how intents are answered whose rows come from a file of a person's own. It has the shape of
/// `intents.yaml` without templates, may stand beside that file, and has the last word.
package struct ResponsesFile: Sendable, Equatable {
    package struct Entry: Sendable, Equatable {
        package var name: String
        /// The line of its name in the file, from 1.
        package var line: Int
        package var treatment: Treatment
    }

    /// In the file's order; none if there is no file, or nothing in it.
    package private(set) var intents: [Entry] = []

    package init() {}

    /// - Parameter yaml: the file's text, UTF-8.
    /// - Throws: everything that is wrong with it, by line.
    package init(yaml bytes: [UInt8]) throws(IntentsFileError) {
        let text = try IntentsFile.text(of: bytes)
        var yaml = StrictYAML()
        if bytes.count > IntentsFile.maximumSize {
            yaml.fail(.badValue, line: nil, "The file is larger than 4 MiB.", remedy: "Make it shorter.")
        } else if let root = yaml.root(of: text), root.null == nil {
            read(root, &yaml)
        }
        guard yaml.findings.isEmpty else { throw IntentsFileError(findings: yaml.findings.byLine) }
    }

    private mutating func read(_ root: Node, _ yaml: inout StrictYAML) {
        for (key, value) in yaml.mapping(root, of: "the file", example: "intents:") {
            guard key.text == "intents" else {
                yaml.unknown(key, in: "the file", known: "intents")
                continue
            }
            if value.null != nil { continue }
            for (name, value) in yaml.mapping(value, of: "intents", example: "opening_hours:") {
                guard Self.check(name, &yaml) else { continue }
                intents.append(Self.entry(name, value, in: &yaml))
            }
        }
    }

    private static func entry(_ name: StrictYAML.Entry, _ node: Node, in yaml: inout StrictYAML) -> Entry {
        var entry = Entry(name: name.text, line: name.line, treatment: Treatment())
        for (key, value) in yaml.mapping(node, of: "the intent \(name.text.shown)", example: "responses: |") {
            if let part = Treatment.Key(rawValue: key.text) {
                yaml.read(part, key, value: value, of: name.text.shown, into: &entry.treatment)
            } else if key.text == "templates" {
                let remedy = "Write them in intents.yaml, or bring rows in with `intentctl data import FILE`."
                yaml.fail(.unknownKey, line: key.line, "Templates have no place in this file.", remedy: remedy)
            } else {
                let known = "policy, summary, responses and otherwise"
                yaml.unknown(key, in: "the intent \(name.text.shown)", known: known)
            }
        }
        return entry
    }

    /// The names are those of the data file, which may be freer than those of `intents.yaml`.
    private static func check(_ name: StrictYAML.Entry, _ yaml: inout StrictYAML) -> Bool {
        if name.text == DataRow.outOfScope {
            let remedy = "Set replies.out_of_scope in the configuration to say something of such texts."
            yaml.fail(.badValue, line: name.line, "\(DataRow.outOfScope) cannot be an intent.", remedy: remedy)
            return false
        }
        let isPlain = !name.text.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        if isPlain, 1...IntentName.maximumLength ~= name.text.unicodeScalars.count { return true }
        let message = "\"\(name.text.shown)\" cannot be the name of an intent."
        let remedy = "Use up to \(IntentName.maximumLength) characters, as the data has it."
        yaml.fail(.badValue, line: name.line, message, remedy: remedy)
        return false
    }
}
