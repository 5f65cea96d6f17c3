import Statistics

/// `intents.yaml` to training rows: pure, and the same seed gives the same rows on every machine.
///
/// Templates are dealt out to train, val and test, and rows follow their template: so the test measures wording that the
/// training has not seen.
package enum Preparation {
    package struct Settings: Sendable, Equatable {
        /// Rows of one intent over all splits; fewer if its templates cannot make so many.
        package var rowsPerIntent = 200
        /// Out-of-scope rows, over all splits.
        package var outOfScopeRows = 480
        /// Shares of the templates of each intent.
        package var valShare = 0.15
        package var testShare = 0.15
        /// Share of the rows that get a misspelling if one fits.
        package var misspelt = 0.12

        package init() {}
    }

    package struct Prepared: Sendable {
        /// By intent in the file's order, out of scope last; then train, val, test; then by template.
        package var rows: [DataRow]
        /// Warnings of the file and of what it makes.
        package var findings: [Finding]
        package var report: PreparationReport

        /// The content of `intents.csv`.
        package var csv: [UInt8] { DataFile.csv(rows) }
    }

    /// Fewer templates cannot be dealt out to three sides.
    package static let minimumTemplates = 5

    /// - Throws: where an intent has fewer than ``minimumTemplates`` templates, or two intents can say the same sentence.
    package static func rows(
        from file: IntentsFile,
        seed: UInt64,
        settings: Settings = Settings()
    ) throws(IntentsFileError) -> Prepared {
        var sampler = Sampler(file: file, seed: seed, settings: settings)
        for intent in file.intents {
            sampler.add(intent.name, line: intent.line, intent.templates, rows: settings.rowsPerIntent)
        }
        if !file.outOfScope.isEmpty {
            let line = file.outOfScope.map(\.line).min()
            sampler.add(DataRow.outOfScope, line: line, file.outOfScope, rows: settings.outOfScopeRows)
        }
        return try sampler.finish()
    }
}

private struct Sampler {
    private struct Candidate {
        var text: String
        var intent: Int
        var split: Split
        var group: String
        var line: Int
    }

    private let file: IntentsFile
    private let seed: UInt64
    private let settings: Preparation.Settings
    private let noise: SampleNoise
    private var candidates: [Candidate] = []
    private var intents: [PreparationReport.Intent] = []
    private var errors: [Finding] = []
    private var findings: [Finding]

    init(file: IntentsFile, seed: UInt64, settings: Preparation.Settings) {
        (self.file, self.seed, self.settings) = (file, seed, settings)
        findings = file.warnings
        noise = SampleNoise(file.misspellings, share: settings.misspelt)
    }

    mutating func add(_ intent: String, line: Int?, _ templates: [SentenceTemplate], rows: Int) {
        var summary = PreparationReport.Intent(name: intent)
        defer { intents.append(summary) }
        guard templates.count >= Preparation.minimumTemplates else {
            let message = "\(intent) has \(templates.count.counted("template", "templates"))."
            let remedy = "Write at least \(Preparation.minimumTemplates), better 20: each is on one side only."
            errors.add(.fewTemplates, .error, line: line, message: message, remedy: remedy)
            return
        }
        let sources = templates.map { SentenceSource($0, slots: file.slots) }
        var generator = SplitMix64(seed: seed, for: intent)
        let splits = deal(templates.count, with: &generator)
        let groups = templates.map { Self.group(of: $0, in: intent) }
        let quotas = Self.share(rows, over: sources.map(\.count))
        for (index, source) in sources.enumerated() {
            summary.templates[splits[index], default: 0] += 1
            summary.sentences = min(SentenceSource.unbounded, summary.sentences + source.count)
            for sentence in source.sample(quotas[index], with: &generator) {
                candidates.append(
                    Candidate(
                        text: noise.apply(to: sentence, with: &generator),
                        intent: intents.count,
                        split: splits[index],
                        group: groups[index],
                        line: source.template.line
                    )
                )
            }
        }
    }

