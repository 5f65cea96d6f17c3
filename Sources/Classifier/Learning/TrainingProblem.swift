/// Rows and settings in the solver's terms: texts with numbered classes and costs.
struct TrainingProblem: Sendable {
    /// The given settings, but without word pairs if classes are small on average: there pairs only fit chance.
    let settings: Settings
    let intents: [String]
    let texts: [String]
    /// The class of each row; −1 for out of scope.
    let labels: [Int32]
    /// The cost C_i of each row.
    let costs: [Float]
    private let keepsAll: [Bool]
    /// Whether enough people stand behind each row.
    let hasSupport: [Bool]
    /// The texts that only calibrate, with their labels (see `HeldOutRow.label`) and groups. One that belongs together with
    /// a training row is not among them: to such a model it is no new text.
    let others: [(text: String, label: Int32, group: Int)]
    let folds: Folds
    /// How many groups each class has to learn from.
    let groups: [Int]
    /// Whether answers of each class are not given locally.
    let withheld: [Bool]

    init(
        _ examples: [Example],
        validation: [Example],
        withheld: Set<String> = [],
        settings: Settings
    ) throws(TrainingError) {
        if let problem = settings.problem { throw .badSetting(problem) }
        for (row, example) in examples.enumerated() where !(example.weight.isFinite && example.weight > 0) {
            throw .badWeight(row: row)
        }
        let known = examples.filter { $0.intent != outOfScopeIntent }
        guard let first = known.first else { throw .noRows }
        // Classes are sorted by bytes, since their order must not depend on a hash or a locale. Names that are equal for
        // Unicode are one class, in the spelling that comes first.
        var names: [String] = []
        var seen: Set<String> = []
        for name in known.map(\.intent).sorted(by: Self.byBytes) where seen.insert(name).inserted { names.append(name) }
        guard names.count > 1 else { throw .oneClass(first.intent) }
        let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        // Out-of-scope rows come last.
        let foreign = settings.background > 0 ? examples.filter { $0.intent == outOfScopeIntent } : []
        let labels = known.map { number[$0.intent] ?? 0 }

        var rows = [Int](repeating: 0, count: names.count)
        var weights = [Double](repeating: 0, count: names.count)
        var total = 0.0
        for (example, label) in zip(known, labels) {
            rows[Int(label)] += 1
            weights[Int(label)] += Double(example.weight)
            total += Double(example.weight)
        }
        costs =
            zip(known, labels).map { example, label in
                let balance = settings.balanced ? total / (Double(names.count) * weights[Int(label)]) : 1
                return Float(settings.cost * Double(example.weight) * balance)
            } + foreign.map { Float(settings.cost * settings.background * Double($0.weight)) }
        keepsAll =
            zip(known, labels).map { $0.weight >= 2 || rows[Int($1)] < settings.features.smallClass }
            + foreign.map { $0.weight >= 2 }
        let spare = foreign.isEmpty ? examples.filter { $0.intent == outOfScopeIntent } : []
        let (trained, calibrating) = (known + foreign, spare + validation)
        let folds = Folds(trained + calibrating, settings: settings.features.text)
        others = calibrating.enumerated().compactMap { index, example in
            let group = folds.leaders[trained.count + index]
            guard group >= trained.count else { return nil }
            return (example.text, example.intent == outOfScopeIntent ? -1 : number[example.intent] ?? -2, group)
        }
        texts = trained.map(\.text)
        hasSupport = trained.map { $0.support >= Example.enoughSupport }
        self.labels = labels + foreign.map { _ in -1 }
        self.folds = folds
        let groups = folds.counts(labels: self.labels, classes: names.count)
        self.groups = groups
        // Nothing can be held out of a single group, so nothing is known of how right such answers are.
        self.withheld = names.indices.map { groups[$0] < 2 || withheld.contains(names[$0]) }
        var settings = settings
        if known.count < settings.features.smallClass * names.count { settings.features.pairs = nil }
        self.settings = settings
        intents = names
    }

    func corpus() -> Corpus {
        var features = settings.features
        features.maximumFeatures = min(features.maximumFeatures, max(1, features.maximumWeights / intents.count))
        return Corpus(zip(texts, keepsAll).map { CorpusRow(text: $0, keepsAll: $1) }, settings: features)
    }

    private static func byBytes(_ a: String, _ b: String) -> Bool {
        a.utf8.lexicographicallyPrecedes(b.utf8)
    }
}
