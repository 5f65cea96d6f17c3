/// What a move makes of the contents of the files: pure. Every file is read with its reader before and after, and has to say
/// afterwards what it said before, with the names changed.
struct MovedContents {
    let move: IntentMove
    private let files: [MovedFile: [UInt8]]
    /// Nothing where a file is absent or cannot be read.
    private let intents: [IntentSource]
    private let responses: [ResponsesFile.Entry]
    /// Whose policy, summary, responses and sentence count after a merge: the target's, else those of the first source that
    /// has them in either file.
    private let owners: [Treatment.Key: String]

    init(_ files: [MovedFile: [UInt8]], by move: IntentMove) {
        (self.move, self.files) = (move, files)
        intents = files[.intents].flatMap { try? IntentsFile(yaml: $0).intents } ?? []
        responses = files[.responses].flatMap { try? ResponsesFile(yaml: $0).intents } ?? []
        var owners: [Treatment.Key: String] = [:]
        if let target = move.target, move.kind == .merge {
            let treatments = intents.map { ($0.name, $0.treatment) } + responses.map { ($0.name, $0.treatment) }
            for key in Treatment.Key.allCases {
                owners[key] = ([target] + move.sources).first { name in
                    treatments.contains { $0.0 == name && $0.1.lines[key] != nil }
                }
            }
        }
        self.owners = owners
    }

    /// A file afterwards, and how many rows, blocks with responses, or cases of it change or go.
    func moved(_ file: MovedFile) throws(IntentMoveError) -> (bytes: [UInt8], count: Int)? {
        guard let bytes = files[file] else { return nil }
        switch file {
        case .data, .golden:
            let (moved, rows) = try DataFileMove.rewrite(bytes, by: move, of: file)
            return (moved, rows)
        case .intents: return (try movedIntents(bytes), responseBlocks(intents.map { ($0.name, $0.treatment) }))
        case .responses: return (try movedResponses(bytes), responseBlocks(responses.map { ($0.name, $0.treatment) }))
        case .behaviour: return try movedBehaviour(bytes)
        }
    }

    /// The intents that a file names.
    func names(in file: MovedFile) -> Set<String> {
        guard let bytes = files[file] else { return [] }
        switch file {
        case .data: return Set(DataFile.parse(bytes, format: .csv).rows.map(\.intent))
        case .golden: return Set(GoldenFile(csv: bytes).rows.map(\.intent))
        case .intents: return Set(intents.map(\.name))
        case .responses: return Set(responses.map(\.name))
        case .behaviour:
            let behaviour = BehaviourFile(yaml: bytes).behaviour
            let cases = behaviour.must + behaviour.mustNot + behaviour.invariance
            return Set(cases.map(\.intent) + behaviour.direction.map(\.intent))
        }
    }

    /// Templates that change or go.
    var templates: Int {
        intents.filter { move.sources.contains($0.name) }.reduce(0) { $0 + $1.templates.count }
    }

    private func responseBlocks(_ treatments: [(name: String, treatment: Treatment)]) -> Int {
        treatments.count { move.sources.contains($0.name) && $0.treatment.hasResponses }
    }
}

// MARK: - Treatments

extension MovedContents {
    /// A block as it should be read, without the lines it stands on.
    private struct Block: Equatable {
        var name: String
        var treatment: Treatment
        var templates: [String] = []

        var withoutLines: Block {
            var block = self
            block.treatment.lines = [:]
            return block
        }
    }

    private func movedIntents(_ bytes: [UInt8]) throws(IntentMoveError) -> [UInt8] {
        let before = try read(bytes, of: .intents, isAfter: false) { bytes throws(IntentsFileError) in
            try IntentsFile(yaml: bytes)
        }
        let moved = try IntentBlocksMove.rewrite(bytes, of: .intents, by: move, owners: owners)
        let after = try read(moved, of: .intents, isAfter: true) { bytes throws(IntentsFileError) in
            try IntentsFile(yaml: bytes)
        }
        func blocks(_ file: IntentsFile) -> [Block] {
            file.intents.map { Block(name: $0.name, treatment: $0.treatment, templates: $0.templates.map(\.text)) }
        }
        let isSame =
            before.slots == after.slots && before.misspellings == after.misspellings
            && before.outOfScope.map(\.text) == after.outOfScope.map(\.text)
        guard isSame, isExpected(blocks(before), blocks(after)) else { throw .unexpected(.intents) }
        return moved
    }

    private func movedResponses(_ bytes: [UInt8]) throws(IntentMoveError) -> [UInt8] {
        let before = try read(bytes, of: .responses, isAfter: false) { bytes throws(IntentsFileError) in
            try ResponsesFile(yaml: bytes)
        }
        let moved = try IntentBlocksMove.rewrite(bytes, of: .responses, by: move, owners: owners)
        let after = try read(moved, of: .responses, isAfter: true) { bytes throws(IntentsFileError) in
            try ResponsesFile(yaml: bytes)
        }
        func blocks(_ file: ResponsesFile) -> [Block] {
            file.intents.map { Block(name: $0.name, treatment: $0.treatment) }
        }
        guard isExpected(blocks(before), blocks(after)) else { throw .unexpected(.responses) }
        return moved
    }

