package import Yams

/// Reads YAML that a person edits. Everything that is not understood is a finding with its line, so that a slip of the pen
/// never quietly costs an intent, a case or a setting.
///
///     var yaml = StrictYAML()
///     if let root = yaml.root(of: text) {
///         for (key, value) in yaml.mapping(root, of: "the file", example: "slots:") { … }
///     }
///     guard yaml.findings.isEmpty else { … }
package struct StrictYAML {
    /// A piece of text and the line on which it stands.
    package struct Entry {
        package let text: String
        /// From 1; 0 if it is not known.
        package let line: Int
    }

    /// All of severity `error`, in the order in which they were met.
    package private(set) var findings: [Finding] = []
    private let prefix: String

    /// - Parameter prefix: begins every message, if findings of several files come together.
    package init(prefix: String = "") { self.prefix = prefix }

    /// nil if the text is empty or is not YAML; the latter is a finding.
    package mutating func root(of text: String) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            refuse(error as? YamlError, lineCount: text.lineCount)
            return nil
        }
    }

    /// The names in a section and the node below each.
    ///
    /// - Parameter example: a line that would be right.
    package mutating func mapping(
        _ node: Node,
        of section: String,
        example: String
    ) -> [(key: Entry, value: Node)] {
        guard let mapping = node.mapping else {
            let remedy = "Write indented lines such as \"\(example)\"."
            fail(.badValue, line: node.mark?.line, "\(section) must be a section.", remedy: remedy)
            return []
        }
        var names: Set<String> = []
        return mapping.compactMap { key, value in
            guard let text = key.scalar?.string else {
                let remedy = "Write a word and a colon."
                fail(.badValue, line: key.mark?.line, "A name in \(section) must be a plain word.", remedy: remedy)
                return nil
            }
            // YAML itself takes the same word with another tag for another key.
            guard names.insert(text).inserted else {
                let remedy = "Put both together, or rename one."
                fail(.repeated, line: key.mark?.line, "\"\(text.shown)\" stands twice in \(section).", remedy: remedy)
                return nil
            }
            return (Entry(text: text, line: key.mark?.line ?? 0), value)
        }
    }

    /// A list, or a `|` block with one entry on each line, where a line that begins with `#` is a comment.
    package mutating func lines(_ node: Node, of section: String, mayBeEmpty: Bool = false) -> [Entry] {
        let first = node.mark?.line ?? 0
        if let list = node.sequence {
            return list.compactMap { item in
                guard let text = item.scalar?.string.trimmingWhitespace(), !text.isEmpty else {
                    let remedy = "Put it into quotes if it begins with [ or { or has \": \" in it."
                    fail(.badValue, line: item.mark?.line, "An entry of \(section) must be a text.", remedy: remedy)
                    return nil
                }
                return Entry(text: text, line: item.mark?.line ?? first)
            }
        }
        guard let block = node.scalar, block.style == .literal else {
            let remedy = "Write | after the colon and one entry on each indented line below, or a list of \"- \" lines."
            fail(.badValue, line: node.mark?.line, "\(section) must be a list.", remedy: remedy)
            return []
        }
        let lines = block.string.split(separator: "\n", omittingEmptySubsequences: false)
        let entries = lines.enumerated().compactMap { index, line -> Entry? in
            let text = String(line).trimmingWhitespace()
            return text.isEmpty || text.hasPrefix("#") ? nil : Entry(text: text, line: first + 1 + index)
        }
        if entries.isEmpty, !mayBeEmpty {
            fail(.badValue, line: first, "\(section) is empty.", remedy: "Write one entry on each line.")
        }
        return entries
    }

    package mutating func unknown(_ key: Entry, in section: String, known: String) {
        fail(.unknownKey, line: key.line, "\"\(key.text.shown)\" is not known in \(section).", remedy: "Use \(known).")
    }

    package mutating func fail(_ code: Finding.Code, line: Int?, _ message: String, remedy: String) {
        findings.add(code, .error, line: line, message: prefix + message, remedy: remedy)
    }

    private mutating func refuse(_ error: YamlError?, lineCount: Int) {
        let (line, problem): (Int?, String)
        switch error {
        case .scanner(_, let words, let mark, _), .parser(_, let words, let mark, _),
            .composer(_, let words, let mark, _):
            (line, problem) = (mark.line, words)
        case .reader(let words, _, _, _): (line, problem) = (nil, words)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return fail(
                .repeated,
                line: context.mark.line,
                "Stands twice in the section that begins here: \(duplicates.sorted().joined(separator: ", ")).",
                remedy: "Put both together, or rename one."
            )
        default: (line, problem) = (nil, error.map { "\($0)" } ?? "it cannot be read")
        }
        fail(
            .invalidYAML,
            // If something is missing at the end, YAML names the line after it, which nobody finds.
            line: line.map { min($0, lineCount) },
            "This is not YAML: \(problem).",
            remedy: "Check the indentation; an entry that begins with [ or { or has \": \" in it needs quotes."
        )
    }
}

extension String {
    /// Lines as an editor numbers them: what comes after the last line feed is one only if something is there.
    fileprivate var lineCount: Int {
        let breaks = reduce(0) { $0 + ($1.isNewline ? 1 : 0) }
        return max(1, last?.isNewline ?? true ? breaks : breaks + 1)
    }
}
