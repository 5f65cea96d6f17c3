// The parser makes one pass with a stack of its own, so that deep brackets cost memory and never the call stack.

extension SentenceTemplate {
    /// - Parameter line: the line of the file, for messages.
    package init(_ text: String, line: Int = 1) throws(TemplateError) {
        var parser = TemplateParser(text: text, line: line)
        nodes = try parser.parse()
        self.text = text
        self.line = line
    }
}

private struct TemplateParser {
    /// A bracket that is open; the whole template is the outermost one.
    private struct Open {
        var bracket: Character?
        var column: Int
        /// Finished alternatives.
        var alternatives: [Int] = []
        /// The parts of the current one.
        var parts: [Int] = []
        /// Whether the current alternative has anything written in it.
        var isEmpty: Bool { parts.isEmpty }
    }

    private let characters: [Character]
    private let line: Int
    private let bytes: Int
    private var nodes: [SentenceTemplate.Node] = []
    private var open: [Open] = [Open(bracket: nil, column: 1)]
    private var text = ""

    init(text: String, line: Int) {
        bytes = text.utf8.count
        // A text that is too long is refused unread.
        characters = bytes > SentenceTemplate.maximumLength ? [] : Array(text)
        self.line = line
    }

    mutating func parse() throws(TemplateError) -> [SentenceTemplate.Node] {
        if bytes > SentenceTemplate.maximumLength {
            let remedy = "Write several shorter ones; \(SentenceTemplate.maximumLength) bytes are the most."
            throw error(.tooLong, at: 0, "The sentence is \(bytes) bytes long.", remedy: remedy)
        }
        var index = 0
        while index < characters.count {
            let character = characters[index]
            switch character {
            case "\\":
                index += 1
                guard index < characters.count, "()[]{}|\\".contains(characters[index]) else {
                    let remedy = "Write \\\\ for a backslash; only ( ) [ ] { } | and \\ need one before them."
                    throw error(.badEscape, at: index - 1, "A backslash stands before nothing special.", remedy: remedy)
                }
                text.append(characters[index])
            case "(", "[":
                finishText()
                guard open.count <= SentenceTemplate.maximumDepth else {
                    let message = "Brackets are nested more than \(SentenceTemplate.maximumDepth) deep."
                    throw error(.tooDeep, at: index, message, remedy: "Write several simpler sentences.")
                }
                open.append(Open(bracket: character, column: index + 1))
            case "|":
                finishText()
                guard open.count > 1 else {
                    let remedy = "Write (a|b), or \\| for the sign itself."
                    throw error(.strayBar, at: index, "A | stands outside brackets.", remedy: remedy)
                }
                try finishAlternative(at: index)
            case ")", "]":
                finishText()
                try close(character, at: index)
            case "{":
                finishText()
                index = try slot(from: index)
            case "}":
                throw error(.unbalanced, at: index, "A } closes no {.", remedy: "Write \\} for the sign itself.")
            default:
                text.append(character)
            }
            index += 1
        }
        return try finish()
    }

    private mutating func finish() throws(TemplateError) -> [SentenceTemplate.Node] {
        finishText()
        guard open.count == 1, let whole = open.last else {
            let unclosed = open[open.count - 1]
            let bracket = unclosed.bracket.map(String.init) ?? ""
            let remedy = "Add the closing bracket, or write \\\(bracket) for the sign itself."
            throw error(.unbalanced, at: unclosed.column - 1, "The \(bracket) is never closed.", remedy: remedy)
        }
        nodes.append(.sequence(whole.parts))
        if SentenceTemplate.canBeEmpty(nodes) {
            let remedy = "Leave at least one word outside square brackets."
            throw error(.empty, at: 0, "The sentence can be empty.", remedy: remedy)
        }
        return nodes
    }

    private mutating func add(_ node: SentenceTemplate.Node) {
        nodes.append(node)
        open[open.count - 1].parts.append(nodes.count - 1)
    }

    private mutating func finishText() {
        guard !text.isEmpty else { return }
        add(.text(text))
        text = ""
    }

    private mutating func finishAlternative(at index: Int) throws(TemplateError) {
        let top = open.count - 1
        let parts = open[top].parts
        let saysNothing = parts.allSatisfy { part in
            if case .text(let text) = nodes[part] { text.allSatisfy(\.isWhitespace) } else { false }
        }
        if saysNothing {
            let remedy = "Write [a] for something that may be left out."
            throw error(.emptyPart, at: index, "A part between brackets or bars is empty.", remedy: remedy)
        }
        if parts.count == 1 {
            open[top].alternatives.append(parts[0])
        } else {
            nodes.append(.sequence(parts))
            open[top].alternatives.append(nodes.count - 1)
        }
        open[top].parts = []
    }

    private mutating func close(_ character: Character, at index: Int) throws(TemplateError) {
        let expected: Character = character == ")" ? "(" : "["
        guard open.count > 1, open[open.count - 1].bracket == expected else {
            let remedy = "Add the opening bracket, or write \\\(character) for the sign itself."
            throw error(.unbalanced, at: index, "The \(character) closes no \(expected).", remedy: remedy)
        }
        try finishAlternative(at: index)
        let alternatives = open.removeLast().alternatives
        var child = alternatives[0]
        if alternatives.count > 1 {
            nodes.append(.choice(alternatives))
            child = nodes.count - 1
        }
        if character == "]" {
            nodes.append(.optional(child))
            child = nodes.count - 1
        }
        open[open.count - 1].parts.append(child)
    }

    /// The index of the closing brace.
    private mutating func slot(from start: Int) throws(TemplateError) -> Int {
        var name = ""
        var index = start + 1
        while index < characters.count, characters[index] != "}" {
            name.append(characters[index])
            index += 1
        }
        guard index < characters.count else {
            let remedy = "Add }, or write \\{ for the sign itself."
            throw error(.unbalanced, at: start, "The { is never closed.", remedy: remedy)
        }
        guard SentenceTemplate.isSlotName(name) else {
            let message = "\"\(name.shown)\" cannot be the name of a slot."
            let remedy = "Use small letters, digits and _, beginning with a letter."
            throw error(name.isEmpty ? .emptyPart : .badSlotName, at: start, message, remedy: remedy)
        }
        add(.slot(name))
        return index
    }

    private func error(_ kind: TemplateError.Kind, at index: Int, _ message: String, remedy: String) -> TemplateError {
        TemplateError(kind: kind, line: line, column: index + 1, message: message, remedy: remedy)
    }
}

extension SentenceTemplate {
    /// `[a-z][a-z0-9_]*`
    static func isSlotName(_ name: String) -> Bool {
        guard let first = name.utf8.first, (0x61...0x7A).contains(first) else { return false }
        return name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    /// Slots count as text: their values are checked elsewhere.
    fileprivate static func canBeEmpty(_ nodes: [Node]) -> Bool {
        var empty: [Bool] = []
        empty.reserveCapacity(nodes.count)
        for node in nodes {
            let isEmpty =
                switch node {
                case .text(let text): text.allSatisfy(\.isWhitespace)
                case .slot: false
                case .sequence(let parts): parts.allSatisfy { empty[$0] }
                case .choice(let alternatives): alternatives.contains { empty[$0] }
                case .optional: true
                }
            empty.append(isEmpty)
        }
        return empty.last ?? true
    }
}
