import Yams

// Strict: what is not understood is an error with its line, so that a slip of the pen never quietly costs an intent.

extension IntentsFile {
    package init(yaml: String) throws(IntentsFileError) {
        var reader = IntentsFileReader()
        self = try reader.read(yaml)
    }
}

private struct IntentsFileReader {
    private var errors: [Finding] = []
    private var warnings: [Finding] = []

    mutating func read(_ yaml: String) throws(IntentsFileError) -> IntentsFile {
        let root = try compose(yaml)
        var slots: [String: (values: [String], line: Int)] = [:]
        var intents: [IntentSource] = []
        var outOfScope: [SentenceTemplate] = []
        var misspellings: [IntentsFile.Misspelling] = []
        var seen: Set<String> = []
        for (key, value) in mapping(root, of: "the file", example: "intents:") {
            seen.insert(key.text)
            switch key.text {
            case "slots": slots = readSlots(value)
            case "intents": intents = readIntents(value)
            case "out_of_scope": outOfScope = lines(value, of: "out_of_scope").compactMap { template($0) }
            case "misspellings": misspellings = readMisspellings(value)
            default: unknown(key, in: "the file", known: "slots, misspellings, intents and out_of_scope")
            }
        }
        if !seen.contains("intents") {
            fail(.missingKey, root, "There is no section intents.", remedy: "Add it; each intent has templates.")
        } else if intents.count < 2, errors.isEmpty {
            fail(.badValue, root, "There are fewer than two intents.", remedy: "There must be something to tell apart.")
        }
        check(intents.flatMap(\.templates) + outOfScope, against: slots)
        noteRepeated(intents, outOfScope)
        if !errors.isEmpty { throw IntentsFileError(findings: errors.sorted { ($0.line ?? 0) < ($1.line ?? 0) }) }
        return IntentsFile(
            intents: intents,
            slots: slots.mapValues(\.values),
            outOfScope: outOfScope,
            misspellings: misspellings,
            warnings: warnings.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
        )
    }

    private func compose(_ yaml: String) throws(IntentsFileError) -> Node {
        if yaml.utf8.count > IntentsFile.maximumSize {
            throw IntentsFileError(findings: [
                Finding(.badValue, .error, line: nil, "The file is larger than 4 MiB.", remedy: "Make it shorter.")
            ])
        }
        do {
            if let node = try Yams.compose(yaml: yaml) { return node }
            throw IntentsFileError(findings: [
                Finding(.missingKey, .error, line: 1, "The file is empty.", remedy: "Add a section intents.")
            ])
        } catch let error as IntentsFileError {
            throw error
        } catch {
            throw IntentsFileError(findings: [.invalidYAML(error, lineCount: yaml.lineCount)])
        }
    }
}

// MARK: - Sections

extension IntentsFileReader {
    private mutating func readSlots(_ node: Node) -> [String: (values: [String], line: Int)] {
        var slots: [String: (values: [String], line: Int)] = [:]
        for (key, value) in mapping(node, of: "slots", example: "colour: [red, blue]") {
            guard checkName(key, of: "slot") else { continue }
            let found = lines(value, of: "the slot \(key.text)")
            var values: [String] = []
            for entry in found where !values.contains(entry.text) { values.append(entry.text) }
            if values.isEmpty {
                fail(.badValue, key, "The slot \(key.text) has no values.", remedy: "List some, or remove the slot.")
            }
            slots[key.text] = (values, key.line)
        }
        return slots
    }

    private mutating func readMisspellings(_ node: Node) -> [IntentsFile.Misspelling] {
        mapping(node, of: "misspellings", example: "parcel: [parcell]").compactMap { key, value in
            let word = key.text.lowercased()
            let variants = lines(value, of: "the misspelling \(word)").map(\.text)
            guard !variants.isEmpty else {
                fail(.badValue, key, "\(word.shown) has no misspellings.", remedy: "List some, or remove it.")
                return nil
            }
            return IntentsFile.Misspelling(word: word, variants: variants)
        }
    }

    private mutating func readIntents(_ node: Node) -> [IntentSource] {
        mapping(node, of: "intents", example: "opening_hours:").compactMap { key, value in
            guard checkName(key, of: "intent") else { return nil }
            guard key.text != DataRow.outOfScope else {
                fail(
                    .badValue,
                    key,
                    "\(DataRow.outOfScope) is no intent.",
                    remedy: "Put its sentences into the section out_of_scope."
                )
                return nil
            }
            return intent(key, value)
        }
    }

    private mutating func intent(_ name: Entry, _ node: Node) -> IntentSource {
        var source = IntentSource(name: name.text, line: name.line)
        var hasTemplates = false
        for (key, value) in mapping(node, of: "the intent \(name.text)", example: "templates: |") {
            switch key.text {
            case "policy":
                let written = value.scalar?.string ?? ""
                if let policy = Policy(rawValue: written) {
                    source.policy = policy
                } else {
                    fail(
                        .badValue,
                        value,
                        "\"\(written.shown)\" is no policy.",
                        remedy: "Use auto, local or never-local."
                    )
                }
            case "summary":
                if let summary = value.scalar?.string {
                    source.summary = summary.trimmingWhitespace()
                } else {
                    fail(.badValue, value, "The summary is no text.", remedy: "Write one line of text.")
                }
            case "templates":
                hasTemplates = true
                source.templates = lines(value, of: "templates of \(name.text)").compactMap { template($0) }
            case "responses":
                source.responses = lines(value, of: "responses of \(name.text)").map(\.text)
            default:
                unknown(key, in: "the intent \(name.text)", known: "policy, summary, templates and responses")
            }
        }
        if !hasTemplates {
            fail(.missingKey, name, "\(name.text) has no templates.", remedy: "Add templates, one sentence a line.")
        }
        return source
    }

