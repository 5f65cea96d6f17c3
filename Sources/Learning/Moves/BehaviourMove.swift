import Yams

/// A move in `behaviour.yaml`.
struct BehaviourMove {
    private let move: IntentMove
    private let text: YAMLText

    static func rewrite(_ bytes: [UInt8], by move: IntentMove) throws(IntentMoveError) -> [UInt8] {
        guard let text = try YAMLText(bytes, of: .behaviour) else { return bytes }
        return try BehaviourMove(move: move, text: text).splices().applied(to: bytes)
    }

    private func splices() throws(IntentMoveError) -> [Splice] {
        var splices: [Splice] = []
        for (key, value) in text.root.mapping.map(Array.init) ?? [] {
            switch key.scalar?.string {
            case "must", "must_not", "invariance": splices += try cases(key, value)
            case "direction": splices += try directions(key, value)
            default: continue
            }
        }
        return splices
    }

    private func isMoved(_ node: Node) -> Bool {
        node.scalar.map { move.sources.contains($0.string.trimmingWhitespace()) } ?? false
    }

    /// A section whose texts stand under their intents.
    private func cases(_ key: Node, _ section: Node) throws(IntentMoveError) -> [Splice] {
        let names = section.mapping.map { $0.map(\.key) } ?? []
        guard names.contains(where: isMoved) else { return [] }
        if let target = move.target, names.count(where: { isMoved($0) || $0.scalar?.string == target }) == 1 {
            var splices: [Splice] = []
            for name in names where isMoved(name) { splices.append(try text.naming(name, target)) }
            return splices
        }
        let whole = try whole(key)
        let entries = try text.entries(of: section, before: whole.lines.upperBound)
        let first = entries.first?.lines.lowerBound ?? 0
        let moving = ([move.target].compactMap(\.self) + move.sources).compactMap { name in
            entries.first { $0.name == name }
        }
        guard let target = move.target, let base = moving.first else {
            return moving.map { text.removal(of: $0.lines, after: first) }
                + (moving.count == entries.count ? [heading(whole)] : [])
        }
        var splices = moving.dropFirst().map { text.removal(of: $0.lines, after: first) }
        if base.name != target { splices.append(try text.naming(base.key, target)) }
        if let splice = try text.joined(base, with: Array(moving.dropFirst())) { splices.append(splice) }
        return splices
    }

    private func directions(_ key: Node, _ section: Node) throws(IntentMoveError) -> [Splice] {
        let items = section.sequence.map(Array.init) ?? []
        func intent(_ item: Node) -> Node? { item.mapping.flatMap { $0["raises"] ?? $0["lowers"] } }
        let moving = items.indices.filter { intent(items[$0]).map(isMoved) ?? false }
        guard !moving.isEmpty else { return [] }
        if let target = move.target {
            var splices: [Splice] = []
            for place in moving {
                if let node = intent(items[place]) { splices.append(try text.naming(node, target)) }
            }
            return splices
        }
        let whole = try whole(key)
        guard !text.isFlow(section) else {
            throw .byHand(.behaviour, line: section.mark?.line, "The list is not written line by line.")
        }
        var splices: [Splice] = []
        let lines = items.map { ($0.mark?.line ?? 0) - 1 }
        for place in moving {
            let (start, end) = (lines[place], place + 1 < items.count ? lines[place + 1] : whole.lines.upperBound)
            guard start >= 0, start < end, text.beginsItem(start) else {
                throw .byHand(.behaviour, line: start + 1, "The case is written in an unusual way.")
            }
            let own = text.trimmed(start..<end, indent: text.indent(ofLine: start))
            splices.append(text.removal(of: own, after: lines[0]))
        }
        return splices + (moving.count == items.count ? [heading(whole)] : [])
    }

    private func whole(_ key: Node) throws(IntentMoveError) -> YAMLText.Entry {
        let top = try text.entries(of: text.root, before: text.lineCount)
        guard let entry = top.first(where: { $0.name == key.scalar?.string }) else {
            throw .byHand(.behaviour, line: key.mark?.line, "The section is written in an unusual way.")
        }
        return entry
    }

    /// A section of which nothing is left loses its name, too: without cases it could not be read.
    private func heading(_ section: YAMLText.Entry) -> Splice {
        let line = section.lines.lowerBound
        return Splice(text.start(ofLine: line)..<text.start(ofLine: line + 1), [])
    }
}

extension YAMLText {
    /// Whether the line begins an item of a list.
    fileprivate func beginsItem(_ line: Int) -> Bool {
        bytes[start(ofLine: line)...].dropFirst(indent(ofLine: line)).first == UInt8(ascii: "-")
    }
}
