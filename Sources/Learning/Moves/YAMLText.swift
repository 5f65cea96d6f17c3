import Yams

/// YAML that a person wrote, and where its nodes stand in it: lines and columns are those of the parser.
struct YAMLText {
    /// A name in a section of indented lines, and what belongs to it.
    struct Entry {
        var name: String
        var key: Node
        var value: Node
        /// From 0: the line of the key to the last one of its value, and comments that are indented like the value.
        var lines: Range<Int>
        /// The spaces before the key.
        var indent: Int
    }

    let file: MovedFile
    let bytes: [UInt8]
    let root: Node
    /// Where each line begins, and the end of the text.
    private let starts: [Int]

    /// nil for a text without content.
    init?(_ bytes: [UInt8], of file: MovedFile) throws(IntentMoveError) {
        (self.file, self.bytes) = (file, bytes)
        starts = Self.lineStarts(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        do {
            guard let root = try Yams.compose(yaml: text), root.null == nil else { return nil }
            self.root = root
        } catch {
            throw .byHand(file, line: nil, "The file cannot be read.")
        }
        try refuseAnchors(root)
    }

    /// The line breaks of YAML 1.1, which are more than those of an editor.
    private static func lineStarts(_ bytes: [UInt8]) -> [Int] {
        var starts = [0]
        var index = 0
        while index < bytes.count {
            let rest = bytes[index...].prefix(3)
            let length =
                switch bytes[index] {
                case 0x0D: rest.dropFirst().first == 0x0A ? 2 : 1
                case 0x0A: 1
                case 0xC2 where rest.starts(with: [0xC2, 0x85]): 2
                case 0xE2 where rest.elementsEqual([0xE2, 0x80, 0xA8]) || rest.elementsEqual([0xE2, 0x80, 0xA9]): 3
                default: 0
                }
            index += max(1, length)
            if length > 0, index < bytes.count { starts.append(index) }
        }
        return starts + [bytes.count]
    }

    /// A value with an anchor is written once and counts in several places, so that a change of it would reach too far.
    private func refuseAnchors(_ node: Node) throws(IntentMoveError) {
        if let offset = offset(of: node), bytes[offset...].first == UInt8(ascii: "&") {
            throw .byHand(file, line: node.mark?.line, "An anchor (&) stands here.")
        }
        if let sequence = node.sequence { for item in sequence { try refuseAnchors(item) } }
        for (key, value) in node.mapping.map(Array.init) ?? [] {
            try refuseAnchors(key)
            try refuseAnchors(value)
        }
    }

    // MARK: Places

    var lineCount: Int { starts.count - 1 }

    /// Where a line begins; the end of the text for the line after the last one.
    func start(ofLine line: Int) -> Int { starts[min(line, lineCount)] }

    private func offset(of node: Node) -> Int? {
        guard let mark = node.mark, 1...lineCount ~= mark.line, mark.column >= 1 else { return nil }
        var offset = starts[mark.line - 1]
        for _ in 1..<mark.column where offset < bytes.count {
            offset += 1
            while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
        }
        return offset
    }

    /// Whether a section or a list is written in brackets. The parser forgets it.
    func isFlow(_ node: Node) -> Bool {
        guard let first = offset(of: node).flatMap({ bytes[$0...].first }) else { return false }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    /// Where a scalar of one line stands, with its quotes.
    private func span(of node: Node) throws(IntentMoveError) -> Range<Int> {
        let refusal = IntentMoveError.byHand(file, line: node.mark?.line, "The name is written in an unusual way.")
        guard let scalar = node.scalar, let start = offset(of: node) else { throw refusal }
        switch scalar.style {
        case .singleQuoted, .doubleQuoted:
            let quote = UInt8(ascii: scalar.style == .singleQuoted ? "'" : "\"")
            guard start < bytes.count, bytes[start] == quote else { throw refusal }
            var end = start + 1
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D {
                if bytes[end] == UInt8(ascii: "\\"), scalar.style == .doubleQuoted {
                    end += 2
                } else if bytes[end] != quote {
                    end += 1
                } else if scalar.style == .singleQuoted, end + 1 < bytes.count, bytes[end + 1] == quote {
                    end += 2
                } else {
                    return start..<end + 1
                }
            }
            throw refusal
        case .plain, .any:
            let text = Array(scalar.string.utf8)
            guard !text.isEmpty, bytes[start...].starts(with: text) else { throw refusal }
            return start..<start + text.count
        case .literal, .folded: throw refusal
        }
    }

    /// Writes a name in the place of the one at `node`, in the same quotes.
    func naming(_ node: Node, _ name: String) throws(IntentMoveError) -> Splice {
        let span = try span(of: node)
        return Splice(span, Array(YAMLName.written(name, like: node.scalar?.style ?? .plain).utf8))
    }

    // MARK: Lines

    /// The names in a section whose lines are indented, each with the lines that belong to it.
    ///
    /// - Parameter end: the line, from 0, on which something begins that does not belong to the section.
    func entries(of section: Node, before end: Int) throws(IntentMoveError) -> [Entry] {
        guard let mapping = section.mapping else { return [] }
        let pairs = Array(mapping)
        let first = (pairs.first?.key ?? section).mark?.line
        guard !isFlow(section) || pairs.isEmpty else {
            throw .byHand(file, line: first, "The section is written in braces.")
        }
        var entries: [Entry] = []
        for (place, pair) in pairs.enumerated() {
            let next = place + 1 < pairs.count ? (pairs[place + 1].key.mark?.line ?? 0) - 1 : end
            guard let mark = pair.key.mark, let name = pair.key.scalar?.string, mark.line - 1 < next,
                indent(ofLine: mark.line - 1) == mark.column - 1
            else {
                throw .byHand(file, line: pair.key.mark?.line ?? first, "The section is written in an unusual way.")
            }
            let lines = trimmed(mark.line - 1..<next, indent: mark.column - 1)
            entries.append(Entry(name: name, key: pair.key, value: pair.value, lines: lines, indent: mark.column - 1))
        }
        return entries
    }

    /// The lines without the empty ones at their end and without comments there that stand as far left as their key, or
    /// further.
    func trimmed(_ lines: Range<Int>, indent: Int) -> Range<Int> {
        var end = lines.upperBound
        while end > lines.lowerBound + 1 {
            let text = content(ofLine: end - 1)
            let isComment = text.first == UInt8(ascii: "#") && self.indent(ofLine: end - 1) <= indent
            guard text.isEmpty || isComment || text.starts(with: Array("...".utf8)) else { break }
            end -= 1
        }
        return lines.lowerBound..<end
    }

    /// A byte order mark counts as a space, as it does for the parser.
    func indent(ofLine line: Int) -> Int {
        let text = bytes[starts[line]..<starts[line + 1]]
        let mark = line == 0 && text.starts(with: [0xEF, 0xBB, 0xBF]) ? 1 : 0
        return mark + text.dropFirst(3 * mark).prefix { $0 == UInt8(ascii: " ") }.count
    }

    /// Without the white space at its beginning and its end.
    private func content(ofLine line: Int) -> ArraySlice<UInt8> {
        var text = bytes[starts[line]..<starts[line + 1]].drop { $0 == 0x20 || $0 == 0x09 }
        while let last = text.last, last <= 0x20 { text.removeLast() }
        return text
    }

    func isBlank(_ line: Int) -> Bool { content(ofLine: line).isEmpty }

    /// Takes lines out, with the empty ones after them if an empty one or nothing of the section stands before them.
    func removal(of lines: Range<Int>, after first: Int) -> Splice {
        var end = lines.upperBound
        if lines.lowerBound == first || lines.lowerBound > 0 && isBlank(lines.lowerBound - 1) {
            while end < lineCount, isBlank(end) { end += 1 }
        }
        return Splice(start(ofLine: lines.lowerBound)..<start(ofLine: end), [])
    }

    // MARK: Joining

    /// The bytes that end the first line; a line feed if there is only one line.
    private var lineEnd: [UInt8] {
        guard let place = bytes.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) else { return [0x0A] }
        return bytes[place...].starts(with: [0x0D, 0x0A]) ? [0x0D, 0x0A] : [bytes[place]]
    }

    /// Puts whole lines after a line.
    func insertion(_ lines: [UInt8], after line: Int) -> Splice {
        let place = start(ofLine: line + 1)
        let isOpen = place == bytes.count && bytes.last != 0x0A && bytes.last != 0x0D
        return Splice(place..<place, (isOpen ? lineEnd : []) + lines)
    }

    /// The lines with other spaces before them, each with an end.
    func indented(_ lines: Range<Int>, from old: Int, to new: Int) -> [UInt8] {
        lines.flatMap { line -> [UInt8] in
            var text = bytes[starts[line]..<starts[line + 1]]
            if text.last != 0x0A, text.last != 0x0D { text += lineEnd }
            if isBlank(line) { return Array(text) }
            let rest = text.dropFirst(min(old, indent(ofLine: line)))
            return [UInt8](repeating: 0x20, count: new) + rest
        }
    }

    /// Appends the lines of other lists, with their comments, to a list. All are `|` blocks, or all are lines of `- `.
    func joined(_ base: Entry, with others: [Entry]) throws(IntentMoveError) -> Splice? {
        let form = try form(of: base)
        let list = listed(base)
        let indent = list.map { self.indent(ofLine: $0.lowerBound) } ?? base.indent + 2
        var out: [UInt8] = []
        for other in others {
            guard let lines = listed(other) else { continue }
            guard try self.form(of: other) == form else {
                let message = "\(other.name) is written as another kind of list than line \(base.lines.lowerBound + 1)."
                throw .byHand(file, line: other.lines.lowerBound + 1, message)
            }
            out += indented(lines, from: self.indent(ofLine: lines.lowerBound), to: indent)
        }
        return out.isEmpty ? nil : insertion(out, after: list.map { $0.upperBound - 1 } ?? base.lines.lowerBound)
    }

    private enum Form { case block, list }

    private func form(of entry: Entry) throws(IntentMoveError) -> Form {
        if entry.value.scalar?.style == .literal { return .block }
        if entry.value.sequence != nil, !isFlow(entry.value) { return .list }
        throw .byHand(file, line: entry.lines.lowerBound + 1, "The list is not written line by line.")
    }

    /// The lines of a list: from the first below its key to the last that is indented as far. nil if there are none.
    private func listed(_ entry: Entry) -> Range<Int>? {
        let below = entry.lines.dropFirst()
        guard let first = below.first(where: { !isBlank($0) }) else { return nil }
        let indent = indent(ofLine: first)
        let last = below.last { !isBlank($0) && self.indent(ofLine: $0) >= indent } ?? first
        return first..<last + 1
    }
}

/// A name as YAML has to write it.
enum YAMLName {
    /// - Parameter style: how the name before it was written.
    static func written(_ name: String, like style: Node.Scalar.Style) -> String {
        let isPrintable = name.unicodeScalars.allSatisfy(isPrintable)
        if style == .singleQuoted, isPrintable { return "'" + name.replacing("'", with: "''") + "'" }
        if style != .doubleQuoted, isPlain(name) { return name }
        return "\"" + name.unicodeScalars.map(escaped).joined() + "\""
    }

    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]

    private static func isPlain(_ name: String) -> Bool {
        guard let first = name.unicodeScalars.first, let last = name.unicodeScalars.last, last != " ",
            first == "_" || first.properties.isAlphabetic, !words.contains(name.lowercased())
        else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber: true
            default: scalar.properties.isAlphabetic || " _-.".unicodeScalars.contains(scalar)
            }
        }
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: false
        default: true
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\"" || scalar == "\\" { return "\\" + String(Character(scalar)) }
        if isPrintable(scalar) { return String(Character(scalar)) }
        let digits = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
