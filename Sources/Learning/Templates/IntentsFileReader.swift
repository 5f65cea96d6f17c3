import Yams

extension IntentsFile {
    package init(yaml: String) throws(IntentsFileError) {
        var reader = IntentsFileReader()
        self = try reader.read(yaml)
    }
}

private struct IntentsFileReader {
    private var yaml = StrictYAML()
    private var warnings: [Finding] = []

    mutating func read(_ text: String) throws(IntentsFileError) -> IntentsFile {
        guard text.utf8.count <= IntentsFile.maximumSize else {
            yaml.fail(.badValue, line: nil, "The file is larger than 4 MiB.", remedy: "Make it shorter.")
            throw IntentsFileError(findings: yaml.findings)
        }
        guard let root = yaml.root(of: text) else {
            if yaml.findings.isEmpty {
                yaml.fail(.missingKey, line: 1, "The file is empty.", remedy: "Add a section intents.")
            }
            throw IntentsFileError(findings: yaml.findings)
        }
        var slots: [String: (values: [String], line: Int)] = [:]
        var intents: [IntentSource] = []
        var outOfScope: [SentenceTemplate] = []
        var misspellings: [IntentsFile.Misspelling] = []
        var seen: Set<String> = []
        for (key, value) in yaml.mapping(root, of: "the file", example: "intents:") {
            seen.insert(key.text)
            switch key.text {
            case "slots": slots = readSlots(value)
            case "intents": intents = readIntents(value)
            case "out_of_scope": outOfScope = yaml.lines(value, of: "out_of_scope").compactMap { template($0) }
            case "misspellings": misspellings = readMisspellings(value)
            default: yaml.unknown(key, in: "the file", known: "slots, misspellings, intents and out_of_scope")
            }
        }
        if !seen.contains("intents") {
            let remedy = "Add it; each intent has templates."
            yaml.fail(.missingKey, line: root.mark?.line, "There is no section intents.", remedy: remedy)
        } else if intents.count < 2, yaml.findings.isEmpty {
            let remedy = "There must be something to tell apart."
            yaml.fail(.badValue, line: root.mark?.line, "There are fewer than two intents.", remedy: remedy)
        }
        let templates = intents.flatMap(\.templates) + outOfScope
        check(templates, against: slots)
        warnOfRepeated(templates)
        guard yaml.findings.isEmpty else { throw IntentsFileError(findings: yaml.findings.byLine) }
        return IntentsFile(
            intents: intents,
            slots: slots.mapValues(\.values),
            outOfScope: outOfScope,
            misspellings: misspellings,
            warnings: warnings.byLine
        )
    }
}

// MARK: - Sections

extension IntentsFileReader {
    private mutating func readSlots(_ node: Node) -> [String: (values: [String], line: Int)] {
        var slots: [String: (values: [String], line: Int)] = [:]
        for (key, value) in yaml.mapping(node, of: "slots", example: "colour: [red, blue]") {
            guard checkName(key, of: "slot") else { continue }
            let found = yaml.lines(value, of: "the slot \(key.text)")
            var values: [String] = []
            for entry in found where !values.contains(entry.text) { values.append(entry.text) }
            if values.isEmpty {
                let remedy = "List some, or remove the slot."
                yaml.fail(.badValue, line: key.line, "The slot \(key.text) has no values.", remedy: remedy)
            }
            slots[key.text] = (values, key.line)
        }
        return slots
    }

    private mutating func readMisspellings(_ node: Node) -> [IntentsFile.Misspelling] {
        yaml.mapping(node, of: "misspellings", example: "parcel: [parcell]").compactMap { key, value in
            let word = key.text.lowercased()
            let variants = yaml.lines(value, of: "the misspelling \(word)").map(\.text)
            guard !variants.isEmpty else {
                let remedy = "List some, or remove it."
                yaml.fail(.badValue, line: key.line, "\(word.shown) has no misspellings.", remedy: remedy)
                return nil
            }
            return IntentsFile.Misspelling(word: word, variants: variants)
        }
    }