    private func read<File>(
        _ bytes: [UInt8],
        of file: MovedFile,
        isAfter: Bool,
        with reader: ([UInt8]) throws(IntentsFileError) -> File
    ) throws(IntentMoveError) -> File {
        do throws(IntentsFileError) {
            return try reader(bytes)
        } catch {
            throw .unreadable(file, error.findings, isAfter: isAfter)
        }
    }

    private func isExpected(_ before: [Block], _ after: [Block]) -> Bool {
        var expected: [Block] = []
        let moving = ([move.target].compactMap(\.self) + move.sources).compactMap { name in
            before.first { $0.name == name }
        }
        for block in before {
            if move.kind == .merge, let base = moving.first {
                if block.name == base.name {
                    let merged = merged(moving)
                    if !merged.treatment.isEmpty || !merged.templates.isEmpty { expected.append(merged) }
                } else if !moving.contains(where: { $0.name == block.name }) {
                    expected.append(block)
                }
            } else if let name = move.name(of: block.name) {
                expected.append(Block(name: name, treatment: block.treatment, templates: block.templates))
            }
        }
        return expected.map(\.withoutLines) == after.map(\.withoutLines)
    }

    private func merged(_ blocks: [Block]) -> Block {
        if blocks.count == 1, blocks[0].name == move.target { return blocks[0] }
        func part(_ key: Treatment.Key) -> Treatment? {
            blocks.first { $0.name == owners[key] && $0.treatment.lines[key] != nil }?.treatment
        }
        var treatment = Treatment()
        treatment.policy = part(.policy)?.policy
        treatment.summary = part(.summary)?.summary
        treatment.responses = part(.responses)?.responses
        treatment.otherwise = part(.otherwise)?.otherwise
        return Block(name: move.target ?? "", treatment: treatment, templates: blocks.flatMap(\.templates))
    }
}

extension Treatment {
    /// Whether nothing is said.
    fileprivate var isEmpty: Bool { policy == nil && summary == nil && responses == nil && otherwise == nil }
}

extension IntentMoveError {
    fileprivate static func unexpected(_ file: MovedFile) -> IntentMoveError {
        .byHand(file, line: nil, "The file is written in a way in which its lines cannot be moved one by one.")
    }
}

// MARK: - Behaviour

extension MovedContents {
    private func movedBehaviour(_ bytes: [UInt8]) throws(IntentMoveError) -> (bytes: [UInt8], count: Int) {
        let before = BehaviourFile(yaml: bytes)
        guard before.findings.isEmpty else { throw .unreadable(.behaviour, before.findings, isAfter: false) }
        let moved = try BehaviourMove.rewrite(bytes, by: move)
        let after = BehaviourFile(yaml: moved)
        guard after.findings.isEmpty else { throw .unreadable(.behaviour, after.findings, isAfter: true) }
        let (old, new) = (before.behaviour, after.behaviour)
        let directions = old.direction.compactMap { entry in
            move.name(of: entry.intent).map {
                Behaviour.Direction(entry.text, adding: entry.added, raises: entry.raises, $0)
            }
        }
        let isSame =
            expected(old.must) == texts(new.must) && expected(old.mustNot) == texts(new.mustNot)
            && expected(old.invariance) == texts(new.invariance) && old.perturbations == new.perturbations
            && directions
                == new.direction.map { Behaviour.Direction($0.text, adding: $0.added, raises: $0.raises, $0.intent) }
        guard isSame else { throw .unexpected(.behaviour) }
        try refuseContradiction(old)
        let named = (old.must + old.mustNot + old.invariance).map(\.intent) + old.direction.map(\.intent)
        return (moved, named.count { move.sources.contains($0) })
    }

    private func texts(_ cases: [Behaviour.Case]) -> [String: [String]] {
        cases.reduce(into: [:]) { $0[$1.intent, default: []].append($1.text) }
    }

    private func expected(_ cases: [Behaviour.Case]) -> [String: [String]] {
        var texts = texts(cases)
        var lists = [move.target].compactMap(\.self).flatMap { texts.removeValue(forKey: $0) ?? [] }
        for source in move.sources { lists += texts.removeValue(forKey: source) ?? [] }
        if let target = move.target, !lists.isEmpty { texts[target] = lists }
        return texts
    }

    /// Of two intents that are told apart by a text, one must have it and the other must not: both as one intent cannot.
    private func refuseContradiction(_ behaviour: Behaviour) throws(IntentMoveError) {
        guard move.kind == .merge else { return }
        let merged = Set(move.sources + [move.target].compactMap(\.self))
        for wanted in behaviour.must where merged.contains(wanted.intent) {
            let other = behaviour.mustNot.first { $0.text == wanted.text && merged.contains($0.intent) }
            guard let other, other.intent != wanted.intent else { continue }
            let message =
                "\"\(wanted.text.shown)\" must be \(wanted.intent.shown) (line \(wanted.line)) and must not be "
                + "\(other.intent.shown) (line \(other.line)), which would be one intent."
            throw IntentMoveError(
                .byHand,
                message,
                remedy: "Remove one of the two cases first.",
                file: MovedFile.behaviour.rawValue,
                line: other.line
            )
        }
    }
}
