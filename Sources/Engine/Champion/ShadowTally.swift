import Statistics
package import Wire

/// The comparison of a shadow's scores with the champion's.
package struct ShadowTally: Sendable, Equatable {
    struct Agreement: Sendable, Equatable {
        var answers = 0
        var agreed = 0
    }

    /// The sums, by the names under which they are kept.
    private static let counts: [(name: String, path: any WritableKeyPath<ShadowTally, Int> & Sendable)] = [
        ("answers", \.answers), ("agreed", \.agreed), ("local_answers", \.localAnswers),
        ("local_scored", \.localScored), ("both_sure", \.bothSure), ("champion_sure", \.championSure),
        ("shadow_sure", \.shadowSure),
    ]

    /// The champion's intents.
    let intents: [String]
    /// The number of answers that the shadow has scored.
    private(set) var answers = 0
    private(set) var agreed = 0
    /// Local answers since the shadow started, as counted by the answering path.
    var localAnswers = 0
    /// Those of them that the shadow has scored; it has missed the others.
    private(set) var localScored = 0
    /// Answers that both, only the champion, or only the shadow was sure of.
    private(set) var bothSure = 0
    private(set) var championSure = 0
    private(set) var shadowSure = 0
    private(set) var championConfidence = 0.0
    private(set) var shadowConfidence = 0.0
    /// One for each of the champion's intents.
    private(set) var byIntent: [Agreement]

    init(intents: [String]) {
        self.intents = intents
        byIntent = [Agreement](repeating: Agreement(), count: intents.count)
    }

    mutating func count(_ score: ShadowModel.Score, intent: Int, confidence: Float, isSure: Bool, isLocal: Bool) {
        answers += 1
        if isLocal { localScored += 1 }
        byIntent[intent].answers += 1
        if score.agrees {
            agreed += 1
            byIntent[intent].agreed += 1
        }
        switch (isSure, score.isSure) {
        case (true, true): bothSure += 1
        case (true, false): championSure += 1
        case (false, true): shadowSure += 1
        case (false, false): break
        }
        championConfidence += Double(confidence)
        shadowConfidence += Double(score.confidence)
    }

    /// The same counts, with other names of the champion's intents. Intents of one name are counted as the first of them.
    func named(_ intents: [String]) -> ShadowTally {
        guard intents.count == byIntent.count else { return self }
        var named = ShadowTally(intents: intents)
        named.add(self)
        for place in intents.indices {
            guard let first = intents.firstIndex(of: intents[place]), first < place else { continue }
            named.byIntent[first].answers += named.byIntent[place].answers
            named.byIntent[first].agreed += named.byIntent[place].agreed
            named.byIntent[place] = Agreement()
        }
        return named
    }

    /// Adds the counts of another event loop for the same shadow.
    mutating func add(_ other: ShadowTally) {
        for count in Self.counts { self[keyPath: count.path] += other[keyPath: count.path] }
        championConfidence += other.championConfidence
        shadowConfidence += other.shadowConfidence
        for index in byIntent.indices {
            byIntent[index].answers += other.byIntent[index].answers
            byIntent[index].agreed += other.byIntent[index].agreed
        }
    }

    /// The form in which `models.show` shows it and the ledger keeps it.
    package var json: JSON {
        func share(_ part: Int, _ whole: Int) -> JSON {
            whole == 0 ? .null : .double((Double(part) / Double(whole)).rounded(toPlaces: 4))
        }
        func mean(_ sum: Double) -> JSON {
            answers == 0 ? .null : .double((sum / Double(answers)).rounded(toPlaces: 4))
        }
        let intents = zip(intents, byIntent).filter { $0.1.answers > 0 }
        return [
            "answers": .integer(answers), "agreed": .integer(agreed), "agreement": share(agreed, answers),
            "local_answers": .integer(localAnswers), "local_scored": .integer(localScored),
            "missed": .integer(localAnswers - localScored),
            "both_sure": .integer(bothSure), "champion_sure": .integer(championSure),
            "shadow_sure": .integer(shadowSure), "champion_confidence": mean(championConfidence),
            "shadow_confidence": mean(shadowConfidence),
            "by_intent": .object(
                intents.map { name, agreement in
                    Member(
                        name,
                        [
                            "answers": .integer(agreement.answers), "agreed": .integer(agreement.agreed),
                            "agreement": share(agreement.agreed, agreement.answers),
                        ]
                    )
                }
            ),
        ]
    }

    /// Reads a stored comparison; nil unless it is one, and of the same intents.
    package init?(_ json: JSON, intents: [String]) {
        self.init(intents: intents)
        for count in Self.counts {
            guard let number = json[count.name]?.quantity else { return nil }
            self[keyPath: count.path] = number
        }
        guard let names = json["by_intent"]?.object else { return nil }
        championConfidence = (json["champion_confidence"]?.double ?? 0) * Double(answers)
        shadowConfidence = (json["shadow_confidence"]?.double ?? 0) * Double(answers)
        let places = Dictionary(intents.enumerated().map { ($0.element, $0.offset) }) { first, _ in first }
        for member in names {
            guard let place = places[member.name] else { return nil }
            byIntent[place] = Agreement(
                answers: member.value["answers"]?.quantity ?? 0,
                agreed: member.value["agreed"]?.quantity ?? 0
            )
        }
    }
}
