import Yams

/// A move in `intents.yaml` or `responses.yaml`: the name of a block changes, its lines go, or those that count go over to
/// another block.
struct IntentBlocksMove {
    private let move: IntentMove
    private let text: YAMLText
    /// The intent that each part of a merged block is taken from.
    private let owners: [Treatment.Key: String]

    static func rewrite(
        _ bytes: [UInt8],
        of file: MovedFile,
        by move: IntentMove,
        owners: [Treatment.Key: String]
    ) throws(IntentMoveError) -> [UInt8] {
        guard let text = try YAMLText(bytes, of: file) else { return bytes }
        return try IntentBlocksMove(move: move, text: text, owners: owners).splices().applied(to: bytes)
    }

    private func splices() throws(IntentMoveError) -> [Splice] {
        guard let section = text.root.mapping?.first(where: { $0.key.scalar?.string == "intents" })?.value,
            let mapping = section.mapping
        else { return [] }
        if move.kind == .rename {
            var splices: [Splice] = []
            for (key, _) in mapping where key.scalar.map({ move.sources.contains($0.string) }) == true {
                splices.append(try text.naming(key, move.target ?? ""))
            }
            return splices
        }
        let top = try text.entries(of: text.root, before: text.lineCount)
        guard let whole = top.first(where: { $0.name == "intents" }) else { return [] }
        let blocks = try text.entries(of: section, before: whole.lines.upperBound)
        let first = blocks.first?.lines.lowerBound ?? 0
        if move.kind == .remove {
            return blocks.filter { move.sources.contains($0.name) }.map { text.removal(of: $0.lines, after: first) }
        }
        return try merge(blocks, first: first)
    }

    private func merge(_ blocks: [YAMLText.Entry], first: Int) throws(IntentMoveError) -> [Splice] {
        let target = move.target ?? ""
        let moving = ([target] + move.sources).compactMap { name in blocks.first { $0.name == name } }
        guard let base = moving.first, moving.count > 1 || base.name != target else { return [] }
        var splices = moving.dropFirst().map { text.removal(of: $0.lines, after: first) }
        guard !isEmpty(moving) else { return splices + [text.removal(of: base.lines, after: first)] }
        if base.name != target { splices.append(try text.naming(base.key, target)) }
        return splices + (try partSplices(moving, base))
    }

    /// Whether no block has a part that counts.
    private func isEmpty(_ blocks: [YAMLText.Entry]) -> Bool {
        blocks.allSatisfy { block in
            keys(of: block).allSatisfy { name in Treatment.Key(rawValue: name).map { owners[$0] != block.name } ?? false
            }
        }
    }

    private func keys(of block: YAMLText.Entry) -> [String] {
        block.value.mapping.map { $0.compactMap { $0.key.scalar?.string } } ?? []
    }

    /// Takes parts out of the first block that do not count, and brings those of the others in that do.
    private func partSplices(_ blocks: [YAMLText.Entry], _ base: YAMLText.Entry) throws(IntentMoveError) -> [Splice] {
        func isOwn(_ name: String, _ block: YAMLText.Entry) -> Bool {
            Treatment.Key(rawValue: name).map { owners[$0] == block.name } ?? false
        }
        let others = blocks.dropFirst().filter { block in
            keys(of: block).contains { $0 == "templates" || isOwn($0, block) }
        }
        let dropped = keys(of: base).filter { $0 != "templates" && !isOwn($0, base) }
        guard !others.isEmpty || !dropped.isEmpty else { return [] }
        let mine = try text.entries(of: base.value, before: base.lines.upperBound)
        var splices: [Splice] = []
        for part in mine where dropped.contains(part.name) {
            let (start, end) = (part.lines.lowerBound, part.lines.upperBound)
            splices.append(Splice(text.start(ofLine: start)..<text.start(ofLine: end), []))
        }
        var (taken, templates): ([UInt8], [YAMLText.Entry]) = ([], [])
        for other in others {
            for part in try text.entries(of: other.value, before: other.lines.upperBound) {
                if part.name == "templates" { templates.append(part) }
                guard isOwn(part.name, other) else { continue }
                taken += text.indented(part.lines, from: part.indent, to: mine.first?.indent ?? base.indent + 2)
            }
        }
        if let list = mine.first(where: { $0.name == "templates" }), !templates.isEmpty,
            let splice = try text.joined(list, with: templates)
        {
            splices.append(splice)
        }
        if !taken.isEmpty { splices.append(text.insertion(taken, after: base.lines.upperBound - 1)) }
        return splices
    }
}
