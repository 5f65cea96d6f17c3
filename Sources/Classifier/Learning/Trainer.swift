import Statistics

/// Fits a model to examples.
package struct Trainer {
    /// Trains on `examples`; `validation` rows only help to calibrate. Rows of intent `outOfScopeIntent` in either
    /// help to calibrate too. The result depends on the arguments before `threads` alone.
    ///
    /// `progress` is called one call at a time, with fractions that never fall. Cancelling the task ends the training
    /// after the epochs under way with `.cancelled`.
    package static func train(
        _ examples: [Example],
        validation: [Example] = [],
        settings: Settings = Settings(),
        threads: Int = 1,
        progress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
    ) async throws(TrainingError) -> Model {
        let problem = try TrainingProblem(examples, validation: validation, settings: settings)
        progress(TrainingProgress(step: "features", fraction: 0, gap: nil, epochs: 0))
        let meter = ProgressMeter(folds: settings.folds, report: progress)
        let corpus = problem.corpus()
        await meter.advance("features", to: 1)

        let held = await problem.fits(on: corpus, threads: max(1, threads), meter: meter)
        guard let final = held.final, !Task.isCancelled else { throw .cancelled }
        await meter.advance("calibrate", to: 0)
        let model = problem.model(corpus: corpus, final: final, heldOut: held.heldOut)
        await meter.advance("done", to: 1)
        return model
    }
}

/// Rows and settings in the solver's terms.
struct TrainingProblem: Sendable {
    /// As given, but without word pairs where classes are small on average: there they only fit what is by chance.
    let settings: Settings
    let intents: [String]
    let texts: [String]
    let labels: [Int32]
    /// C_i of each row.
    let costs: [Float]
    private let keepsAll: [Bool]
    /// Texts that only calibrate, with their labels (see `HeldOutRow.label`).
    private let others: [(text: String, label: Int32)]