    private mutating func readIntents(_ node: Node) -> [IntentSource] {
        var names: [String] = []
        return yaml.mapping(node, of: "intents", example: "opening_hours:").compactMap { key, value in
            if let trouble = IntentName.trouble(key.text, among: names), !IntentName.isOutOfScope(key.text) {
                yaml.fail(.badValue, line: key.line, trouble.message, remedy: trouble.remedy)
                return nil
            }
            guard !IntentName.isOutOfScope(key.text) else {
                let remedy = "Put its sentences into the section out_of_scope, or choose another name."
                let message = "\(key.text.shown) is another spelling of \(DataRow.outOfScope)."
                yaml.fail(.badValue, line: key.line, message, remedy: remedy)
                return nil
            }
            guard checkName(key, of: "intent") else { return nil }
            names.append(key.text)
            guard key.text != DataRow.outOfScope else {
                let remedy = "Put its sentences into the section out_of_scope."
                yaml.fail(.badValue, line: key.line, "\(DataRow.outOfScope) cannot be an intent.", remedy: remedy)
                return nil
            }
            return intent(key, value)
        }
    }

    private mutating func intent(_ name: StrictYAML.Entry, _ node: Node) -> IntentSource {
        var source = IntentSource(name: name.text, line: name.line)
        var hasTemplates = false
        for (key, value) in yaml.mapping(node, of: "the intent \(name.text)", example: "templates: |") {
            if key.text == "templates" {
                hasTemplates = true
                source.templates = yaml.lines(value, of: "templates of \(name.text)").compactMap { template($0) }
            } else if let part = Treatment.Key(rawValue: key.text) {
                yaml.read(part, key, value: value, of: name.text, into: &source.treatment)
            } else {
                let known = "policy, summary, templates, responses and otherwise"
                yaml.unknown(key, in: "the intent \(name.text)", known: known)
            }
        }
        if !hasTemplates {
            let remedy = "Add templates, one sentence a line."
            yaml.fail(.missingKey, line: name.line, "\(name.text) has no templates.", remedy: remedy)
        }
        return source
    }

    private mutating func template(_ entry: StrictYAML.Entry) -> SentenceTemplate? {
        do throws(TemplateError) {
            return try SentenceTemplate(entry.text, line: entry.line)
        } catch {
            let message = "Column \(error.column) of \"\(entry.text.shown)\": \(error.message)"
            yaml.fail(.invalidTemplate, line: entry.line, message, remedy: error.remedy)
            return nil
        }
    }

    private mutating func check(
        _ templates: [SentenceTemplate],
        against slots: [String: (values: [String], line: Int)]
    ) {
        var used: Set<String> = []
        for template in templates {
            for slot in template.slots where used.insert(slot).inserted && slots[slot] == nil {
                let remedy = "Add \(slot) to the section slots, or write \\{ for the sign itself."
                yaml.fail(.unknownSlot, line: template.line, "There is no slot {\(slot)}.", remedy: remedy)
            }
        }
        for (slot, found) in slots where !used.contains(slot) {
            let message = "No sentence uses the slot {\(slot)}."
            warnings.add(.unusedSlot, .warning, line: found.line, message: message, remedy: "Use it or remove it.")
        }
    }

    private mutating func warnOfRepeated(_ templates: [SentenceTemplate]) {
        var first: [String: Int] = [:]
        for template in templates {
            // Brackets are no words, and yet they tell templates apart.
            let key = template.text.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if let line = first[key] {
                warnings.add(
                    .repeated,
                    .warning,
                    line: template.line,
                    otherLine: line,
                    message: "The sentence stands in line \(line) already.",
                    remedy: "Remove one of them."
                )
            } else {
                first[key] = template.line
            }
        }
    }

    private mutating func checkName(_ key: StrictYAML.Entry, of kind: String) -> Bool {
        if SentenceTemplate.isSlotName(key.text), key.text.utf8.count <= IntentsFile.maximumNameLength { return true }
        let message = "\"\(key.text.shown)\" cannot be the name of \(kind == "intent" ? "an" : "a") \(kind)."
        let remedy = "Use up to \(IntentsFile.maximumNameLength) small letters, digits and _, beginning with a letter."
        yaml.fail(.badValue, line: key.line, message, remedy: remedy)
        return false
    }
}