    private mutating func template(_ entry: Entry) -> SentenceTemplate? {
        do throws(TemplateError) {
            return try SentenceTemplate(entry.text, line: entry.line)
        } catch {
            fail(
                .invalidTemplate,
                entry,
                "Column \(error.column) of \"\(entry.text.shown)\": \(error.message)",
                remedy: error.remedy
            )
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
                errors.append(
                    Finding(
                        .unknownSlot,
                        .error,
                        line: template.line,
                        "There is no slot {\(slot)}.",
                        remedy: "Add \(slot) to the section slots, or write \\{ for the sign itself."
                    )
                )
            }
        }
        for (slot, found) in slots where !used.contains(slot) {
            warnings.append(
                Finding(
                    .unusedSlot,
                    .warning,
                    line: found.line,
                    "No sentence uses the slot {\(slot)}.",
                    remedy: "Use it or remove it."
                )
            )
        }
    }

    private mutating func noteRepeated(_ intents: [IntentSource], _ outOfScope: [SentenceTemplate]) {
        var first: [String: Int] = [:]
        for template in intents.flatMap(\.templates) + outOfScope {
            let key = ComparableText.of(template.text)
            if let line = first[key] {
                warnings.append(
                    Finding(
                        .repeated,
                        .warning,
                        line: template.line,
                        otherLine: line,
                        "The sentence stands in line \(line) already.",
                        remedy: "Remove one of them."
                    )
                )
            } else {
                first[key] = template.line
            }
        }
    }
}

// MARK: - Nodes

extension IntentsFileReader {
    /// A piece of text and the line on which it stands.
    struct Entry {
        var text: String
        var line: Int
    }

    private mutating func mapping(_ node: Node, of section: String, example: String) -> [(key: Entry, value: Node)] {
        guard let mapping = node.mapping else {
            fail(.badValue, node, "\(section) is no section.", remedy: "Write indented lines such as \"\(example)\".")
            return []
        }
        return mapping.compactMap { key, value in
            guard let text = key.scalar?.string else {
                fail(.badValue, key, "A name in \(section) is no plain word.", remedy: "Write a word and a colon.")
                return nil
            }
            return (Entry(text: text, line: key.mark?.line ?? 0), value)
        }
    }

    /// A list, or a `|` block with one entry on each line, where a line that begins with `#` is a comment.
    private mutating func lines(_ node: Node, of section: String) -> [Entry] {
        let line = node.mark?.line ?? 0
        if let list = node.sequence {
            return list.compactMap { item in
                guard let text = item.scalar?.string.trimmingWhitespace(), !text.isEmpty else {
                    fail(
                        .badValue,
                        item,
                        "An entry of \(section) is no text.",
                        remedy: "Put it into quotes if it begins with [ or { or has \": \" in it."
                    )
                    return nil
                }
                return Entry(text: text, line: item.mark?.line ?? line)
            }
        }
        guard let scalar = node.scalar, scalar.style == .literal else {
            fail(
                .badValue,
                node,
                "\(section) is no list.",
                remedy: "Write | after the colon and one entry on each indented line below, or a list of \"- \" lines."
            )
            return []
        }
        var entries: [Entry] = []
        for (index, part) in scalar.string.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let text = String(part).trimmingWhitespace()
            if text.isEmpty || text.hasPrefix("#") { continue }
            entries.append(Entry(text: text, line: line + 1 + index))
        }
        if entries.isEmpty { fail(.badValue, node, "\(section) is empty.", remedy: "Write one entry on each line.") }
        return entries
    }

    private mutating func checkName(_ key: Entry, of kind: String) -> Bool {
        if SentenceTemplate.isSlotName(key.text), key.text.utf8.count <= IntentsFile.maximumNameLength { return true }
        fail(
            .badValue,
            key,
            "\"\(key.text.shown)\" is no name of \(kind == "intent" ? "an" : "a") \(kind).",
            remedy: "Use up to \(IntentsFile.maximumNameLength) small letters, digits and _, beginning with a letter."
        )
        return false
    }

    private mutating func unknown(_ key: Entry, in section: String, known: String) {
        fail(.unknownKey, key, "\"\(key.text.shown)\" is not known in \(section).", remedy: "Use \(known).")
    }

    private mutating func fail(_ code: Finding.Code, _ node: Node, _ message: String, remedy: String) {
        errors.append(Finding(code, .error, line: node.mark?.line, message, remedy: remedy))
    }

    private mutating func fail(_ code: Finding.Code, _ entry: Entry, _ message: String, remedy: String) {
        errors.append(Finding(code, .error, line: entry.line, message, remedy: remedy))
    }
}
