import Classifier
package import Text

/// The rows that a version is trained on, in one canonical order whatever order their sources came in. Its SHA-256 is its
/// name.
package struct TrainingData: Sendable {
    /// All claims in canonical order, with their final weights.
    package let claims: [Claim]
    package let rules: Rules
    /// The merged claims, which training sees: nothing tells who said what when.
    package let rows: [DataRow]
    package var findings: [Finding]
    /// The feedback that is in it; empty for data read from a snapshot.
    package var applied: [FeedbackItem] = []

    /// The texts that are not trained on, since the data file gives them several intents and nobody decided.
    package private(set) var undecided: [Undecided] = []

    package struct Undecided: Sendable, Equatable {
        /// Sorted by name.
        package var intents: [String]
        /// Where the text stands in the data file; empty where the file is not at hand.
        package var lines: [Int] = []
        /// Whether the lines are alike only because personal data is redacted.
        package var isRedacted = false
    }

    package func rows(of split: Split) -> [DataRow] { rows.filter { $0.split == split } }

    package struct Rules: Sendable, Equatable {
        package var feedbackWeight: Double
        package var maxSharePerUID: Double
        /// The share of all claims together that no admin vouched for; never below ``maxSharePerUID``.
        package var maxShareUnreviewed: Double
        /// The language by whose letters texts are compared, and words are made.
        package var language: TextSettings.Language

        package init(
            feedbackWeight: Double,
            maxSharePerUID: Double,
            maxShareUnreviewed: Double,
            language: TextSettings.Language = .und
        ) {
            self.language = language
            self.feedbackWeight = feedbackWeight
            self.maxSharePerUID = maxSharePerUID
            self.maxShareUnreviewed = max(maxShareUnreviewed, maxSharePerUID)
        }

        /// How many uids must contradict a row of the data file before it gives way to unreviewed words.
        static let quorum = 3
    }

    /// - Parameters:
    ///   - file: the rows of the data file; those without a split are `train`.
    ///   - feedback: oldest first.
    package init(file: [DataRow], from source: Claim.Source = .imported, feedback: [FeedbackItem], rules: Rules) {
        var gathered = Claims(rules: rules)
        gathered.add(file, from: source)
        gathered.add(feedback)
        self.init(claims: gathered.claims, rules: rules, findings: gathered.findings, file: file)
        applied = gathered.applied
    }

    /// Settles the weights of claims.
    ///
    /// - Parameter file: the rows that the claims were made of, where they are at hand.
    init(claims: [Claim], rules: Rules, findings: [Finding] = [], file: [DataRow] = []) {
        var settlement = Settlement(claims: claims, rules: rules)
        settlement.settleConflicts()
        settlement.capShares()
        settlement.finish()
        self.rules = rules
        (self.claims, rows) = Self.merged(settlement.claims, settlement.keys)
        self.findings = findings + settlement.findings
        undecided = Self.located(settlement.undecided, in: file, language: rules.language)
    }

    /// The undecided texts with their lines, by the first of them.
    private static func located(
        _ undecided: [String: Undecided],
        in file: [DataRow],
        language: TextSettings.Language
    ) -> [Undecided] {
        guard !undecided.isEmpty else { return [] }
        var key = WordKey(language: language)
        var found = undecided
        var first: [String: String] = [:]
        for row in file where row.line > 0 && (row.split ?? .train) == .train {
            let words = key(row.text)
            guard found[words] != nil else { continue }
            found[words]?.lines.append(row.line)
            if let other = first[words] {
                if WordKey.areRedactedAlike(row.text, other) { found[words]?.isRedacted = true }
            } else {
                first[words] = row.text
            }
        }
        return found.sorted { one, other in
            let (left, right) = (one.value.lines.first ?? .max, other.value.lines.first ?? .max)
            return left == right ? one.key < other.key : left < right
        }.map(\.value)
    }

    /// Takes the weights of claims from a snapshot, which settled them.
    init(settled claims: [Claim], rules: Rules) {
        var key = WordKey(language: rules.language)
        self.rules = rules
        (self.claims, rows) = Self.merged(claims, claims.map { key($0.text) })
        findings = []
    }

    /// The same data as if these claims had never been made.
    package func removing(_ isRemoved: (Claim) -> Bool) -> TrainingData {
        TrainingData(claims: claims.filter { !isRemoved($0) }, rules: rules)
    }

    /// What people said and nobody rejected, as training counts it before it settles conflicts.
    package static func rows(of feedback: [FeedbackItem], rules: Rules) -> [DataRow] {
        var gathered = Claims(rules: rules)
        gathered.add(feedback)
        let claims = Settlement(claims: gathered.claims, rules: rules).claims
        return claims.map {
            DataRow(text: $0.text, intent: $0.intent, split: $0.split, weight: $0.claimed, source: $0.source.rawValue)
        }
    }

    /// - Parameter claims: in canonical order.
    /// - Returns: the claims with the support of their rows, and the rows.
    private static func merged(_ claims: [Claim], _ keys: [String]) -> (claims: [Claim], rows: [DataRow]) {
        var claims = claims
        var rows: [DataRow] = []
        var start = 0
        while start < claims.count {
            let first = claims[start]
            var end = start + 1
            while end < claims.count, claims[end].split == first.split, claims[end].intent == first.intent,
                keys[end] == keys[start]
            {
                end += 1
            }
            // Neither the spelling nor the last bit of the sum depends on who said it.
            let counted = claims[start..<end].filter { $0.weight > 0 }
            let support = support(of: counted)
            for index in start..<end { claims[index].support = claims[index].weight > 0 ? support : 0 }
            if let text = counted.map(\.text).min() {
                let weight = min(counted.map(\.weight).sorted().reduce(0, +), DataFile.maximumWeight)
                let source = counted.map(\.source.rawValue).min()
                rows.append(
                    DataRow(
                        text: text,
                        intent: first.intent,
                        split: first.split,
                        weight: weight,
                        source: source,
                        group: counted.compactMap(\.group).min(),
                        support: support
                    )
                )
            }
            start = end
        }
        return (claims, rows)
    }

    /// A word that nobody's name stands by, as in snapshots of an earlier form, counts as one person's.
    private static func support(of claims: [Claim]) -> Int {
        let isOfFile = claims.contains { $0.source == .prepared || $0.source == .imported }
        return isOfFile ? Example.enoughSupport : max(1, Set(claims.compactMap(\.uid)).count)
    }
}