    init(_ examples: [Example], validation: [Example], settings: Settings) throws(TrainingError) {
        if let problem = settings.problem { throw .badSetting(problem) }
        for (row, example) in examples.enumerated() where !(example.weight.isFinite && example.weight > 0) {
            throw .badWeight(row: row)
        }
        let known = examples.filter { $0.intent != outOfScopeIntent }
        guard let first = known.first else { throw .noRows }
        // Sorted by bytes: the order of classes must not depend on a hash or a locale.
        var names: [String] = []
        for name in known.map(\.intent).sorted(by: Self.byBytes) where names.last != name { names.append(name) }
        guard names.count > 1 else { throw .oneClass(first.intent) }
        let number = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
        let labels = known.map { number[$0.intent] ?? 0 }

        var rows = [Int](repeating: 0, count: names.count)
        var weights = [Double](repeating: 0, count: names.count)
        var total = 0.0
        for (example, label) in zip(known, labels) {
            rows[Int(label)] += 1
            weights[Int(label)] += Double(example.weight)
            total += Double(example.weight)
        }
        costs = zip(known, labels).map { example, label in
            let balance = settings.balanced ? total / (Double(names.count) * weights[Int(label)]) : 1
            return Float(settings.cost * Double(example.weight) * balance)
        }
        keepsAll = zip(known, labels).map { $0.weight >= 2 || rows[Int($1)] < settings.features.smallClass }
        others = (examples.filter { $0.intent == outOfScopeIntent } + validation).map { example in
            (example.text, example.intent == outOfScopeIntent ? -1 : number[example.intent] ?? -2)
        }
        texts = known.map(\.text)
        self.labels = labels
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

extension TrainingProblem {
    /// The final weights, and the scores of all rows by fits that did not see them.
    struct Fits: Sendable {
        var final: [Lanes]?
        var heldOut: HeldOut
    }

    private enum Piece: Sendable {
        case final([Lanes])
        case fold(Int, HeldOut)
        case none
    }

    /// The final fit and those without one fold each, `threads` at a time. Each is sequential and they share nothing,
    /// so the number of threads cannot show in the result.
    func fits(on corpus: Corpus, threads: Int, meter: ProgressMeter) async -> Fits {
        let folds = Folds.assign(
            texts: texts,
            labels: labels,
            classes: intents.count,
            folds: settings.folds,
            settings: settings.features.text,
            seed: settings.seed
        )
        var held = [HeldOut](repeating: HeldOut(), count: settings.folds)
        var final: [Lanes]?
        await withTaskGroup(of: Piece.self) { group in
            // −1 is the final fit: the longest goes first.
            var next = -1
            func start(_ group: inout TaskGroup<Piece>) {
                guard next < settings.folds, !Task.isCancelled else { return }
                let fold = next
                next += 1
                group.addTask {
                    fold < 0
                        ? await fitAll(corpus, meter: meter) : await fit(without: fold, of: folds, corpus, meter: meter)
                }
            }
            for _ in 0..<threads { start(&group) }
            for await piece in group {
                switch piece {
                case .final(let weights): final = weights
                case .fold(let fold, let rows): held[fold] = rows
                case .none: break
                }
                start(&group)
            }
        }
        var all = HeldOut()
        for fold in held { all.append(fold) }
        return Fits(final: final, heldOut: all)
    }

    private func fitAll(_ corpus: Corpus, meter: ProgressMeter) async -> Piece {
        var solver = DualSolver(
            corpus: corpus,
            rows: Array(0..<corpus.rows),
            labels: labels,
            costs: costs,
            classes: intents.count,
            bias: Float(settings.bias),
            seed: settings.seed
        )
        var rule = StoppingRule(target: settings.gap, maximumEpochs: settings.maximumEpochs)
        while !rule.isMet {
            if Task.isCancelled { return .none }
            solver.epoch()
            rule.count { solver.relativeGap() }
            await meter.fit(rule)
        }
        return .final(solver.weightArray())
    }

    private func fit(without fold: Int, of folds: [Int8], _ corpus: Corpus, meter: ProgressMeter) async -> Piece {
        let rows = (0..<corpus.rows).filter { folds[$0] != Int8(fold) }
        guard rows.count < corpus.rows else {
            await meter.fold()
            return .none
        }
        var solver = DualSolver(
            corpus: corpus,
            rows: rows,
            labels: labels,
            costs: costs,
            classes: intents.count,
            bias: Float(settings.bias),
            seed: settings.seed &+ UInt64(fold) &+ 1
        )
        var rule = StoppingRule(target: settings.foldGap, maximumEpochs: settings.foldEpochs)
        while !rule.isMet {
            if Task.isCancelled { return .none }
            solver.epoch()
            rule.count { solver.relativeGap() }
        }
        await meter.fold()
        return .fold(
            fold,
            corpus.holdOut(
                fold: Int8(fold),
                folds: folds,
                labels: labels,
                weights: solver.weights,
                classes: intents.count,
                bias: Float(settings.bias),
                minimumRows: Int32(settings.features.minimumRows ?? 2)
            )
        )
    }

    /// Calibrates the final weights on the held-out rows and on the rows kept for that alone.
    func model(corpus: Corpus, final: [Lanes], heldOut: HeldOut) -> Model {
        let classes = intents.count
        let chunks = (classes + 7) / 8
        let scale = Float(settings.bias)
        let none = Calibration(
            temperature: 1,
            knownWords: 0,
            knownCharacters: 0,
            outOfScopeCut: 0,
            threshold: .unproven(rowsNeeded: 0)
        )
        func model(_ calibration: Calibration) -> Model {
            Model(
                intents: intents,
                settings: settings,
                space: corpus.space,
                weights: Array(final[..<(corpus.space.count * chunks)]),
                bias: final[(corpus.space.count * chunks)...].map { $0 * scale },
                calibration: calibration
            )
        }
        let raw = model(none)
        var heldOut = heldOut
        var workspace = Workspace()
        for (text, label) in others {
            raw.tokenizer.tokenize(text, into: &workspace.tokens)
            raw.score(&workspace)
            heldOut.append(label: label, known: workspace.vector.knownShare, scores: workspace.scores, classes: classes)
        }
        return model(Calibrator(heldOut: heldOut, classes: classes, settings: settings).fit())
    }
}