    mutating func finish() throws(IntentsFileError) -> Preparation.Prepared {
        refuseSharedSentences()
        guard errors.isEmpty else { throw IntentsFileError(findings: errors.byLine) }
        var rows: [DataRow] = []
        for candidate in distinct() {
            rows.append(
                DataRow(
                    text: candidate.text,
                    intent: intents[candidate.intent].name,
                    split: candidate.split,
                    group: candidate.group
                )
            )
            intents[candidate.intent].rows[candidate.split, default: 0] += 1
        }
        for intent in intents where intent.total < DataFile.enoughRows {
            let message = "The templates of \(intent.name) make only \(intent.total) different sentences."
            let remedy = "Write more of them, or give them slots and choices."
            findings.add(.fewSentences, .warning, message: message, remedy: remedy)
        }
        let report = PreparationReport(seed: seed, intents: intents)
        return Preparation.Prepared(rows: rows, findings: findings, report: report)
    }

    /// A template's name for its rows: a hash of intent and text, so that a line that comes in renames no other's.
    private static func group(of template: SentenceTemplate, in intent: String) -> String {
        let hash = String(FNV1a.hash("\(intent)\u{0}\(template.text)".utf8), radix: 16)
        return String(repeating: "0", count: 16 - hash.count) + hash
    }

    /// Deals templates to sides: at least one each for val and test, the rest to train.
    private func deal(_ count: Int, with generator: inout SplitMix64) -> [Split] {
        let val = max(1, Int((Double(count) * settings.valShare).rounded()))
        let test = max(1, Int((Double(count) * settings.testShare).rounded()))
        var order = Array(0..<count)
        generator.shuffle(&order)
        var splits = [Split](repeating: .train, count: count)
        for index in order.prefix(val) { splits[index] = .val }
        for index in order.dropFirst(val).prefix(test) { splits[index] = .test }
        return splits
    }

    /// Shares the rows out as evenly as the counts allow: what one template cannot make, the others make.
    private static func share(_ rows: Int, over counts: [UInt64]) -> [Int] {
        var quotas = [Int](repeating: 0, count: counts.count)
        var left = rows
        let ascending = counts.indices.sorted { (counts[$0], $0) < (counts[$1], $1) }
        for (position, index) in ascending.enumerated() {
            let fair = (left + (ascending.count - position) - 1) / (ascending.count - position)
            // The first of two templates with room for more is the one that gets the odd row.
            quotas[index] = counts[index] < UInt64(fair) ? Int(counts[index]) : fair
            left -= quotas[index]
        }
        return quotas
    }

    /// Refuses a sentence that two intents can say: nobody could tell which is meant.
    private mutating func refuseSharedSentences() {
        var key = WordKey()
        var first: [String: Int] = [:]
        var told: Set<[Int]> = []
        for (index, candidate) in candidates.enumerated() {
            let words = key(candidate.text)
            guard let other = first[words].map({ candidates[$0] }) else {
                first[words] = index
                continue
            }
            guard other.intent != candidate.intent, told.insert([other.line, candidate.line]).inserted else { continue }
            errors.add(
                .conflictingIntents,
                .error,
                line: candidate.line,
                otherLine: other.line,
                message: "\"\(candidate.text.shown)\" can be said by \(intents[candidate.intent].name) here and by "
                    + "\(intents[other.intent].name) in line \(other.line).",
                remedy: "Take it out of one of the two."
            )
        }
    }

    /// Keeps each sentence once. One that two sides made stays in train, so that nothing learnt is measured.
    private func distinct() -> [Candidate] {
        var key = WordKey()
        var seen: Set<String> = []
        var kept: [Candidate] = []
        for intent in intents.indices {
            let own = candidates.filter { $0.intent == intent }
            for split in Split.allCases {
                for candidate in own where candidate.split == split {
                    if seen.insert(key(candidate.text)).inserted { kept.append(candidate) }
                }
            }
        }
        return kept
    }
}
