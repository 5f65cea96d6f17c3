import Text

// One fit on all rows gives the weights, and one fit without each fold gives scores of rows that it did not see, which is
// what calibration needs: scores of rows that were trained on are far too sure.

extension TrainingProblem {
    /// The final weights, and the scores of all rows by fits that did not see them.
    struct Fits: Sendable {
        var final: [Float8]?
        var heldOut: HeldOut
    }

    /// The memory, in bytes, that the class distributions of all fits that run at the same time may use.
    private static let bytesAtOnce = 512 << 20

    private enum Piece: Sendable {
        case final([Float8])
        case fold(Int, HeldOut)
        case none
    }

    /// Makes the final fit and those without one fold each, `threads` at a time. Each is sequential and they share
    /// nothing, so that the result cannot depend on the number of threads.
    ///
    /// Fewer fits run at the same time if their distributions would use more than `bytesAtOnce`.
    func fits(on corpus: Corpus, threads: Int, meter: ProgressMeter) async -> Fits {
        let bytes = max(1, corpus.rows * ((intents.count + 7) / 8) * MemoryLayout<Float8>.stride)
        let threads = min(threads, max(1, Self.bytesAtOnce / bytes))
        let folds = folds.assign(labels: labels, classes: intents.count, folds: settings.folds, seed: settings.seed)
        let chunks = (intents.count + 7) / 8
        // Folds join those before them as soon as they are there: a second copy of all scores is more than a million rows
        // can have.
        var waiting = [HeldOut?](repeating: nil, count: settings.folds)
        var joined = 0
        var all = HeldOut()
        all.rows.reserveCapacity(corpus.rows + others.count)
        all.scores.reserveCapacity((corpus.rows + others.count) * chunks)
        var final: [Float8]?
        await withTaskGroup(of: Piece.self) { group in
            // −1 is the final fit, which takes longest and so begins first.
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
                case .fold(let fold, let rows):
                    waiting[fold] = rows
                    while joined < waiting.count, let next = waiting[joined] {
                        all.append(next)
                        waiting[joined] = nil
                        joined += 1
                    }
                case .none: break
                }
                start(&group)
            }
        }
        return Fits(final: final, heldOut: all)
    }

    private func solver(_ corpus: Corpus, rows: [Int], seed: UInt64) -> DualSolver {
        DualSolver(
            corpus: corpus,
            rows: rows,
            labels: labels,
            costs: costs,
            classes: intents.count,
            bias: Float(settings.bias),
            seed: seed
        )
    }

    private func fitAll(_ corpus: Corpus, meter: ProgressMeter) async -> Piece {
        var solver = solver(corpus, rows: Array(0..<corpus.rows), seed: settings.seed)
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
            return .fold(fold, HeldOut())
        }
        var solver = solver(corpus, rows: rows, seed: settings.seed &+ UInt64(fold) &+ 1)
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
                groups: self.folds.leaders,
                labels: labels,
                weights: solver.weights,
                classes: intents.count,
                bias: Float(settings.bias),
                minimumRows: Int32(settings.features.minimumRows ?? 2)
            )
        )
    }

    /// Makes the model: calibrates the final weights on the held-out rows and on those that only calibrate, which join them.
    func model(space: FeatureSpace, scarce: FeatureBits, final: [Float8], heldOut: inout HeldOut) -> Model {
        let classes = intents.count
        let chunks = (classes + 7) / 8
        let scale = Float(settings.bias)
        func model(_ calibration: Calibration) -> Model {
            Model(
                intents: intents,
                groups: groups,
                withheld: withheld,
                settings: settings,
                space: space,
                scarce: scarce,
                weights: Array(final[..<(space.count * chunks)]),
                bias: final[(space.count * chunks)...].map { $0 * scale },
                calibration: calibration
            )
        }
        let raw = model(Calibration())
        var workspace = Workspace()
        for (text, label, group) in others {
            raw.tokenizer.tokenize(text, into: &workspace.tokens)
            raw.score(&workspace)
            heldOut.append(
                group: Int32(group),
                label: label,
                known: workspace.vector.knownShare,
                scores: workspace.scores,
                classes: classes
            )
        }
        return model(Calibrator(heldOut: heldOut, groups: groups, withheld: withheld, settings: settings).fit())
    }
}
